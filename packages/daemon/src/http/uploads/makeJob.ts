/** From a stored file to a queued job. After the job's row is inserted, nothing can fail any more. */
import type { Uploaded } from '@csvjobs/shared';
import type { Context } from 'koa';
import { failpoint } from '../../failpoint.js';
import { type NewJob, tableOf } from '../../sql/jobs.js';
import type { AppDeps } from '../deps.js';
import { enqueueSoon } from '../enqueue.js';
import { seesJob } from '../jobId.js';
import { type AcceptDeps, acceptJob } from './acceptJob.js';

/**
 * Inserts the job and queues it; returns the result of `acceptJob`, with the job's table.
 * @param tookMs how long the upload took
 * @throws {Failure} the failures of `acceptJob`
 */
export async function makeJob(
  deps: AcceptDeps & Pick<AppDeps, 'enqueue' | 'options' | 'metrics'>,
  ctx: Context,
  job: NewJob,
  { once, tookMs }: { once: boolean; tookMs(): number },
): Promise<Uploaded> {
  const accepted = await acceptJob(deps, job, once, (other) => seesJob(ctx, deps.pool, other));
  const { jobId } = accepted;
  const table = tableOf(job.into);
  if (jobId === job.id) {
    await failpoint('after-insert');
    const { filename, sizeBytes } = job;
    deps.log.info({ requestId: ctx.state.requestId, jobId, filename, table, sizeBytes }, 'job uploaded');
    await enqueueSoon(deps, jobId);
  }
  deps.metrics.uploaded(job.sizeBytes, tookMs() / 1_000);
  return { ...accepted, table };
}
