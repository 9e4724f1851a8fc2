/** `csvjobs watch`: follows jobs until they finish. A finished job gives the same exit code as watching it live. */
import type { Job } from '@csvjobs/shared';
import { assertCanPublish, type CiOptions, publish, reported } from '../ci/publish.js';
import type { DaemonClient } from '../client/daemonClient.js';
import type { Context } from '../context.js';
import { EXIT, type ExitCode, worst } from '../exitCodes.js';
import { resolveId } from '../jobId.js';
import type { Gate } from '../outcome.js';
import { printError } from '../printError.js';
import { anySignal } from '../signals.js';
import type { Renderer } from '../ui/viewEvent.js';
import { asUserError, Interrupted, type UserError } from '../userError.js';
import { comeBack } from '../watching/comeBack.js';
import { follow, type Limit, withTimeout } from '../watching/follow.js';
import { watchRenderer } from '../watching/renderers.js';
import { viewActions } from '../watching/viewActions.js';
import { sayWhyGate, tellNotices } from './uploadResult.js';

export interface WatchOptions {
  gate: Gate | undefined;
  /** Milliseconds. */
  timeout: number | undefined;
  ci: CiOptions;
}

interface Ended {
  exitCode: ExitCode;
  job: Job | undefined;
  error: UserError | undefined;
}

const notSeen: Ended = { exitCode: EXIT.unfinished, job: undefined, error: undefined };

export async function watch(
  context: Context,
  ids: readonly string[],
  options: WatchOptions,
): Promise<ExitCode> {
  await assertCanPublish(options.ci);
  context.watching();
  const client = await context.client();
  // One GET each before drawing anything, so that a wrong ID is reported at once.
  const jobs = [];
  for (const id of ids) jobs.push(await client.job(await resolveId(client, id)));

  const leave = new AbortController();
  const limit = withTimeout(anySignal([context.signal, leave.signal]), options.timeout);
  const view = await watchRenderer(
    context,
    jobs.map(({ filename }) => filename),
    viewActions(context, client, () => leave.abort()),
    { sizes: jobs.map(({ sizeBytes }) => sizeBytes), jobs },
  );
  const ends = jobs.map(() => notSeen);
  try {
    await Promise.all(
      jobs.map(async ({ id }, lane) => {
        ends[lane] = await watchOne(context, client, lane, id, view, limit, options.gate);
      }),
    );
  } finally {
    limit.clear();
    await view.close();
  }
  if (!context.signal.aborted) {
    const outcomes = jobs.map(({ id, filename }, lane) => ({
      work: 'loaded' as const,
      jobId: id,
      digest: undefined,
      path: undefined,
      name: filename,
      ...(ends[lane] ?? notSeen),
    }));
    await publish(context, outcomes, options.ci, reported(client));
  }
  tellNotices(
    context,
    jobs.map(({ id, filename }, lane) => ({ file: filename, jobId: id, notices: ends[lane]?.job?.notices })),
  );
  for (const [lane, { job }] of ends.entries()) sayWhyGate(context, jobs[lane]!.filename, job, options.gate);
  for (const { error } of ends) if (error) printError(context, error);
  if (limit.signal.aborted && !limit.timedOut() && !context.json) {
    const open = jobs
      .filter((_, lane) => (ends[lane] ?? notSeen).exitCode === EXIT.unfinished)
      .map(({ id }) => id);
    if (open.length > 0) context.err.hint(comeBack(open, context.err));
  }
  const { reason } = context.signal as { reason?: unknown };
  return reason instanceof Interrupted ? reason.exitCode : worst(ends.map(({ exitCode }) => exitCode));
}

async function watchOne(
  context: Context,
  client: DaemonClient,
  lane: number,
  id: string,
  view: Renderer,
  limit: Limit,
  gate: Gate | undefined,
): Promise<Ended> {
  try {
    const { job, exitCode } = await follow(context, client, lane, id, view, {
      gate,
      limit,
      endsHeld: false,
    });
    return { exitCode, job, error: undefined };
  } catch (thrown) {
    if (limit.signal.aborted && !limit.timedOut()) return notSeen;
    const error = asUserError(thrown);
    view.handle({ type: 'error', lane, jobId: id, error });
    return { exitCode: error.exitCode, job: undefined, error };
  }
}
