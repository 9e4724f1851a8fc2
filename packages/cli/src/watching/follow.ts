/** Watches one job until it finishes and reports to a renderer. */
import type { Job } from '@csvjobs/shared';
import { isFinal } from '@csvjobs/shared/rules';
import type { DaemonClient } from '../client/daemonClient.js';
import type { Context } from '../context.js';
import { EXIT, type ExitCode } from '../exitCodes.js';
import { exitCodeOf, type Gate } from '../outcome.js';
import { anySignal } from '../signals.js';
import type { Renderer } from '../ui/viewEvent.js';
import { UserError } from '../userError.js';
import { looksAt } from './looks.js';

/** How long a job may be watched: until its signal aborts. */
export interface Limit {
  signal: AbortSignal;
  /** Whether that was because the time is up. */
  timedOut(): boolean;
}

/** How long the last look at a job may take when the time is up, in milliseconds: the daemon may hang. */
const LAST_LOOK_MS = 2_000;

export interface FollowOptions {
  gate: Gate | undefined;
  limit: Limit;
  /** Whether to stop at a held job, because no one here can answer. */
  endsHeld: boolean;
}

/**
 * Follows a job until it finishes, or until it is held if `endsHeld`. Returns the job from the last GET, with its exit
 * code.
 * @throws what `jobEvents` throws; UserError (exit 8) if the time is up and the job has not ended
 */
export async function follow(
  context: Context,
  client: DaemonClient,
  lane: number,
  jobId: string,
  view: Renderer,
  options: FollowOptions,
): Promise<{ job: Job; exitCode: ExitCode }> {
  const done = (job: Job) => {
    const exitCode = exitCodeOf(job, options.gate);
    view.handle({ type: 'done', lane, job, exitCode });
    return { job, exitCode };
  };
  try {
    return done(await lastState(context, client, lane, jobId, view, options));
  } catch (error) {
    if (!options.limit.timedOut()) throw error;
    // It may have ended although no event has said so.
    const signal = anySignal([context.signal, AbortSignal.timeout(LAST_LOOK_MS)]);
    const job = await client.job(jobId, signal).catch(() => undefined);
    if (job && isFinal(job.status)) return done(job);
    throw unfinished(jobId, '--timeout has expired');
  }
}

/** Returns the job when it has finished or is held. */
async function lastState(
  context: Context,
  client: DaemonClient,
  lane: number,
  jobId: string,
  view: Renderer,
  { limit: { signal }, endsHeld }: FollowOptions,
): Promise<Job> {
  const { jobEvents } = await import('../client/jobEvents.js');
  const { progress } = context;
  const looks =
    progress === 'tty' || progress === 'plain'
      ? looksAt(
          () => client.job(jobId, signal),
          (job) => view.handle({ type: 'job', lane, job }),
        )
      : undefined;
  try {
    for await (const event of jobEvents(client, jobId, {
      signal,
      patience: context.settings.reconnect.value,
    })) {
      if (event.type === 'done') return event.job;
      if (event.type === 'progress') {
        view.handle({ ...event, lane });
        if (event.progress.status === 'held') {
          looks?.rejected(0);
          // The stream lacks the details of a held job; if the daemon is away, the next event asks again.
          const job = await client.job(jobId, signal).catch(() => undefined);
          if (job?.status !== 'held') continue;
          if (endsHeld && job.held?.answer === undefined) return job;
          view.handle({ type: 'job', lane, job });
          continue;
        }
        // Plain lines show the reasons at the end, but the notices are worth a poll as soon as the file has been read.
        const { status, failedCount } = event.progress;
        if (status === 'processing') looks?.rejected(progress === 'tty' ? failedCount : 0);
        else if (status === 'pending') looks?.waiting();
      } else view.handle({ ...event, lane, jobId });
    }
  } finally {
    looks?.close();
  }
  throw unfinished(jobId, 'the events ended');
}

/** Exit 8: the job was not seen to its end. */
function unfinished(jobId: string, why: string): UserError {
  return new UserError({
    code: 'not_finished',
    exitCode: EXIT.unfinished,
    what: `Job ${jobId} is not finished`,
    why,
    next: `csvjobs watch ${jobId}`,
  });
}

/** A signal that aborts with the call's, or when `timeout` (milliseconds) is over. */
export function withTimeout(signal: AbortSignal, timeout: number | undefined): Limit & { clear(): void } {
  if (timeout === undefined) return { signal, timedOut: () => false, clear: () => {} };
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), timeout);
  return {
    signal: anySignal([signal, controller.signal]),
    timedOut: () => controller.signal.aborted && !signal.aborted,
    clear: () => clearTimeout(timer),
  };
}
