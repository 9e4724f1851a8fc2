/** Customers that PostgreSQL refuses for their e-mail, as lines of job_errors with their original records. */
import { setImmediate } from 'node:timers/promises';
import { ALREADY_IN_CUSTOMERS, DUPLICATE_IN_FILE } from '@csvjobs/shared';
import type { Repeated } from '../sql/customers.js';
import { CopyText } from './batch/copyText.js';
import { createRowWriter } from './batch/rowJson.js';
import type { Batch, CopyRows } from './batch.js';
import { keptIndex, keptRecord } from './keptRecords.js';
import { createCustomerMaker } from './madeCustomers.js';
import type { Parse } from './parse.js';

/** Number of rejects to make at once; then the event loop gets a turn. */
const PART = 500;

/** @param repeated rows of the batch */
export async function repeatedRejects(
  jobId: string,
  { kept, header }: Pick<Batch, 'kept' | 'header'>,
  parse: Parse,
  repeated: readonly Repeated[],
): Promise<{ rejects: CopyRows; reasons: Record<string, number> }> {
  const lines = new CopyText();
  const rows = createRowWriter(header);
  const make = header.made && createCustomerMaker(header.made);
  let inFile = 0;
  for (const [at, { rowNumber, winner }] of repeated.entries()) {
    const record = keptRecord(kept, keptIndex(kept, rowNumber));
    if (winner !== null) inFile++;
    const why =
      winner === null
        ? ['already_in_customers', 'already in customers']
        : ['duplicate_in_file', `duplicate of row ${winner}`];
    lines.texts([jobId, String(rowNumber), String(record.line), 'email', ...why]);
    const fields = parse(record);
    rows.whole(lines, make ? make(fields).shown : fields);
    lines.bytea(record.bytes, record.start, record.end);
    lines.endRow();
    if (at % PART === PART - 1) await setImmediate();
  }
  const inCustomers = repeated.length - inFile;
  return {
    rejects: lines.rows,
    reasons: {
      ...(inFile > 0 && { [DUPLICATE_IN_FILE]: inFile }),
      ...(inCustomers > 0 && { [ALREADY_IN_CUSTOMERS]: inCustomers }),
    },
  };
}
