/** What of a job says whether its rows can be found by their ids. */
import type { Db } from '../pool.js';
import type { KeptJob } from './target.js';

const LEFT_NONE = `mode ? 'dryRun' or mode ? 'atomic' and status not in ('completed', 'undone')`;

/**
 * Rows that a job has inserted or updated, as SQL over a row of jobs. A dry run leaves none; an atomic job counts as it goes,
 * and has loaded them when it is completed.
 */
export const LOADED = `case when ${LEFT_NONE} then 0 else success_count - unchanged_count end`;

/** The same with those that it has removed: what an undo has to do with. */
export const WRITTEN = `case when ${LEFT_NONE} then 0 else success_count - unchanged_count + removed_count end`;

export async function findKept(db: Db, id: string): Promise<KeptJob | null> {
  const { rows } = await db.query<{ target_table: string; counted: number; swept: boolean }>(
    `select target_table, ${LOADED} as counted, undo_swept_at is not null as swept
     from jobs where id = $1 and deleted_at is null`,
    [id],
  );
  const job = rows[0];
  return job ? { id, targetTable: job.target_table, counted: job.counted, swept: job.swept } : null;
}
