/**
 * `csvjobs fix`: opens the rejected records of a job in an editor, then uploads the saved file as a fix of that job.
 */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Job } from '@csvjobs/shared';
import { isFinal, loadsNothing } from '@csvjobs/shared/rules';
import { canAsk } from '../ask.js';
import type { CiOptions } from '../ci/publish.js';
import type { Context } from '../context.js';
import { EXIT, type ExitCode } from '../exitCodes.js';
import { resolveId } from '../jobId.js';
import type { Gate } from '../outcome.js';
import { nextStep } from '../report/nextStep.js';
import { fixedName } from '../report/reportName.js';
import { retryHint } from '../report/retryHint.js';
import { saveReport } from '../report/saveReport.js';
import { loadCommand } from '../text/nothingLoaded.js';
import { clean, fileArgument, plural } from '../text/text.js';
import { usageError } from '../userError.js';
import { edit } from './editor.js';
import { uploadFiles } from './upload.js';

export interface FixOptions {
  /** Where to save the records for a spreadsheet, instead of opening an editor. */
  output: string | undefined;
  gate: Gate | undefined;
  /** Milliseconds. */
  timeout: number | undefined;
  ci: CiOptions;
}

export async function fix(context: Context, id: string, options: FixOptions): Promise<ExitCode> {
  const client = await context.client();
  const jobId = await resolveId(client, id);
  const job = await client.job(jobId);
  assertLoaded(job, canAsk(context));
  if (options.output !== undefined) return saveForSpreadsheet(context, jobId, options.output);
  if (!context.stdin.isTTY || !context.out.tty)
    throw usageError(
      'There is no terminal for an editor',
      'an editor for the rejected rows needs one',
      `csvjobs fix ${jobId.slice(0, 8)} -o fixes.csv`,
    );
  const records = await client.originals(jobId);
  const folder = await mkdtemp(join(tmpdir(), 'csvjobs-fix-'));
  const file = join(folder, fixedName(job.filename, job.source?.delimiter));
  let keep = false;
  try {
    await pipeline(records, createWriteStream(file, { flags: 'wx', mode: 0o600 }), {
      signal: context.signal,
    });
    const before = await digestOf(file);
    const changed = async () => (await digestOf(file)) !== before;
    try {
      await edit(file, `csvjobs fix ${jobId.slice(0, 8)} -o fixes.csv`);
    } catch (error) {
      keep = await changed();
      if (keep) sayKept(context, file, jobId);
      throw error;
    }
    if (!(await changed())) return sayNothing(context, 'The file was not changed');
    if (await isEmptied(file)) return sayNothing(context, 'The file has no records');
    keep = true;
    const { exitCode, uploaded } = await uploadFixed(context, file, job, options);
    keep = !uploaded;
    if (keep) sayKept(context, file, jobId);
    return exitCode;
  } finally {
    if (!keep) await rm(folder, { recursive: true, force: true });
  }
}

/** Throws if a job has not ended, or if no row of it is loaded: its fixed rows alone would not be the file. */
function assertLoaded(job: Job, asks: boolean): void {
  if (!isFinal(job.status))
    throw usageError(
      `Job ${job.id.slice(0, 8)} is ${job.status}, so its rejected rows cannot be fixed yet`,
      'fixed rows are added to the rows that the job has loaded',
      nextStep(job, 'fix', asks),
    );
  if (!loadsNothing(job)) return;
  throw usageError(
    `Nothing of job ${job.id.slice(0, 8)} is loaded, so its rejected rows cannot be fixed on their own`,
    'fixed rows are added to the good rows of their job',
    loadCommand(job, asks) ??
      retryHint(job, { asks })?.command ??
      'correct the whole file and upload it again',
  );
}

/** `uploaded`: the daemon has the file and its job has not failed. */
async function uploadFixed(
  context: Context,
  file: string,
  parent: Job,
  { gate, timeout, ci }: FixOptions,
): Promise<{ exitCode: ExitCode; uploaded: boolean }> {
  const nothing = { name: undefined, into: undefined, spec: undefined, like: undefined };
  const { exitCode, results } = await uploadFiles(context, [file], {
    ...nothing,
    readAs: {},
    specFlags: {},
    // Unchanged records make a file that the daemon already knows.
    once: false,
    again: true,
    watch: true,
    fixes: parent.id,
    gate,
    timeout,
    ci,
  });
  const [result] = results;
  const job = result?.job;
  // The live view has already shown it.
  if (job && job.failedCount > 0 && !context.quiet && context.progress !== 'tty')
    context.err.hint(`${plural(job.failedCount, 'row')} left to fix: csvjobs fix ${job.id.slice(0, 8)}`);
  const uploaded =
    result?.jobId !== undefined && !['failed', 'cancelled', 'undone'].includes(job?.status ?? '');
  return { exitCode, uploaded };
}

async function saveForSpreadsheet(context: Context, jobId: string, output: string): Promise<ExitCode> {
  const client = await context.client();
  await saveReport(await client.originals(jobId, { excel: true }), output, context.signal);
  if (!context.quiet) context.err.line(`saved ${clean(output)}; when it is fixed:`);
  context.out.hint(uploadCommand(output, jobId));
  return EXIT.done;
}

function sayNothing({ err }: Context, why: string): ExitCode {
  err.line(`${why}: nothing is uploaded.`);
  return EXIT.done;
}

function sayKept({ err }: Context, file: string, jobId: string): void {
  err.line(`The edited file is kept: ${clean(file)}`);
  err.hint(`Upload it again: ${uploadCommand(file, jobId)}`);
}

function uploadCommand(file: string, jobId: string): string {
  return `csvjobs upload ${fileArgument(file)} --fixes ${jobId.slice(0, 8)} --watch`;
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

/** Whether a file is empty or has only a header. */
async function isEmptied(file: string): Promise<boolean> {
  const lines = (await readFile(file, 'latin1')).split(/\r\n|\r|\n/);
  return lines.filter((line) => line.trim() !== '').length < 2;
}
