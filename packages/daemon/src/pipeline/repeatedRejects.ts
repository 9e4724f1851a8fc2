/** Customers that PostgreSQL refuses for their e-mail, as rejects with their original records. */
import { ALREADY_IN_CUSTOMERS, DUPLICATE_IN_FILE } from '@csvjobs/shared';
import type { Repeated } from '../sql/customers.js';
import { type ReportRows, textFields } from './batch/reportRows.js';
import { createRowWriter } from './batch/rowJson.js';
import type { Batch } from './batch.js';
import { keptIndex, keptRecord } from './keptRecords.js';
import { createCustomerMaker } from './madeCustomers.js';
import type { Parse } from './parse.js';

const IN_CUSTOMERS = textFields(['email', 'already_in_customers', 'already in customers']);

/** Returns what writes the row of a repeated record of a batch. */
export function repeatedRejects(
  { kept, header }: Pick<Batch, 'kept' | 'header'>,
  parse: Parse,
): (into: ReportRows, repeated: Repeated) => void {
  const values = createRowWriter(header);
  const make = header.made && createCustomerMaker(header.made);
  return (into, { rowNumber, winner }) => {
    const record = keptRecord(kept, keptIndex(kept, rowNumber));
    into.begin(rowNumber, record.line);
    if (winner === null) into.copied(IN_CUSTOMERS);
    else for (const text of ['email', 'duplicate_in_file', `duplicate of row ${winner}`]) into.text(text);
    const fields = parse(record);
    values.whole(into, make ? make(fields).shown : fields);
    into.json(null);
    into.bytea(record.bytes, record.start, record.end);
    into.end();
  };
}

/** Returns the number of repeated records for each reason. */
export function repeatedReasons(repeated: readonly Repeated[]): Record<string, number> {
  const inFile = repeated.filter(({ winner }) => winner !== null).length;
  const inCustomers = repeated.length - inFile;
  return {
    ...(inFile > 0 && { [DUPLICATE_IN_FILE]: inFile }),
    ...(inCustomers > 0 && { [ALREADY_IN_CUSTOMERS]: inCustomers }),
  };
}
