/**
 * What a crash or a lost Redis left behind is found again in PostgreSQL, which holds the truth: jobs that the queue
 * has lost, and files that no job has.
 */
import { knownJobs, unfinishedJobs } from '../sql/jobs.js';
import type { Pool } from '../sql/pool.js';
import type { StoredFile } from '../storage/storage.js';
import type { Queue } from './queue.js';

/**
 * Puts every unfinished job that the queue has lost back on it, in the order of upload. Returns how many those were.
 * To put one there twice is to put it there once: the queue's id is the job's.
 */
export async function recover(pool: Pool, queue: Queue): Promise<number> {
  const lost = await queue.missing(await unfinishedJobs(pool));
  for (const id of lost) await queue.add(id);
  return lost.length;
}

/** Longer than any pause between two tries (see worker.ts), with room for what the clocks of two daemons differ. */
const NO_PAUSE_MS = 60_000;

/** Delivers at once what a clock that was set back would keep waiting. Returns how many jobs those were. */
export function hurryLate(queue: Queue): Promise<number> {
  return queue.hurry(NO_PAUSE_MS);
}

/** What is needed of the storage. */
export interface Files {
  list(): Promise<StoredFile[]>;
  remove(id: string): Promise<void>;
  sweep(olderThanMs: number): Promise<number>;
}

/**
 * Removes what uploads left behind whose daemon died under them: parts of files, and whole files whose job was not
 * put in any more (its client had no answer). Younger ones than `olderThanMs` may belong to an upload under way.
 */
export async function removeOrphans(
  pool: Pool,
  files: Files,
  olderThanMs: number,
): Promise<{ parts: number; orphans: string[] }> {
  const parts = await files.sweep(olderThanMs);
  const old = (await files.list()).filter(({ mtimeMs }) => Date.now() - mtimeMs >= olderThanMs);
  const known = new Set(
    await knownJobs(
      pool,
      old.map(({ id }) => id),
    ),
  );
  const orphans = old.map(({ id }) => id).filter((id) => !known.has(id));
  for (const id of orphans) await files.remove(id);
  return { parts, orphans };
}
