/** Puts an undone job back to be loaded from the start. */
import type { Job } from '@csvjobs/shared';
import { JOB_COLUMNS, type JobRow, toJob } from '../jobRow.js';
import { type Pool, transaction } from '../pool.js';
import { oneUndoAtATime } from './later.js';

/**
 * Returns null if the job is not undone (any more). Removes its report: all its records will be judged again. Its times
 * start again with its counters, because a rate is the one by the other.
 */
export async function startAgain(pool: Pool, id: string): Promise<Job | null> {
  return transaction(pool, async (db) => {
    await oneUndoAtATime(db, id);
    const { rowCount } = await db.query(
      `select from jobs where id = $1 and status = 'undone' and deleted_at is null for no key update`,
      [id],
    );
    if (rowCount !== 1) return null;
    await db.query('delete from job_errors where job_id = $1', [id]);
    await db.query('delete from job_transactions where job_id = $1', [id]);
    await db.query('delete from job_journal where job_id = $1', [id]);
    const { rows } = await db.query<JobRow>(
      `update jobs set status = 'pending', started_at = null, completed_at = null,
         phase_since = now(), queued_ms = 0, reading_ms = 0, loading_ms = 0,
         total_rows = 0, processed_rows = 0, success_count = 0, failed_count = 0,
         updated_count = 0, unchanged_count = 0, skipped_count = 0, removed_count = 0, removed_rows = null,
         errors = '[]', reasons = '{}', assumed = '{}', notices = '[]', source = null, byte_offset = 0, line = 1,
         failures = 0, failure_code = null, failure_message = null,
         undone_at = null, undone_by = null, undone = null, undo_swept_at = null
       where id = $1 returning ${JOB_COLUMNS}`,
      [id],
    );
    return toJob(rows[0]!);
  });
}
