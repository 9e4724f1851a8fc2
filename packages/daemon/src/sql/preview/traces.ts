/** Reads and removes what a batch of one record has left in csvjobs' tables, so that the next batch starts clean. */
import type { RecordFate, Rejection } from '@csvjobs/shared';
import { takeRejection } from '../jobErrors.js';
import type { Client } from '../pool.js';
import { idRanges } from '../undo/loadedRows.js';

export interface Traces {
  /** Outcomes of all records so far. */
  counts: Record<RecordFate, number>;
  /** The `xmin` ids of the rows that the batch has written, as a multirange. */
  ids: string;
  /** The row that it has updated, before the update, as the text of a value of the table's row type. */
  before: string | undefined;
  rejection: Rejection | undefined;
}

/** Must be called in the batch's transaction, after everything that it writes. @param jobId a UUID */
export async function takeTraces(client: Client, jobId: string): Promise<Traces> {
  const { rows: counted } = await client.query<Record<RecordFate, number>>(
    `select success_count - updated_count - unchanged_count as inserted, updated_count as updated,
       unchanged_count as unchanged, skipped_count as skipped, failed_count as rejected from jobs where id = '${jobId}'`,
  );
  const ids = await idRanges(client, jobId);
  await client.query(`delete from job_transactions where job_id = '${jobId}'`);
  const { rows } = await client.query<{ before: string }>(
    `with gone as (delete from job_journal where job_id = '${jobId}' returning entry, before)
     select before[1] as before from gone order by entry limit 1`,
  );
  return { counts: counted[0]!, ids, before: rows[0]?.before, rejection: await takeRejection(client, jobId) };
}
