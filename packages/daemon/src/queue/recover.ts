/**
 * What Redis lost is found again in PostgreSQL: every job that is not finished goes back on the queue, in the order
 * of upload. A job that is on it already stays where it is (the queue's id is the job's), so twice is once.
 */
import { unfinishedJobs } from '../sql/jobs.js';
import type { Pool } from '../sql/pool.js';
import type { Queue } from './queue.js';

/** Puts the jobs that the queue has lost back on it. Returns how many it was made sure of. */
export async function recover(pool: Pool, queue: Queue): Promise<number> {
  const ids = await unfinishedJobs(pool);
  // The usual case by far: nothing lost. Counting is one round trip; adding is one a job.
  if (ids.length === 0 || (await queue.size()) >= ids.length) return 0;
  for (const id of ids) await queue.add(id);
  return ids.length;
}

/** Recovers now and then, until it is stopped. What goes wrong is told to `onError`; the next time may be better. */
export function keepRecovering(
  pool: Pool,
  queue: Queue,
  intervalMs: number,
  on: { recovered: (jobs: number) => void; error: (error: Error) => void },
): { stop(): Promise<void> } {
  let running: Promise<void> = Promise.resolve();
  let busy = false;
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    running = recover(pool, queue)
      .then((jobs) => (jobs > 0 ? on.recovered(jobs) : undefined), on.error)
      .finally(() => {
        busy = false;
      });
  }, intervalMs);
  return {
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}
