/**
 * The two queues of a daemon: one for jobs of small files, one for all others. Each keeps the order of the
 * uploads, and has its own places at each worker, so a small job never waits for a large one to finish. The
 * job's row says which queue it belongs to (sql/jobs.ts), so that all hosts agree
 * (docs/decisions/0048-several-hosts.md).
 */
import { isSmall } from '../sql/jobs.js';
import type { Pool } from '../sql/pool.js';
import { QUEUE_LEVEL } from '../sql/workerLevel.js';
import { createQueue, type Queue, type QueueOptions } from './queue.js';

export const QUEUE_SIZES = ['large', 'small'] as const;
export type QueueSize = (typeof QUEUE_SIZES)[number];
export type Queues = Readonly<Record<QueueSize, Queue>>;

export function createQueues(options: Omit<QueueOptions, 'name'>): Queues {
  return {
    // Not `csv`, the only queue of version 0.1: its workers would take jobs that they cannot claim. Recovery
    // finds the jobs that wait there in PostgreSQL.
    large: createQueue({ ...options, name: `csv-${QUEUE_LEVEL}` }),
    small: createQueue({ ...options, name: `csv-${QUEUE_LEVEL}-small` }),
  };
}

/**
 * Puts a waiting job at the end of its queue, unless it is on it. A worker also does so when a job has left
 * the queue: a retry at the very end of the work has found the job still there, and added nothing.
 * @throws errors of PostgreSQL and of Redis
 */
export async function enqueueJob(pool: Pool, queues: Queues, jobId: string): Promise<void> {
  const small = await isSmall(pool, jobId);
  if (small !== undefined) await queues[small ? 'small' : 'large'].add(jobId);
}

/** Runs the same work on both queues at once. */
export async function withBoth(queues: Queues, work: (queue: Queue) => Promise<void>): Promise<void> {
  await Promise.all(QUEUE_SIZES.map((size) => work(queues[size])));
}
