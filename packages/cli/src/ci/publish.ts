/** Writes annotations, step summary and JUnit for CI systems. Never changes the exit code. */
import { appendFile } from 'node:fs/promises';
import type { DaemonClient } from '../client/daemonClient.js';
import { runner } from '../config/environment.js';
import type { Context } from '../context.js';
import { EXIT } from '../exitCodes.js';
import { type Digest, digest } from '../report/digest.js';
import { saveReport, trySaving } from '../report/saveReport.js';
import { clean } from '../text/text.js';
import { asUserError, UserError } from '../userError.js';
import { writeFault } from '../writeFault.js';
import type { Outcome } from './outcome.js';

export interface CiOptions {
  /** Undefined: on automatically under GITHUB_ACTIONS. */
  annotate: 'github' | 'none' | undefined;
  /** Path of a JUnit report. */
  junit: string | undefined;
}

/**
 * Checks before the work starts that its report can be written: a load of an hour must not finish without it.
 * @throws UserError (exit 2)
 */
export async function assertCanPublish({ junit }: CiOptions): Promise<void> {
  if (junit === undefined) return;
  try {
    await trySaving(junit);
  } catch (error) {
    const cause = error as NodeJS.ErrnoException;
    throw new UserError({
      code: 'file_unwritable',
      exitCode: EXIT.usage,
      what: `${clean(junit)} (--junit) cannot be written`,
      why: writeFault(cause),
      next: cause.code === 'ENOENT' ? 'create the folder, or choose another file' : 'choose another file',
      cause,
    });
  }
}

/** Whether a call has anything for CI to write. */
function wanted({ annotate, junit }: CiOptions) {
  const { githubActions, stepSummary } = runner();
  return { github: annotate === 'github' || (annotate === undefined && githubActions), stepSummary, junit };
}

/** Collects each outcome's rejects and writes the requested reports. Warns about what fails and leaves it out. */
export async function publish(
  context: Context,
  outcomes: readonly Outcome[],
  options: CiOptions,
  digestOf: (outcome: Outcome) => Promise<Digest | undefined>,
): Promise<void> {
  const { github, stepSummary, junit } = wanted(options);
  if (!github && stepSummary === undefined && junit === undefined) return;
  const withDigests: Outcome[] = [];
  for (const outcome of outcomes) {
    const read = { ...outcome };
    await attempt(context, async () => {
      read.digest = await digestOf(outcome);
    });
    withDigests.push(read);
  }
  if (github) {
    const { githubAnnotations } = await import('./annotate.js');
    for (const line of githubAnnotations(withDigests)) context.err.exact(line);
  }
  await attempt(context, async () => {
    if (stepSummary === undefined) return;
    const { stepSummary: markdown } = await import('./stepSummary.js');
    await appendFile(stepSummary, markdown(withDigests));
  });
  await attempt(context, async () => {
    if (junit === undefined) return;
    const { junit: xml } = await import('./junit.js');
    const text = xml(withDigests);
    await saveReport(
      (async function* () {
        yield text;
      })(),
      junit,
      context.signal,
    );
  });
}

/** Fetches the report of a job with rejects. */
export function reported(client: DaemonClient) {
  return async ({ jobId, job }: Outcome) =>
    jobId === undefined || !job?.failedCount ? undefined : digest(await client.rejections(jobId));
}

async function attempt({ err, signal }: Context, action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    if (signal.aborted) return;
    const { message, why } = asUserError(error);
    err.line(`warning: a report for CI is incomplete: ${message}${why === undefined ? '' : `: ${why}`}`);
  }
}
