import pTimeout from 'p-timeout';
import type { AppDeps } from './deps.js';

/**
 * Tries to put a job on the queue. Failure does no harm: the job is in PostgreSQL, and recovery queues every
 * job that is missing from the queue. So when Redis is down, the request does not fail, nor wait longer than
 * `enqueueMs`.
 */
export async function enqueueSoon(
  { enqueue, log, options }: Pick<AppDeps, 'enqueue' | 'log' | 'options'>,
  jobId: string,
): Promise<void> {
  const { enqueueMs = 2_000 } = options;
  const message = `the queue did not answer in ${enqueueMs} ms`;
  try {
    await pTimeout(enqueue(jobId), { milliseconds: enqueueMs, message });
  } catch (error) {
    log.warn({ jobId, err: error }, 'cannot enqueue the job; it will be enqueued when Redis is back');
  }
}
