/**
 * The held jobs of this process: each is a transaction that stays open until its job is accepted or
 * discarded, or its time runs out. Held jobs have left the queue, and take no place of WORKER_CONCURRENCY.
 *
 * Answers are in the job's row, so any daemon may take them. Redis, if available, reports an answer at once,
 * which triggers a query in PostgreSQL; there is another query each second. When this process or its
 * connection ends, the rows are rolled back; then only the job's row must be updated, by this process or, if
 * it is gone, at the next look of any daemon (failUnheld).
 */
import { type Job, type Progress, progressOf } from '@csvjobs/shared';
import { failpoint } from '../failpoint.js';
import { asFailure } from '../failure.js';
import type { Keeper } from '../pipeline/holding.js';
import { observeEnd, type RunObserver } from '../pipeline/observing.js';
import { endAttempt } from '../sql/attempts.js';
import {
  EXPIRED,
  failHeld,
  type HeldFailure,
  type HeldState,
  heldStates,
  LOST,
  STOPPED,
} from '../sql/heldJobs.js';
import type { HeldRows } from '../sql/heldRows.js';
import { findJob } from '../sql/jobs.js';
import type { Pool } from '../sql/pool.js';
import type { WorkerLog } from './worker.js';

export interface HeldJobs extends Keeper {
  /**
   * Rolls back everything that was not accepted, and marks those jobs; commits what was accepted. Takes no
   * more jobs.
   */
  close(): Promise<void>;
}

export interface HeldJobsDependencies {
  pool: Pool;
  timeoutMs: number;
  publish: (progress: Progress) => void;
  /** Calls back with the progress of every job, as far as Redis reports it. */
  onProgress: (listener: (progress: Progress) => void) => void;
  observer?: RunObserver | undefined;
  log: WorkerLog;
}

/** How often to query PostgreSQL for answers while jobs are held here, in ms. */
const LOOK_MS = 1_000;
/**
 * How often a held transaction sends a keep-alive, in ms; PostgreSQL ends one that is silent for 2 minutes.
 */
const ALIVE_MS = 10_000;

interface Held {
  job: Job;
  rows: HeldRows;
  aliveAt: number;
  /** Set while the job is being ended. */
  ending: Promise<void> | undefined;
}

export function createHeldJobs(deps: HeldJobsDependencies): HeldJobs {
  const { pool, timeoutMs, publish, log } = deps;
  const all = new Map<string, Held>();
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> | undefined;
  let again = false;
  let closed = false;

  function look(): Promise<void> {
    again = true;
    looking ??= lookAll().finally(() => {
      looking = undefined;
    });
    return looking;
  }

  async function lookAll(): Promise<void> {
    while (again && all.size > 0) {
      again = false;
      // While PostgreSQL is unavailable, the state is unknown; the next look has to do.
      const asked = [...all.values()];
      const ids = asked.map(({ job }) => job.id);
      const states = await heldStates(pool, ids).catch(() => undefined);
      if (!states) return;
      // Not those that have come meanwhile: their state may be from before they were held. They have asked for another look.
      for (const held of asked) settle(held, states.get(held.job.id));
    }
  }

  /** Starts to end a held job whose time has come, for any reason. */
  function settle(held: Held, state: HeldState | undefined): void {
    if (held.ending) return;
    if (state?.status !== 'held' || state.attempt !== held.job.attempt) end(held, letGo);
    else if (held.rows.lost) end(held, (each) => fail(each, LOST, undefined));
    else if (state.accepted) end(held, commit);
    else if (state.over) end(held, (each) => fail(each, EXPIRED, 'accepted or in time'));
    else void keepAlive(held);
  }

  /** If the end fails because PostgreSQL is unavailable, the next look tries again. */
  function end(held: Held, how: (held: Held) => Promise<void>): void {
    held.ending = how(held).then(
      () => {
        if (all.get(held.job.id) === held) all.delete(held.job.id);
        if (all.size > 0) return;
        clearInterval(timer);
        timer = undefined;
      },
      (err) => {
        held.ending = undefined;
        log.warn({ ...about(held), err }, 'cannot record the end of a held job; retrying');
      },
    );
  }

  /** It was discarded, or another daemon has marked it as failed: there is nothing to record. */
  async function letGo(held: Held): Promise<void> {
    await held.rows.close();
    log.info(about(held), 'held job released: its rows are rolled back');
  }

  async function commit(held: Held): Promise<void> {
    await failpoint('before-held-commit');
    try {
      const completed = await held.rows.commit();
      await failpoint('after-held-commit');
      if (!completed) return await letGo(held);
      log.info(about(held), 'held job completed');
      publish(progressOf(completed));
      observeEnd(deps, completed, (message, err) => log.warn({ ...about(held), err }, message));
      await held.rows.close();
    } catch (error) {
      const { message } = asFailure(error);
      log.warn({ ...about(held), err: error }, 'cannot commit the rows of an accepted job');
      await fail(held, { ...LOST, message: `${LOST.message} (${message})` }, undefined);
    }
  }

  /** Marks a job as failed, unless it has ended otherwise: by a commit whose answer was lost, say. */
  async function fail(held: Held, why: HeldFailure, unless: Parameters<typeof failHeld>[4]): Promise<void> {
    const { id, attempt } = held.job;
    // A connection lost here may still be open in PostgreSQL, with its locks.
    if (held.rows.lost) await endAttempt(pool, id, attempt);
    const failed = await failHeld(pool, id, attempt, why, unless);
    if (!failed && unless !== undefined) {
      const state = (await heldStates(pool, [id])).get(id);
      if (state?.status === 'held' && state.accepted) return commit(held);
    }
    await held.rows.close();
    const ended = failed ?? (await findJob(pool, id));
    if (failed) {
      log.warn({ ...about(held), code: why.code }, 'held job failed: its rows are rolled back');
      deps.observer?.ended(failed, {});
    }
    if (ended) publish(progressOf(ended));
  }

  async function keepAlive(held: Held): Promise<void> {
    const now = performance.now();
    if (now - held.aliveAt < ALIVE_MS) return;
    held.aliveAt = now;
    // If it fails, the connection is gone, and `onLost` reports that.
    await held.rows.keepAlive().catch(() => {});
  }

  deps.onProgress(({ jobId, status }) => {
    if (status !== 'processing' && all.has(jobId)) void look();
  });

  return {
    timeoutMs,
    keep(job, rows) {
      const held: Held = { job, rows, aliveAt: performance.now(), ending: undefined };
      all.set(job.id, held);
      if (closed) return end(held, (each) => fail(each, STOPPED, 'accepted'));
      log.info({ ...about(held), until: job.held?.until }, 'job held: its rows wait to be accepted');
      rows.onLost(() => void look());
      timer ??= setInterval(() => void look(), LOOK_MS);
      void look();
    },
    async close() {
      closed = true;
      for (const held of all.values()) if (!held.ending) end(held, (each) => fail(each, STOPPED, 'accepted'));
      await Promise.all([...all.values()].map(({ ending }) => ending));
      // Jobs that could not be marked: the next look of any daemon finds that they have no holder.
      await Promise.all([...all.values()].map(({ rows }) => rows.close()));
      clearInterval(timer);
      timer = undefined;
    },
  };
}

function about({ job }: Held): { jobId: string; attempt: number } {
  return { jobId: job.id, attempt: job.attempt };
}
