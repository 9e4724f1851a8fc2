/** How many rows a job has removed from its table, a sample of them, and how many rows it has inserted. */
import type { ShownRow } from '@csvjobs/shared';
import type { Db } from './pool.js';

/** Fenced by the attempt: returns false if the job is no longer this attempt's. */
export async function noteRemoved(
  db: Db,
  id: string,
  attempt: number,
  { removed, first }: { removed: number; first: readonly ShownRow[] },
): Promise<boolean> {
  const { rowCount } = await db.query(
    `update jobs set removed_count = $3, removed_rows = $4 where id = $1 and attempt = $2 and status = 'processing'`,
    [id, attempt, removed, JSON.stringify(first)],
  );
  return rowCount === 1;
}

/** Returns how many rows the job has inserted, as counted by its batches. */
export async function insertedRows(db: Db, id: string): Promise<number> {
  const { rows } = await db.query<{ inserted: number }>(
    'select success_count - updated_count - unchanged_count as inserted from jobs where id = $1',
    [id],
  );
  return rows[0]!.inserted;
}
