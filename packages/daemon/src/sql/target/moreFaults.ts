/** Other faults of records that were rejected for unreadable values: constraints over their other columns. */
import { sentenceOf } from '@csvjobs/shared';
import type { Client } from '../pool.js';
import type { RefusedRow } from './oneByOne.js';

/** Appends reasons to rejects that are already in job_errors. @param more by negated row number */
export async function addFaults(client: Client, jobId: string, more: readonly RefusedRow[]): Promise<void> {
  if (more.length === 0) return;
  const added = more.map(({ row, reasons }) => ({
    row: -row,
    message: reasons.map(sentenceOf).join('; '),
    reasons,
  }));
  await client.query(
    `update job_errors e set message = e.message || '; ' || m.message, reasons = e.reasons || m.reasons
     from jsonb_to_recordset($2::jsonb) m (row bigint, message text, reasons jsonb)
     where e.job_id = $1 and e.row_number = m.row`,
    [jobId, JSON.stringify(added)],
  );
}
