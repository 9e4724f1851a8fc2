/** `csvjobs check`: what an upload would reject, by the daemon's own rules; no daemon runs for it. */
import { once } from 'node:events';
import { basename } from 'node:path';
import { type ProblemCode, problem, type Rejection, type Source } from '@csvjobs/shared';
import type { Outcome } from '../ci/outcome.js';
import { type CiOptions, publish } from '../ci/publish.js';
import type { ReadAs } from '../client/daemonClient.js';
import { problemError } from '../client/daemonError.js';
import { spooled } from '../client/spool.js';
import { fileSource } from '../client/uploadBody.js';
import type { Context } from '../context.js';
import { EXIT, type ExitCode, worst } from '../exitCodes.js';
import { checkEvents } from '../localDaemon/checkProgram.js';
import { exitCodeOf, type Gate } from '../outcome.js';
import { printError } from '../printError.js';
import { type Digest, digester } from '../report/digest.js';
import { clean, count, plural, toJson } from '../text/text.js';
import { asUserError, UserError, usageError } from '../userError.js';
import { summaryLines } from './errorSummary.js';

export interface CheckOptions extends ReadAs {
  /** Counts by reason instead of the rows. */
  summary: boolean;
  gate: Gate | undefined;
  ci: CiOptions;
}

interface Checked {
  totalRows: number;
  successCount: number;
  failedCount: number;
  source: Source;
  notices: string[];
  digest: Digest;
}

/** On a terminal so many rejected rows are printed; in a pipe all. */
const SHOWN_ON_TERMINAL = 20;

/** Checks each file; the exit code is that of uploading and watching them, the worst counts. */
export async function check(
  context: Context,
  files: readonly string[],
  options: CheckOptions,
): Promise<ExitCode> {
  if (files.filter((file) => file === '-').length > 1)
    throw usageError('"-" (stdin) is given more than once', 'stdin can be read only once');
  const outcomes: Outcome[] = [];
  for (const file of files) {
    const outcome = await checkOne(context, file, options, files.length > 1);
    outcomes.push(outcome);
    if (outcome.error?.code === 'daemon_not_installed') break;
  }
  if (!context.json && !context.quiet && outcomes.some(({ job }) => job))
    context.err.line(context.err.paint.dim('E-mails that are in the table already were not looked at.'));
  await publish(context, outcomes, options.ci, async ({ digest }) => digest);
  return worst(outcomes.map(({ exitCode }) => exitCode));
}

async function checkOne(
  context: Context,
  file: string,
  options: CheckOptions,
  several: boolean,
): Promise<Outcome> {
  const name = file === '-' ? 'stdin' : basename(file);
  const outcome: Outcome = {
    path: file,
    name,
    work: 'checked',
    jobId: undefined,
    job: undefined,
    digest: undefined,
    error: undefined,
    exitCode: EXIT.done,
  };
  try {
    const checked = await read(context, file, options);
    const { successCount, failedCount, totalRows, source, notices, digest } = checked;
    const times = { startedAt: null, completedAt: null, failure: null };
    const result = { status: 'completed', processedRows: totalRows, successCount, failedCount } as const;
    outcome.job = { ...result, ...times, source };
    outcome.digest = digest;
    outcome.exitCode = exitCodeOf(outcome.job, options.gate);
    const { exitCode } = outcome;
    if (context.json)
      context.out.line(
        toJson({ type: 'checked', file, totalRows, successCount, failedCount, source, notices, exitCode }),
      );
    else await conclude(context, file, checked, options);
  } catch (thrown) {
    if (context.signal.aborted) throw context.signal.reason;
    const error = asUserError(thrown);
    Object.assign(outcome, { error, exitCode: error.exitCode });
    if (context.json) context.out.line(toJson({ type: 'error', file, ...error.toJSON() }));
    else printError(context, error, several ? clean(file) : undefined);
  }
  return outcome;
}

/** Reads what the program tells of a file, and prints the rejected rows as they come. */
async function read(context: Context, file: string, options: CheckOptions): Promise<Checked> {
  const { json, quiet, stdin, signal } = context;
  const { path, remove } = file === '-' ? await spooled(stdin, signal) : await named(file);
  const { add, result } = digester();
  let shown = 0;
  let seen: Pick<Checked, 'source' | 'notices'> | undefined;
  try {
    for await (const event of checkEvents(path, options, signal)) {
      if (event.type === 'read') seen = event;
      if (event.type === 'refused') throw problemError(problem(event.code as ProblemCode, event.message));
      if (event.type === 'failed') throw wouldFail(file, event.message, event.code);
      if (event.type === 'rejected') {
        const { type, ...rejection } = event;
        add(rejection);
        if (json) await print(context, toJson({ type, file, ...rejection }));
        else if (!quiet && !options.summary && (!context.out.tty || shown < SHOWN_ON_TERMINAL)) {
          shown += 1;
          await print(context, rejectedLine(context, file, rejection));
        }
      }
      if (event.type === 'checked' && seen) return { ...event, ...seen, digest: result() };
    }
    throw new Error(`the check of ${file} ended without a result`);
  } finally {
    await remove();
  }
}

async function named(path: string) {
  await fileSource(path);
  return { path, remove: async () => {} };
}

/** `customers.csv:17: row 16: company is required`: the form of compilers, which editors make links of. */
function rejectedLine(
  { out: { paint } }: Context,
  file: string,
  { line, rowNumber, message }: Rejection,
): string {
  const place = paint.dim(`${clean(file)}:${line}:`);
  return `${place} row ${rowNumber}: ${paint.yellow(clean(message.replace(/^line \d+: /, '')))}`;
}

/** What is said of a file when all of it was seen. */
async function conclude(
  { out, err, quiet }: Context,
  file: string,
  { totalRows, successCount, failedCount, notices, digest }: Checked,
  { summary }: CheckOptions,
): Promise<void> {
  if (summary && digest.total > 0) for (const line of await summaryLines(digest, out)) out.line(line);
  if (quiet) return;
  if (!summary && out.tty && failedCount > SHOWN_ON_TERMINAL)
    err.line(`… ${count(failedCount - SHOWN_ON_TERMINAL)} more; by reason: --summary, all of them: | less`);
  for (const notice of notices) err.line(`${clean(file)}: ${clean(notice)}`);
  const bad = `${count(failedCount)} would be rejected`;
  err.line(
    `${clean(file)}: ${plural(totalRows, 'row')}, ${count(successCount)} good, ` +
      (failedCount > 0 ? err.paint.yellow(bad) : bad),
  );
}

async function print({ out, signal }: Context, text: string): Promise<void> {
  if (!out.stream.write(`${text}\n`)) await once(out.stream, 'drain', { signal });
}

function wouldFail(file: string, why: string, code: string): UserError {
  return new UserError({
    code,
    exitCode: EXIT.failed,
    what: `${clean(file)} would be taken, but its job would fail`,
    why: clean(why),
    next: 'mend the file and check it again',
  });
}
