/**
 * The two queues of a daemon: one for jobs of small files, one for all others. Each keeps the order of the uploads, and has
 * places of its own at each worker, so a small job never waits for a large one to end. Which queue a job belongs to
 * stands in its row (sql/jobs.ts), so that all hosts agree (docs/decisions/0048-several-hosts.md).
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
    // Not `csv`, the only queue of version 0.1: its workers would take jobs off it that they cannot claim. What waits there,
    // recovery finds in PostgreSQL.
    large: createQueue({ ...options, name: `csv-${QUEUE_LEVEL}` }),
    small: createQueue({ ...options, name: `csv-${QUEUE_LEVEL}-small` }),
  };
}

/**
 * Puts a job that waits on its queue, as its last, unless it is on it. A worker does so too once a job is off the queue: a retry while its
 * work ended has found it there, and left it.
 * @throws errors of PostgreSQL and of Redis
 */
export async function enqueueJob(pool: Pool, queues: Queues, jobId: string): Promise<void> {
  const small = await isSmall(pool, jobId);
  if (small !== undefined) await queues[small ? 'small' : 'large'].add(jobId);
}

/** Does the same with both queues at once. */
export async function withBoth(queues: Queues, work: (queue: Queue) => Promise<void>): Promise<void> {
  await Promise.all(QUEUE_SIZES.map((size) => work(queues[size])));
}
