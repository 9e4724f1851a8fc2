/**
 * POST /api/jobs/:id/accept and /discard: the answer to a held job. It is written into the job's row; the
 * process that holds the rows, whichever it is, finds it there (queue/heldJobs.ts).
 */
import { setTimeout as pause } from 'node:timers/promises';
import { type Job, type JobStatus, paths, progressOf, readWrittenTable, utcMinute } from '@csvjobs/shared';
import type { Context } from 'koa';
import type Router from 'koa-router';
import { endAttempt } from '../sql/attempts.js';
import { acceptHeld, discardHeld, failUnheld } from '../sql/heldJobs.js';
import { findJob } from '../sql/jobs.js';
import { tableOfJob } from '../sql/jobTable.js';
import { assertAllowed } from './assertAllowed.js';
import type { AppDeps } from './deps.js';
import { jobIdOf, noSuchJob } from './jobId.js';
import { nameOf } from './nameOf.js';
import { refuse } from './problems.js';

/** How long to wait for the commit of an accepted job, and how often to check for it, in ms. */
const COMMIT_MS = 30_000;
const LOOK_MS = 50;

export function heldRoutes(router: Router, deps: AppDeps): void {
  const { pool, publish, log, options } = deps;

  router.post(paths.accept(':id'), async (ctx) => {
    const id = await heldIdOf(ctx);
    const by = nameOf(ctx.state.caller);
    await endUnheld(id);
    const accepted = (await acceptHeld(pool, id, by)) ?? (await conflict(id, 'accepted'));
    log.info({ requestId: ctx.state.requestId, jobId: id, by }, 'job accepted');
    publish(progressOf(accepted));
    const job = await afterCommit(id);
    if (job.status === 'failed')
      throw refuse('job_state_conflict', `the job was accepted but failed: ${job.failure?.message ?? ''}`);
    ctx.status = job.status === 'held' ? 202 : 200;
    ctx.body = job;
  });

  router.post(paths.discard(':id'), async (ctx) => {
    const id = await heldIdOf(ctx);
    await endUnheld(id);
    ctx.body = (await discard(deps, ctx, id)) ?? (await conflict(id, 'discarded'));
  });

  /** The job id of the path, if the caller may load into the job's table. */
  async function heldIdOf(ctx: Context & { params: Record<string, string> }): Promise<string> {
    const id = await jobIdOf(ctx, pool);
    const table = readWrittenTable((await tableOfJob(pool, id)) ?? '');
    if (table) assertAllowed(deps.tables, ctx.state.caller, table);
    return id;
  }

  /**
   * Ends a job that has lost its holder, so that it does not seem to wait for an answer that no process would
   * read.
   */
  async function endUnheld(id: string): Promise<void> {
    for (const job of await failUnheld(pool, id)) publish(progressOf(job));
  }

  /**
   * Returns the job once its rows are committed, or its current state after a timeout: foreign keys may take
   * long to check, say.
   */
  async function afterCommit(id: string): Promise<Job> {
    const until = performance.now() + (options.commitMs ?? COMMIT_MS);
    for (;;) {
      const job = await findJob(pool, id);
      if (!job) throw noSuchJob(id);
      if (job.status !== 'held' || performance.now() > until) return job;
      await pause(LOOK_MS);
      await endUnheld(id);
    }
  }

  /** Explains why a job could not be answered. */
  async function conflict(id: string, wanted: 'accepted' | 'discarded'): Promise<never> {
    const job = await findJob(pool, id);
    if (!job) throw noSuchJob(id);
    throw refuse('job_state_conflict', whyNot(job, wanted));
  }
}

/** Discards a held job, for a caller who may. Returns undefined if it is not held, or was accepted. */
export async function discard(
  { pool, publish, log }: Pick<AppDeps, 'pool' | 'publish' | 'log'>,
  ctx: Context,
  id: string,
): Promise<Job | undefined> {
  const by = nameOf(ctx.state.caller);
  const job = await discardHeld(pool, id, by);
  if (!job) return undefined;
  log.info({ requestId: ctx.state.requestId, jobId: id, by }, 'held job discarded');
  publish(progressOf(job));
  // Its holder lets go within a second; this releases its locks at once, unless a pooler is in between.
  await endAttempt(pool, id, job.attempt).catch(() => {});
  return job;
}

function whyNot({ id, status, held, failure, mode }: Job, wanted: 'accepted' | 'discarded'): string {
  const by =
    held?.answer && `${held.answer} already, by ${held.answeredBy} at ${utcMinute(held.answeredAt!)}`;
  if (status === 'held')
    return by
      ? `the job was ${by}: its rows are being committed; watch it (csvjobs watch ${id})`
      : `its time limit passed at ${utcMinute(held!.until)}: its rows are being rolled back; run it again with csvjobs retry ${id}`;
  if (by) {
    const undo =
      status === 'completed' && wanted === 'discarded' ? `; remove its rows with csvjobs undo ${id}` : '';
    return `the job is ${status}: it was ${by}${undo}${status === 'cancelled' ? `; run it again with csvjobs retry ${id}` : ''}`;
  }
  if (failure?.code.startsWith('hold_')) return `the job is failed: ${failure.message} ${id}`;
  return `the job is ${status} ${mode?.hold ? NOT_HELD[status] : 'and was uploaded without --hold: there is nothing to accept or discard'}`;
}

/** For jobs that are held once all their rows are in. */
const NOT_HELD: Record<Exclude<JobStatus, 'held'>, string> = {
  pending: 'and is held once its rows are in; watch it',
  processing: 'and is held once all its rows are in; watch it',
  completed: 'already',
  failed: 'and none of its rows is held; show it for the reason',
  cancelled: 'and none of its rows is held; to run it again, retry it',
  undone: 'and none of its rows is held; to run it again, retry it',
};
