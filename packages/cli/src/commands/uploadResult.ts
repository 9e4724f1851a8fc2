/** The results of an upload's files, and what to print about them at the end. */
import { basename } from 'node:path';
import type { EarlierJob, Job } from '@csvjobs/shared';
import type { Context } from '../context.js';
import { EXIT, type ExitCode, worst } from '../exitCodes.js';
import { type Gate, whyGate } from '../outcome.js';
import { printError } from '../printError.js';
import { noticeLines, showCommand } from '../report/notices.js';
import { sameFileNotice } from '../report/sameFile.js';
import { clean, toJson } from '../text/text.js';
import { Interrupted, type UserError } from '../userError.js';
import { comeBack } from '../watching/comeBack.js';

/** One file: its job as accepted and as last seen, or why there is none. */
export interface UploadResult {
  file: string;
  /** The requested table, or undefined if none was given; once the daemon has found it, as the daemon writes it. */
  table: string | undefined;
  jobId: string | undefined;
  /** The job that had the same file before; if this upload loaded nothing, it is the job of `jobId`. */
  earlier: EarlierJob | null | undefined;
  /** Whether it is a dry run. */
  dryRun: boolean;
  /** Whether the user was asked whether to load it and said no. */
  declined: boolean;
  /** Whether the daemon keeps the bytes of an interrupted upload, so that the same command continues it. */
  kept: boolean;
  job: Job | undefined;
  /** Notices on the file; undefined while the daemon has not read it. */
  notices: readonly string[] | undefined;
  error: UserError | undefined;
  exitCode: ExitCode;
}

/** The result of a file that has not been tried yet. */
export function untried(file: string, table?: string, dryRun = false): UploadResult {
  return {
    dryRun,
    file,
    table,
    jobId: undefined,
    earlier: undefined,
    declined: false,
    kept: false,
    job: undefined,
    notices: undefined,
    error: undefined,
    exitCode: EXIT.unfinished,
  };
}

/** Whether the live view and stdout share a terminal: a line between its frames would tear the view. */
export function sharesTerminal({ progress, out }: Context): boolean {
  return progress === 'tty' && out.tty;
}

/** Prints the notices on files, unless a view has left them on the terminal; `--quiet` prints only IDs. */
export function tellNotices(
  { progress, quiet, json, err }: Context,
  results: readonly (Pick<UploadResult, 'file' | 'notices'> & Partial<UploadResult>)[],
  watched = true,
): void {
  const shown = progress === 'tty' ? watched : progress !== 'none';
  if (shown || quiet || json) return;
  for (const { file, jobId = '', earlier, dryRun, notices = [] } of results)
    for (const line of noticeLines(
      [sameFileNotice({ jobId, earlier, dryRun }) ?? [], notices].flat(),
      showCommand(jobId || undefined),
    ))
      err.line(`${clean(file)}: notice: ${line}`);
}

/** Prints why a file ends with exit code 7, if it does and no view or document has said it. */
export function sayWhyGate(
  { err, quiet, json }: Pick<Context, 'err' | 'quiet' | 'json'>,
  file: string,
  job: Parameters<typeof whyGate>[0] | undefined,
  gate: Gate | undefined,
): void {
  const why = job && whyGate(job, gate);
  if (why !== undefined && !quiet && !json) err.line(`${clean(file)}: ${why}`);
}

/** A sentence for each file that became a job, and how to watch them, ending with a command to paste. */
function uploadedLines(results: readonly UploadResult[]): string[] {
  const made = results.flatMap(({ file, jobId, earlier }) =>
    jobId === undefined
      ? []
      : [
          {
            file: file === '-' ? 'stdin' : clean(basename(file)),
            id: jobId.slice(0, 8),
            loaded: earlier?.jobId === jobId,
          },
        ],
  );
  const watch = `csvjobs watch ${made.map(({ id }) => id).join(' ')}`;
  const said = made.map(({ file, id, loaded }) =>
    loaded ? `${file} is already loaded, by job ${id}.` : `Uploaded ${file} as job ${id}.`,
  );
  const [only] = made;
  if (!only) return [];
  if (made.length > 1) return [...said, `Watch them: ${watch}`];
  return only.loaded ? said : [`${said[0]} Watch it: ${watch}`];
}

function namesOf(results: readonly UploadResult[]): string {
  return results.map(({ file }) => (file === '-' ? 'stdin' : clean(file))).join(', ');
}

/** Prints the conclusion after the view has gone; returns the exit code. */
export function conclude(
  context: Context,
  results: readonly UploadResult[],
  { watch, gate }: { watch: boolean; gate: Gate | undefined },
): ExitCode {
  const exitCode = worst(results.map((result) => result.exitCode));
  if (context.json && !watch) {
    const uploads = results.map(({ file, table, jobId, earlier, notices, error }) => ({
      file,
      jobId: jobId ?? null,
      earlier: earlier ?? null,
      table: table ?? null,
      notices: notices ?? null,
      error: error?.document(context.out.typed) ?? null,
    }));
    context.out.line(toJson({ uploads, exitCode }, context.out.tty ? 2 : undefined));
  }
  tellNotices(context, results, watch);
  for (const { file, job } of results) sayWhyGate(context, file, job, gate);
  // Without --watch, the view is gone and has not left the IDs on the terminal.
  if (!context.json && !watch && context.progress === 'tty')
    for (const line of uploadedLines(results)) context.err.hint(line);
  for (const { file, error } of results)
    if (error) printError(context, error, results.length > 1 ? clean(file) : undefined);
  const left = results.filter(({ jobId, error }) => jobId === undefined && error === undefined);
  const [kept, nothing] = [true, false].map((is) => left.filter(({ kept }) => kept === is));
  if (nothing?.length && !context.json)
    context.err.line(`Not uploaded, and nothing left behind: ${namesOf(nothing)}`);
  if (kept?.length && !context.json) {
    context.err.line(`Not uploaded completely: ${namesOf(kept)}`);
    context.err.line('Run the same command again: it continues where it stopped.');
  }
  const open = results.filter(({ job, jobId, error }) => watch && jobId !== undefined && !job && !error);
  if (open.length > 0 && !context.json) {
    const ids = open.flatMap(({ jobId }) => jobId ?? []);
    context.err.hint(comeBack(ids, context.err));
  }
  const { reason } = context.signal as { reason?: unknown };
  return reason instanceof Interrupted ? reason.exitCode : exitCode;
}
