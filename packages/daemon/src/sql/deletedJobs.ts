/**
 * Deletes jobs. A deleted job's row stays, emptied of its content, because customers point at it: removing it would
 * cost a scan of their table and a new version of each row (6.4 s per million, during which no other job could load the
 * same e-mails). So deleting a job takes a moment, however much it loaded; its report is then removed in portions.
 */
import type { Db } from './pool.js';

/** Rejects that one transaction removes; takes about 50 ms. */
const PORTION = 50_000;

/** Deletes a finished job and its report; its customers stay. Returns whether there was such a job. */
export async function deleteJob(db: Db, id: string): Promise<boolean> {
  const { rows } = await db.query<{ keyed: boolean }>(
    'select idempotency_key is not null as keyed from jobs where id = $1',
    [id],
  );
  // Only if there is one: an update that names a column of a unique key waits for each transaction that references the row.
  const key = rows[0]?.keyed ? 'idempotency_key = null,' : '';
  const { rowCount } = await db.query(
    `update jobs set deleted_at = now(), filename = '', sha256 = repeat('0', 64), size_bytes = 0, errors = '[]', reasons = '{}',
       notices = '[]', overrides = '{}', source = null, header = null, ${key} failure_code = null,
       failure_message = null
     where id = $1 and status in ('completed', 'failed', 'cancelled', 'undone') and deleted_at is null`,
    [id],
  );
  if (rowCount !== 1) return false;
  await removeReport(db, id);
  return true;
}

/** Returns deleted jobs whose report is still there, because the process that deleted them was interrupted. */
export async function reportsToGo(db: Db): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    'select id from jobs where deleted_at is not null and failed_count > 0',
  );
  return rows.map((row) => row.id);
}

/** Removes the report of a deleted job. Each portion is committed, so this may be interrupted at any moment. */
export async function removeReport(db: Db, id: string): Promise<void> {
  // Each portion starts after the previous one, so that its dead rows are not scanned again.
  let last: number | null = 0;
  while (last !== null) last = await removePortion(db, id, last);
  await db.query(
    'update jobs set failed_count = 0, processed_rows = success_count + skipped_count where id = $1',
    [id],
  );
}

/** Removes up to PORTION rejects after the given row. Returns the last row removed, or null if none are left. */
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
