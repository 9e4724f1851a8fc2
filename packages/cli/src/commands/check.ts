/** `csvjobs check`: what an upload would reject, by the daemon's own rules; no daemon runs for it. */
import { basename } from 'node:path';
import type { Outcome } from '../ci/outcome.js';
import { type CiOptions, publish } from '../ci/publish.js';
import type { ReadAs } from '../client/daemonClient.js';
import type { Context } from '../context.js';
import { EXIT, type ExitCode, worst } from '../exitCodes.js';
import { exitCodeOf, type Gate } from '../outcome.js';
import { printError } from '../printError.js';
import { noticeLines } from '../report/notices.js';
import { clean, count, plural, toJson } from '../text/text.js';
import { asUserError, usageError } from '../userError.js';
import { type Checked, mostShown, readChecked } from './checkReading.js';
import { summaryLines } from './errorSummary.js';

export interface CheckOptions extends ReadAs {
  /** Counts by reason instead of the rows. */
  summary: boolean;
  /** Every rejected row as a line, however many there are. */
  all: boolean;
  gate: Gate | undefined;
  ci: CiOptions;
}

/** Checks each file; the exit code is that of uploading and watching them, the worst counts. */
export async function check(
  context: Context,
  files: readonly string[],
  options: CheckOptions,
): Promise<ExitCode> {
  if (files.filter((file) => file === '-').length > 1)
    throw usageError('"-" (stdin) is given more than once', 'stdin can be read only once');
  context.watching();
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
    const checked = await readChecked(context, file, options);
    const { successCount, failedCount, totalRows, source, notices, digest } = checked;
    const times = { startedAt: null, completedAt: null, failure: null };
    const result = { status: 'completed', processedRows: totalRows, successCount, failedCount } as const;
    outcome.job = { ...result, ...times, source, notices };
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

/** What is said of a file when all of it was seen. */
async function conclude(
  context: Context,
  file: string,
  { totalRows, successCount, failedCount, notices, digest }: Checked,
  { summary, all }: CheckOptions,
): Promise<void> {
  const { out, err, quiet } = context;
  if (summary && digest.total > 0) for (const line of await summaryLines(digest, out)) out.line(line);
  if (quiet) return;
  const more = failedCount - mostShown(context, all);
  if (!summary && more > 0) err.line(`… ${count(more)} more; by reason: --summary, all of them: --all`);
  for (const line of noticeLines(notices)) err.line(`${clean(file)}: notice: ${line}`);
  const bad = `${count(failedCount)} would be rejected`;
  err.line(
    `${clean(file)}: ${plural(totalRows, 'row')}, ${count(successCount)} good, ` +
      (failedCount > 0 ? err.paint.yellow(bad) : bad),
  );
}
