/** Writes what a CI system reads: annotations, step summary, JUnit. None of it changes the exit code. */
import { appendFile } from 'node:fs/promises';
import { runner } from '../config.js';
import type { Context } from '../context.js';
import type { DaemonClient } from '../daemonClient.js';
import { digest } from '../digest.js';
import { saveReport } from '../report.js';
import { asUserError } from '../userError.js';
import type { Outcome } from './outcome.js';

export interface CiOptions {
  /** Undefined: on by itself under GITHUB_ACTIONS. */
  annotate: 'github' | 'none' | undefined;
  /** Path of a JUnit report. */
  junit: string | undefined;
}

/** Whether a call has anything for CI to write. */
function wanted({ annotate, junit }: CiOptions) {
  const { githubActions, stepSummary } = runner();
  return { github: annotate === 'github' || (annotate === undefined && githubActions), stepSummary, junit };
}

/** Fetches the reports of jobs with rejects and writes what is asked for. A report that cannot be had is left out. */
export async function publish(
  context: Context,
  client: DaemonClient,
  outcomes: readonly Omit<Outcome, 'digest'>[],
  options: CiOptions,
): Promise<void> {
  const { github, stepSummary, junit } = wanted(options);
  if (!github && stepSummary === undefined && junit === undefined) return;
  const told: Outcome[] = [];
  for (const outcome of outcomes) told.push({ ...outcome, digest: await digestOf(context, client, outcome) });
  if (github) {
    const { githubAnnotations } = await import('./annotate.js');
    for (const outcome of told) for await (const line of githubAnnotations(outcome)) context.err.line(line);
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

async function digestOf(context: Context, client: DaemonClient, { job }: Omit<Outcome, 'digest'>) {
  if (!job || job.failedCount === 0) return undefined;
  let found: Outcome['digest'];
  await attempt(context, async () => {
    found = await digest(await client.report(job.id));
  });
  return found;
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
