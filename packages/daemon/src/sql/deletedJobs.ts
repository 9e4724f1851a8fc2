/**
 * Deletes jobs. A deleted job's row stays, emptied of its content, because customers point at it: removing it would
 * cost a scan of their table and a new version of each row (6.4 s per million, during which no other job could load the
 * same e-mails). So deleting a job takes a moment, however much it loaded; its report and its undo data are then removed
 * in portions.
 */
import { Failure } from '../failure.js';
import { isLocked, withinPatience } from './patience.js';
import type { Db, Pool } from './pool.js';
import { sweepJob } from './undo/sweepUndo.js';

/** Rejects that one transaction removes; takes about 50 ms. */
const PORTION = 50_000;

/**
 * Deletes a finished job, its report and its undo data; its customers stay. Returns whether there was such a job.
 * @throws {Failure} `unavailable` if another transaction has written rows that name the job, and has not ended: only for a
 * job with an idempotency key, because an update of a unique column waits for such transactions
 */
export async function deleteJob(pool: Pool, id: string): Promise<boolean> {
  const { rows } = await pool.query<{ keyed: boolean }>(
    'select idempotency_key is not null as keyed from jobs where id = $1',
    [id],
  );
  if (!(await (rows[0]?.keyed ? emptyKeyed(pool, id) : empty(pool, id, '')))) return false;
  await removeReport(pool, id);
  await sweepJob(pool, id);
  return true;
}

async function emptyKeyed(pool: Pool, id: string): Promise<boolean> {
  try {
    return await withinPatience(pool, (db) => empty(db, id, 'idempotency_key = null,'));
  } catch (error) {
    if (!isLocked(error)) throw error;
    throw new Failure(
      'unavailable',
      `another transaction has changed rows that name the job ${id}, and has not ended; nothing was deleted, try again when it is done`,
      { cause: error },
    );
  }
}

/** Empties the columns that describe a file, its table or its rows. Times, counts and references between jobs stay. */
const EMPTY = `filename = '', sha256 = repeat('0', 64), size_bytes = 0, errors = '[]', reasons = '{}', assumed = '{}',
  notices = '[]', overrides = '{}', source = null, header = null, target = null, spec = null, origin = null,
  file_version = null, held_rows = null, removed_rows = null, undone = null, failure_code = null, failure_message = null`;

/** Empties the row of a job. @param key also clears its idempotency key */
async function empty(db: Db, id: string, key: string): Promise<boolean> {
  const { rowCount } = await db.query(
    `update jobs set deleted_at = now(), ${key} ${EMPTY}
     where id = $1 and status in ('completed', 'failed', 'cancelled', 'undone') and deleted_at is null`,
    [id],
  );
  return rowCount === 1;
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
