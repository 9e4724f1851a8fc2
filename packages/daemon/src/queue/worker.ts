/**
 * The worker: takes a job from the queue, claims it in PostgreSQL, runs it, and decides what a failure means.
 *
 * A delivered job may be finished, cancelled, or already taken by another worker: the claim finds out. A run
 * that is superseded just stops. After a temporary failure the job is delivered again, after a growing pause;
 * a reason in the file itself, or too many failures in a row without any progress, mark the job as failed.
 */
import { type Job, progressOf, type TableName } from '@csvjobs/shared';
import { failpoint } from '../failpoint.js';
import { asFailure, Failure } from '../failure.js';
import { Superseded } from '../pipeline/lane.js';
import { type RunDependencies, run } from '../pipeline/run.js';
import { endEarlierAttempts } from '../sql/attempts.js';
import { type ClaimedJob, claimJob } from '../sql/claimJob.js';
import { failJob, noteFailure } from '../sql/jobProgress.js';
import type { Pool } from '../sql/pool.js';
import { levelOf, WORKER_LEVEL } from '../sql/workerLevel.js';
import type { Ownership } from './ownership.js';
import { DeliverAgain } from './queue.js';

/** The pause before another try: 1 s, doubled each time, at most this long. */
const LONGEST_PAUSE_MS = 30_000;

/**
 * The pause if PostgreSQL is unreachable, for the claim or to record a failure: it does not count as an
 * attempt.
 */
const UNREACHED_PAUSE_MS = 1_000;

/** The pause before redelivery of a job that needs a newer worker: time for such a worker to take it. */
const LEFT_PAUSE_MS = 3_000;

export interface WorkerLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface WorkerDependencies extends RunDependencies {
  pool: Pool;
  /** Number of failures in a row, without progress, after which a job is marked as failed. */
  retryLimit: number;
  /**
   * Why loading into a table is not allowed (undefined stands for the table of customers); undefined if it is
   * allowed.
   */
  refusal: (table: TableName | undefined) => string | undefined;
  /** The level of this worker (sql/workerLevel.ts); WORKER_LEVEL by default. */
  level?: number;
  /** Reports when an attempt no longer owns its job. */
  ownership: Ownership;
  log: WorkerLog;
}

/** Works on a job that a queue has delivered; `small` says which queue, undefined stands for either. */
export type WorkOn = (jobId: string, small?: boolean) => Promise<void>;

