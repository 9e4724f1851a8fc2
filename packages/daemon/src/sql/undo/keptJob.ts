/** What of a job says whether its rows can be found by their ids. */
import type { JobStatus, LoadMode } from '@csvjobs/shared';
import { Failure } from '../../failure.js';
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

/** Why a job of which no row was loaded has none, and what is left to do. */
export async function nothingLoaded(db: Db, id: string): Promise<Failure> {
  const { rows } = await db.query<{ mode: LoadMode; status: JobStatus }>(
    'select mode, status from jobs where id = $1',
    [id],
  );
  const { mode = {}, status } = rows[0] ?? {};
  return new Failure('nothing_to_undo', `job ${id} ${whyNothing(id, mode, status)}`);
}

function whyNothing(id: string, mode: LoadMode, status: JobStatus | undefined): string {
  if (mode.dryRun)
    return `is a dry run: all of it was rolled back, and none of its rows is in the table; to load its file: csvjobs load ${id}`;
  const why = `csvjobs show ${id} says what became of its records`;
  if (mode.atomic && status !== 'completed')
    return `is an atomic load that is ${status}: none of its rows is in the table; ${why}`;
  return `has loaded no rows; ${why}`;
}
