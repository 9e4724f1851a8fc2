/** The rows that a job updates or removes, as they were before (docs/decisions/0034-undo.md). */
import type { Client } from '../pool.js';
import { literal } from '../target/rowFaults.js';

/**
 * A statement that keeps rows as they are before the job updates them, to be sent in the transaction that does, or to be a
 * part of the statement that does: `with …, journalled as (<this>) …`. A row that the job updates more than once is kept
 * each time; the first entry counts, in the order of the statements. A row that the job has inserted itself is kept like any
 * other: `was` says whose it is.
 *
 * @param jobId a UUID
 * @param key columns by which the row is found again: a unique key of the table whose values the update leaves equal
 * @param rows a query with two columns: `old`, the whole row as a value of the table's own row type (`select t as old`), and
 *   `was`, its xmin
 */
export function journalStatement(jobId: string, key: readonly string[], rows: string): string {
  const columns = key.map(literal).join(', ');
  return `insert into job_journal (job_id, was, key_columns, before)
    select '${jobId}', was::text::bigint, array[${columns}]::text[], old::text from (${rows}) rows`;
}

/** Sends `journalStatement`. Returns how many rows were kept. */
export async function journalUpdates(
  client: Client,
  jobId: string,
  key: readonly string[],
  rows: string,
): Promise<number> {
  const { rowCount } = await client.query(journalStatement(jobId, key, rows));
  return rowCount ?? 0;
}

/**
 * Keeps rows as they are before the job removes them.
 * @param key columns by which such a row is known; none where the file has no key of the table
 * @param rows what stands behind `select`, with the rows of the table as `t`
 */
export async function keepRemoved(
  client: Client,
  jobId: string,
  key: readonly string[],
  rows: string,
): Promise<void> {
  const columns = key.map(literal).join(', ');
  await client.query(
    `insert into job_journal (job_id, was, key_columns, before, removed)
     select '${jobId}', t.xmin::text::bigint, array[${columns}]::text[], (t.*)::text, true ${rows}`,
  );
}
