/** Removes resumable uploads that nobody will continue. */
import { knownJobs } from './sql/jobs.js';
import type { Pool } from './sql/pool.js';
import { deleteExpired } from './sql/resumable/uploads.js';
import type { Store } from './storage/store.js';

/** Number of uploads removed at a time. */
const PORTION = 500;

/**
 * Removes expired uploads and those of revoked tokens, with their bytes; returns how many. Safe to run in several
 * processes at once.
 */
export async function sweepUploads(pool: Pool, storage: Pick<Store, 'pieces' | 'remove'>): Promise<number> {
  let swept = 0;
  for (
    let ids = await deleteExpired(pool, PORTION);
    ids.length > 0;
    ids = await deleteExpired(pool, PORTION)
  ) {
    // A daemon that is killed here leaves bytes without an upload, which are removed like those of dead
    // uploads (orphans.ts).
    const jobs = new Set(await knownJobs(pool, ids));
    for (const id of ids) {
      // The file belongs to the job by now, under the same id.
      if (jobs.has(id)) continue;
      await storage.pieces.discard(id);
      await storage.remove(id);
    }
    swept += ids.length;
  }
  return swept;
}
