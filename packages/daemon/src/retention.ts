/**
 * Removes what is kept only for a time: files of finished jobs, their undo data, and, if configured, the jobs
 * with their reports.
 */
import { Failure } from './failure.js';
import { deleteJob, removeReport, reportsToGo } from './sql/deletedJobs.js';
import { endedOf, someEnded } from './sql/jobList.js';
import type { Pool } from './sql/pool.js';
import { sweepUndo } from './sql/undo/sweepUndo.js';
import type { Store } from './storage/store.js';

export interface Retention {
  /** Milliseconds after the end of a job; undefined keeps them without a limit. */
  filesMs: number | undefined;
  jobsMs: number | undefined;
  undoMs: number | undefined;
}

/** Number of jobs looked up or deleted at a time. */
const PORTION = 500;

/** The next sweep tries again. */
async function deleteUnlessLocked(pool: Pool, id: string): Promise<boolean> {
  try {
    return await deleteJob(pool, id);
  } catch (error) {
    if (error instanceof Failure && error.code === 'unavailable') return false;
    throw error;
  }
}

/** Removes expired data. Safe to run in several processes at once. Returns how many of each were removed. */
export async function sweep(
  pool: Pool,
  storage: Pick<Store, 'list' | 'remove'>,
  { filesMs, jobsMs, undoMs }: Retention,
): Promise<{ files: number; jobs: number; undo: number }> {
  const swept = { files: 0, jobs: 0, undo: await sweepUndo(pool, undoMs) };
  for (const id of await reportsToGo(pool)) await removeReport(pool, id);
  if (jobsMs !== undefined) {
    for (let ids = await someEnded(pool, jobsMs, PORTION); ids.length > 0; ) {
      let deleted = 0;
      for (const id of ids) {
        if (!(await deleteUnlessLocked(pool, id))) continue;
        await storage.remove(id);
        deleted++;
      }
      swept.jobs += deleted;
      ids = ids.length < PORTION || deleted === 0 ? [] : await someEnded(pool, jobsMs, PORTION);
    }
  }
  if (filesMs !== undefined) {
    const ids = (await storage.list()).map((file) => file.id);
    for (let from = 0; from < ids.length; from += PORTION) {
      for (const id of await endedOf(pool, ids.slice(from, from + PORTION), filesMs)) {
        await storage.remove(id);
        swept.files++;
      }
    }
  }
  return swept;
}
