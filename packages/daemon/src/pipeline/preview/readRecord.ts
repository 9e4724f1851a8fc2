/**
 * Returns the values that a record has for the columns of its table, as PostgreSQL reads them, so that its row can be
 * found again.
 */
import { byName, type FileDialect } from '@csvjobs/shared';
import type { Values } from '../../sql/preview/storedRow.js';
import { ORIGIN_COLUMNS } from '../customers/origin.js';
import { createRecordReader } from '../customers/recordReader.js';
import { parseFixed } from '../fixes/parseFixed.js';
import { keptRecord } from '../keptRecords.js';
import { createParse } from '../parse.js';
import type { FilePlan } from '../reading.js';
import type { TargetBatch } from '../target/targetBatch.js';

export interface ReadRecord {
  rowNumber: number;
  line: number;
  values: Values;
}

/**
 * @returns a function that reads the only record of a batch; undefined for a record that was rejected while it was read
 */
export function recordIn(
  plan: FilePlan,
  { delimiter, dialect }: { delimiter: string; dialect?: FileDialect | undefined },
): (batch: TargetBatch) => ReadRecord | undefined {
  const parse = parseFixed(createParse({ delimiter, dialect }), plan.report);
  const records = createRecordReader({ plan, customers: plan.customers });
  return ({ kept }) => {
    if (kept.count === 0) return undefined;
    const record = keptRecord(kept, 0);
    const { rowNumber, line } = record;
    const texts = records.judge(parse(record), rowNumber).values;
    const values: Values = byName();
    for (const [at, { column, lookup }] of plan.columns.entries())
      if (lookup === undefined && !(plan.customers && isOrigin(column))) values[column] = texts[at] ?? null;
    return { rowNumber, line, values };
  };
}

/** Returns whether a column of customers says which job a row is from; nothing in the file does. */
function isOrigin(column: string): boolean {
  return (ORIGIN_COLUMNS as readonly string[]).includes(column);
}
