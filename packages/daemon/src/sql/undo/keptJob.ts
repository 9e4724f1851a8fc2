/** The parts of a job that show whether its rows can be found by their ids. */
import type { JobStatus, LoadMode } from '@csvjobs/shared';
import { Failure } from '../../failure.js';
import type { Db } from '../pool.js';
import type { KeptJob } from './target.js';

const LEFT_NONE = `mode ? 'dryRun' or mode ? 'atomic' and status not in ('completed', 'undone')`;

/**
 * SQL over a row of jobs: the number of rows that a job has inserted or updated. A dry run leaves none. An atomic job
 * counts while it runs, but has loaded its rows only when it is completed.
 */
export const LOADED = `case when ${LEFT_NONE} then 0 else success_count - unchanged_count end`;

/** The same plus the rows that it has removed: everything that an undo has to process. */
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

/** Returns why a job has loaded no rows, and what can be done. */
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
  const why = `csvjobs show ${id} shows what happened to its records`;
  if (mode.atomic && status !== 'completed')
    return `is an atomic load that ${status ? STATE[status] : GONE}: none of its rows is in the table; ${why}`;
  return `${status ? STATE[status] : GONE}, and none of its records was loaded; ${why}`;
}

/** What a job does or did, after its ID. */
const STATE: Record<JobStatus, string> = {
  pending: 'has not started',
  processing: 'is still running',
  held: 'is held',
  completed: 'has completed',
  failed: 'failed',
  cancelled: 'was cancelled',
  undone: 'was undone',
};
const GONE = 'was deleted';
