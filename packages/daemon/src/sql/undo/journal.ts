/** The rows that a job updates or removes, as they were before (docs/decisions/0034-undo.md). */
import type { Client } from '../pool.js';
import { literal } from '../target/rowFaults.js';

/**
 * Builds a statement that stores rows before the job updates them. It must run in the transaction of the update, or
 * as part of the update's statement: `with …, journalled as (<this>) …`. A row is stored each time that the job
 * updates it, even if the job has inserted it; `was` shows whose version it was. The undo uses only versions that are
 * not the job's own.
 *
 * @param jobId a UUID
 * @param key columns that identify the row: a unique key of the table whose values the update does not change
 * @param rows a query with two columns: `old`, the whole row as a value of the table's row type (`select t as old`),
 * and `was`, its xmin
 */
export function journalStatement(jobId: string, key: readonly string[], rows: string): string {
  const columns = key.map(literal).join(', ');
  return `insert into job_journal (job_id, was, key_columns, before)
    select '${jobId}', was::text::bigint, array[${columns}]::text[], old::text from (${rows}) rows`;
}

/** Runs `journalStatement`. Returns how many rows were stored. */
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
 * Stores rows before the job removes them.
 * @param key columns that identify such a row; empty if the file has no key of the table
 * @param rows the part of the query after the select list, with the rows of the table as `t`
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
