/**
 * How a job is deleted. Its row stays, emptied of all that it said, because customers point at it: to remove it would
 * cost a scan of their table and a new version of each (6.4 s a million, and as long as that nobody else could load
 * the same e-mails). So a job is gone in a moment, however much it has loaded; its report goes after it in portions.
 */
import type { Db } from './pool.js';

/** Rejects that one transaction removes: some 50 ms. */
const PORTION = 50_000;

/** Deletes a job that has ended, with its report; its customers stay. Returns whether it was there to be deleted. */
export async function deleteJob(db: Db, id: string): Promise<boolean> {
  const { rowCount } = await db.query(
    `update jobs set deleted_at = now(), filename = '', sha256 = repeat('0', 64), size_bytes = 0, errors = '[]', reasons = '{}',
       notices = '[]', overrides = '{}', source = null, header = null, idempotency_key = null, failure_code = null,
       failure_message = null
     where id = $1 and status in ('completed', 'failed', 'cancelled', 'undone') and deleted_at is null`,
    [id],
  );
  if (rowCount !== 1) return false;
  await removeReport(db, id);
  return true;
}

/** Deleted jobs whose report is still there: who deleted them was ended in the middle of it. */
export async function reportsToGo(db: Db): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    'select id from jobs where deleted_at is not null and failed_count > 0',
  );
  return rows.map((row) => row.id);
}

/** Removes the report of a deleted job; each portion is gone for good, so it may be ended at any moment. */
export async function removeReport(db: Db, id: string): Promise<void> {
  // Each portion begins behind the one before: what that has left dead is not passed over again.
  let last: number | null = 0;
  while (last !== null) last = await removePortion(db, id, last);
  await db.query(
    'update jobs set failed_count = 0, processed_rows = success_count + skipped_count where id = $1',
    [id],
  );
}

/** Removes so many rejects behind a row; returns the last row that went, or null when there is none any more. */
async function removePortion(db: Db, id: string, after: number): Promise<number | null> {
  const { rows } = await db.query<{ last: number | null }>(
    `with portion as (
       select row_number from job_errors where job_id = $1 and row_number > $2 order by row_number limit ${PORTION}),
     gone as (
       delete from job_errors where job_id = $1 and row_number > $2
         and row_number <= (select max(row_number) from portion))
     select max(row_number) as last from portion`,
    [id, after],
  );
  return rows[0]?.last ?? null;
}