/** The handler for the jobs of the queues. Aborting `drain` stops a run after its current batch. */
export function createWorker(deps: WorkerDependencies, drain: AbortSignal): WorkOn {
  const running = new Map<string, Promise<void>>();
  /** Logged once until PostgreSQL answers again: the retries follow every second. */
  let unreachedIsLogged = false;
  /** Logged once: a job of another database may be delivered again and again. */
  let foreignIsLogged = false;
  const { level = WORKER_LEVEL } = deps;
  /** The levels of the jobs that this worker has left to others. It logs each level once. */
  const left = new Set<number>();

  return function work(jobId, small) {
    // Delivered again while it is being worked on here (Redis lost its lock, or everything): one run is
    // enough.
    const already = running.get(jobId);
    if (already) return already;
    const done = attemptAt(jobId, small).finally(() => running.delete(jobId));
    running.set(jobId, done);
    return done;
  };

  async function attemptAt(jobId: string, small: boolean | undefined): Promise<void> {
    const claimed = await claim(jobId, small);
    if (!claimed) return;
    const { attempt } = claimed.job;
    const about = { jobId, attempt };
    deps.log.info({ ...about, from: claimed.checkpoint }, attempt > 1 ? 'job resumed' : 'job started');
    const hold = deps.ownership.watch(jobId, attempt);
    try {
      assertAllowed(claimed);
      const end = await run(claimed, deps, drain, hold);
      await failpoint('before-ack');
      if (end === 'drained') {
        deps.log.info(about, 'job requeued: this daemon is stopping');
        throw new DeliverAgain(0);
      }
      if (end === 'completed') deps.log.info(about, 'job completed');
    } catch (error) {
      if (error instanceof DeliverAgain) throw error;
      // A job that was cancelled and retried since is queued again after this (enqueueJob).
      if (error instanceof Superseded) return deps.log.info(about, error.message);
      await settle(jobId, attempt, await deps.storage.explain(asFailure(error)));
    } finally {
      hold.end();
    }
  }

  /** The set of allowed tables may have changed since the upload. @throws {Failure} `table_not_allowed` */
  function assertAllowed({ into }: ClaimedJob): void {
    const refusal = deps.refusal(into?.target?.table);
    if (refusal === undefined) return;
    throw new Failure('table_not_allowed', `${refusal}, and then retry the job; this attempt loaded nothing`);
  }

  async function claim(jobId: string, small: boolean | undefined): Promise<ClaimedJob | null> {
    try {
      const known = await levelOf(deps.pool, jobId);
      if (known === undefined) skipUnknown(jobId);
      const needed = known ?? level;
      // Before anything else: another worker may still be running it.
      if (needed > level) leave(jobId, needed);
      await endEarlierAttempts(deps.pool, jobId);
      const claimed = await claimJob(deps.pool, jobId, small, level);
      unreachedIsLogged = false;
      return claimed;
    } catch (error) {
      if (error instanceof DeliverAgain) throw error;
      const failure = asFailure(error);
      const fields = { jobId, code: failure.code, err: failure, pause: UNREACHED_PAUSE_MS };
      if (!unreachedIsLogged) deps.log.warn(fields, 'cannot claim a job; it will be retried');
      unreachedIsLogged = true;
      throw new DeliverAgain(UNREACHED_PAUSE_MS);
    }
  }

  /** Daemons of two databases with one queue take each other's jobs, which then wait until they are found lost. */
  function skipUnknown(jobId: string): void {
    if (!foreignIsLogged)
      deps.log.warn(
        { jobId },
        'the queue has a job that this database lacks: it was deleted, or daemons of another database or DB_SCHEMA use the same Redis and QUEUE_PREFIX; give each its own',
      );
    foreignIsLogged = true;
  }

  /**
   * Leaves a job to workers of a newer version, because this one might overlook a requirement. @throws
   * {DeliverAgain}
   */
  function leave(jobId: string, needed: number): never {
    if (!left.has(needed))
      deps.log.warn(
        { jobId, needed, level },
        'leaving the job to newer workers: it may need features that this one lacks. Upgrade this worker',
      );
    left.add(needed);
    throw new DeliverAgain(LEFT_PAUSE_MS);
  }

  async function settle(jobId: string, attempt: number, failure: Failure): Promise<void> {
    try {
      await decide(jobId, attempt, failure);
    } catch (error) {
      if (error instanceof DeliverAgain) throw error;
      // PostgreSQL is unavailable, or the pool's idle connections are as dead as the one that has just
      // failed.
      const unnoted = asFailure(error).message;
      const fields = { jobId, attempt, code: failure.code, err: failure, unnoted, pause: UNREACHED_PAUSE_MS };
      deps.log.warn(fields, 'job failed and will be tried again');
      throw new DeliverAgain(UNREACHED_PAUSE_MS);
    }
  }

  async function decide(jobId: string, attempt: number, failure: Failure): Promise<void> {
    const fields = { jobId, attempt, code: failure.code, err: failure };
    if (failure.retryable) {
      const failures = await noteFailure(deps.pool, jobId, attempt, failure);
      if (failures === null) return inOtherHands(fields);
      if (failures <= deps.retryLimit) {
        const pause = Math.min(LONGEST_PAUSE_MS, 1_000 * 2 ** Math.min(failures - 1, 5));
        deps.log.warn({ ...fields, failures, pause }, 'job failed and will be tried again');
        throw new DeliverAgain(pause);
      }
    }
    const job = await failJob(deps.pool, jobId, attempt, failure);
    if (!job) return inOtherHands(fields);
    deps.log.error({ ...fields, err: asStored(failure, job) }, 'job failed');
    deps.publish(progressOf(job));
    deps.observer?.ended(job, {});
  }

  /** The attempt that failed no longer matters: another daemon took over, or the job was cancelled. */
  function inOtherHands(fields: object): void {
    deps.log.info(fields, 'an attempt failed, but another attempt has taken over the job');
  }
}

/** The failure with the message that the job has: which of two is true depends on whether it has loaded rows. */
function asStored(failure: Failure, { failure: stored }: Job): Failure {
  const { code, message, cause } = failure;
  return stored === null || stored.message === message
    ? failure
    : new Failure(code, stored.message, { cause });
}
