/** What a record of the file has for the columns of its table, as PostgreSQL reads it: by that its row is found again. */
import type { FileDialect } from '@csvjobs/shared';
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

/** @returns what reads the only record of a batch; undefined for one that was rejected as it was read */
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
    const values: Values = {};
    for (const [at, { column, lookup }] of plan.columns.entries())
      if (lookup === undefined && !(plan.customers && isOrigin(column))) values[column] = texts[at] ?? null;
    return { rowNumber, line, values };
  };
}

/** Of customers: says from which job a row is, which nothing of the file does. */
function isOrigin(column: string): boolean {
  return (ORIGIN_COLUMNS as readonly string[]).includes(column);
}
