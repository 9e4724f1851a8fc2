import pTimeout from 'p-timeout';
import type { AppDeps } from './deps.js';

/**
 * Puts a job on the queue, or lets it be: the job stands in PostgreSQL, and recovery puts on the queue what is not
 * there. So Redis being down neither fails the request nor holds it up for longer than `enqueueMs`.
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
