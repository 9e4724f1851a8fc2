/** Writes what a CI system reads: annotations, step summary, JUnit. None of it changes the exit code. */
import { access, appendFile, constants, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { DaemonClient } from '../client/daemonClient.js';
import { runner } from '../config/environment.js';
import type { Context } from '../context.js';
import { EXIT } from '../exitCodes.js';
import { type Digest, digest } from '../report/digest.js';
import { saveReport } from '../report/saveReport.js';
import { clean } from '../text/text.js';
import { asUserError, UserError } from '../userError.js';
import { writeFault } from '../writeFault.js';
import type { Outcome } from './outcome.js';

export interface CiOptions {
  /** Undefined: on by itself under GITHUB_ACTIONS. */
  annotate: 'github' | 'none' | undefined;
  /** Path of a JUnit report. */
  junit: string | undefined;
}

/**
 * Looks before the work begins whether its report can be written: an hour's load must not end without it.
 * @throws UserError (exit 2)
 */
export async function assertCanPublish({ junit }: CiOptions): Promise<void> {
  if (junit === undefined) return;
  try {
    if ((await stat(junit).catch(() => undefined))?.isDirectory())
      throw Object.assign(new Error('it is a folder'), { code: 'EISDIR' });
    await access(dirname(junit), constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new UserError({
      code: 'file_unwritable',
      exitCode: EXIT.usage,
      what: `${clean(junit)} (--junit) cannot be written`,
      why: writeFault(cause as NodeJS.ErrnoException),
      next: 'make the folder, or name another file',
      cause,
    });
  }
}

/** Whether a call has anything for CI to write. */
function wanted({ annotate, junit }: CiOptions) {
  const { githubActions, stepSummary } = runner();
  return { github: annotate === 'github' || (annotate === undefined && githubActions), stepSummary, junit };
}

/** Has each outcome's rejects looked at and writes what is asked for. A report that cannot be had is left out. */
export async function publish(
  context: Context,
  outcomes: readonly Outcome[],
  options: CiOptions,
  digestOf: (outcome: Outcome) => Promise<Digest | undefined>,
): Promise<void> {
  const { github, stepSummary, junit } = wanted(options);
  if (!github && stepSummary === undefined && junit === undefined) return;
  const told: Outcome[] = [];
  for (const outcome of outcomes) {
    const read = { ...outcome };
    await attempt(context, async () => {
      read.digest = await digestOf(outcome);
    });
    told.push(read);
  }
  if (github) {
    const { githubAnnotations } = await import('./annotate.js');
    for (const line of githubAnnotations(told)) context.err.line(line);
  }
  await attempt(context, async () => {
    if (stepSummary === undefined) return;
    const { stepSummary: markdown } = await import('./stepSummary.js');
    await appendFile(stepSummary, markdown(told));
  });
  await attempt(context, async () => {
    if (junit === undefined) return;
    const { junit: xml } = await import('./junit.js');
    const text = xml(told);
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
