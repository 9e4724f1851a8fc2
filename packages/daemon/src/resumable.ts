/** What becomes of resumable uploads that nobody continues. */
import { knownJobs } from './sql/jobs.js';
import type { Pool } from './sql/pool.js';
import { deleteExpired } from './sql/resumable/uploads.js';
import type { Store } from './storage/store.js';

/** Uploads that are removed in one go. */
const PORTION = 500;

/** Removes what has expired, with its bytes; returns how many. Safe to run in several processes at once. */
export async function sweepUploads(pool: Pool, storage: Pick<Store, 'pieces' | 'remove'>): Promise<number> {
  let swept = 0;
  for (
    let ids = await deleteExpired(pool, PORTION);
    ids.length > 0;
    ids = await deleteExpired(pool, PORTION)
  ) {
    // A daemon that is ended here leaves bytes without an upload, which go as those of dead uploads do (orphans.ts).
    const jobs = new Set(await knownJobs(pool, ids));
    for (const id of ids) {
      // The file is the job's by now, under the same id.
      if (jobs.has(id)) continue;
      await storage.pieces.discard(id);
      await storage.remove(id);
    }
    swept += ids.length;
  }
  return swept;
}
