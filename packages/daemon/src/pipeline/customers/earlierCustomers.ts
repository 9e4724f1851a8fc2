/**
 * Finds the row of the file whose e-mail a refused record repeats. Rows of `customers` contain their job and record
 * number, so no log is needed and the answer is never unknown.
 */
import type { TargetReason } from '@csvjobs/shared';
import { rowsWithEmails } from '../../sql/customers.js';
import type { Client } from '../../sql/pool.js';
import { keptRecord } from '../keptRecords.js';
import type { Parse } from '../parse.js';
import type { RefusedRecord } from '../target/repeatedRows.js';
import type { TargetBatch } from '../target/targetBatch.js';
import type { RecordReader } from './recordReader.js';

export interface EmailRepeats {
  jobId: string;
  records: Pick<RecordReader, 'value'>;
  /** The index of the e-mail in the plan. */
  email: number;
  emailKey: string;
}

/** Call it when all earlier batches are committed and the rows of this one are in the table. */
export async function nameEarlierCustomers(
  { jobId, records, email, emailKey }: EmailRepeats,
  client: Client,
  { kept }: Pick<TargetBatch, 'kept'>,
  refused: readonly RefusedRecord[],
  parse: Parse,
): Promise<void> {
  const repeats = refused.filter(({ reasons }) => repeatsEmail(reasons[0]!, emailKey));
  if (repeats.length === 0) return;
  const emails = repeats.map(({ index }) => records.value(parse(keptRecord(kept, index)), email)!);
  const rows = await rowsWithEmails(client, jobId, emails);
  for (const [at, record] of repeats.entries()) {
    const row = rows[at]!;
    if (row !== null) record.reasons = [inFile(record.reasons[0]!, row), ...record.reasons.slice(1)];
  }
}

type InTable = Extract<TargetReason, { code: 'duplicate_in_table' }>;

function repeatsEmail(reason: TargetReason, emailKey: string): boolean {
  return reason.code === 'duplicate_in_table' && reason.params.constraint === emailKey;
}

function inFile(reason: TargetReason, row: number): TargetReason {
  const { column, params } = reason as InTable;
  const { key, constraint } = params;
  return {
    code: 'duplicate_in_file',
    ...(column !== undefined && { column }),
    params: { row, key, ...(constraint !== undefined && { constraint }) },
  };
}
