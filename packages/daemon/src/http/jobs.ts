/** Jobs: list, look at, cancel, retry. */
import { isFinal, type Job, type JobStatus, paths, progressOf } from '@csvjobs/shared';
import type Router from 'koa-router';
import { cancelJob, findJob, listJobs, retryJob } from '../sql/jobs.js';
import type { AppDeps } from './deps.js';
import { enqueueSoon } from './enqueue.js';
import { isFresh } from './fresh.js';
import { jobIdOf, noSuchJob } from './jobId.js';
import { refuse } from './problems.js';

export function jobRoutes(router: Router, deps: AppDeps): void {
  const { pool, publish, log } = deps;

  router.get(paths.jobs, async (ctx) => {
    ctx.body = await listJobs(pool);
  });

  router.get(paths.job(':id'), async (ctx) => {
    const id = jobIdOf(ctx);
    const job = await findJob(pool, id);
    if (!job) throw noSuchJob(id);
    ctx.status = 200;
    if (isFresh(ctx, isFinal(job.status) && job)) return;
    ctx.body = job;
  });

  router.post(paths.cancel(':id'), async (ctx) => {
    const id = jobIdOf(ctx);
    const job = (await cancelJob(pool, id)) ?? (await conflict(id, 'cancelled'));
    log.info({ requestId: ctx.state.requestId, jobId: id }, 'job cancelled');
    publish(progressOf(job));
    ctx.body = job;
  });

  router.post(paths.retry(':id'), async (ctx) => {
    const id = jobIdOf(ctx);
    const job = (await retryJob(pool, id)) ?? (await conflict(id, 'retried'));
    log.info({ requestId: ctx.state.requestId, jobId: id }, 'job put back to be retried');
    publish(progressOf(job));
    await enqueueSoon(deps, id);
    ctx.status = 202;
    ctx.set('Location', paths.job(id));
    ctx.body = job;
  });

  /** Why a job could not be moved: it is not there, or not in a state that allows it. */
  async function conflict(id: string, wanted: 'cancelled' | 'retried'): Promise<Job> {
    const job = await findJob(pool, id);
    if (!job) throw noSuchJob(id);
    throw refuse('job_state_conflict', `the job is ${job.status} ${WHY_NOT[wanted][job.status]}`);
  }
}

const WHY_NOT: Record<'cancelled' | 'retried', Record<JobStatus, string>> = {
  cancelled: {
    pending: 'and was changed at the same moment; try again',
    processing: 'and was changed at the same moment; try again',
    completed: 'already: its rows are loaded, there is nothing left to cancel',
    failed: 'already: nothing is working on it, there is nothing to cancel',
    cancelled: 'already; to go on with it, retry it',
  },
  retried: {
    pending: 'and waits for its turn by itself; watch it instead',
    processing: 'and being worked on; watch it, or cancel it first',
    completed: 'and has nothing left to do; to load the file again, upload it again',
    failed: 'and was changed at the same moment; try again',
    cancelled: 'and was changed at the same moment; try again',
  },
};
