/** Restores to the queue what a crash or a lost Redis has taken, from PostgreSQL, which holds the truth. */
import { unfinishedJobs } from '../sql/jobs.js';
import type { Pool } from '../sql/pool.js';
import type { Queue } from './queue.js';
import type { QueueSize } from './queues.js';

/**
 * Puts every unfinished job that its queue has lost back on it, at its place in the order of upload. Returns
 * how many there were.
 */
export async function recover(
  pool: Pool,
  queue: Pick<Queue, 'putBack'>,
  size: QueueSize = 'large',
): Promise<number> {
  return queue.putBack(await unfinishedJobs(pool, size === 'small'));
}

/**
 * Longer than any pause between two tries (see worker.ts), with a margin for clock differences between
 * daemons.
 */
const NO_PAUSE_MS = 60_000;

/** Delivers at once what a clock that was set back would delay. Returns how many jobs those were. */
export function promoteOverdue(queue: Queue): Promise<number> {
  return queue.promoteOverdue(NO_PAUSE_MS);
}
