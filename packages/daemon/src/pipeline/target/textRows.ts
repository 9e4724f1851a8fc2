/** The texts of a batch's rows, for rows with too many columns for a stage. */
import type { TextRow } from '../../sql/target/insertEach.js';
import type { RecordReader } from '../customers/recordReader.js';
import { binaryRows, keptRecord } from '../keptRecords.js';
import type { Parse } from '../parse.js';
import type { TargetBatch } from './targetBatch.js';

/** The records in `rows` of a batch, those set aside, or all. */
export type WhichRows = 'rows' | 'aside' | 'all';

/** Yields rows in file order, each with the number by which `recordsOf` finds its record. */
export function* textRows(
  { kept }: TargetBatch,
  which: WhichRows,
  { records, parse }: { records: RecordReader; parse: Parse },
): Generator<TextRow> {
  const isBinary = new Set(binaryRows(kept).records);
  for (let index = 0; index < kept.count; index++) {
    if (which !== 'all' && isBinary.has(index) !== (which === 'rows')) continue;
    const record = keptRecord(kept, index);
    const { values } = records.judge(parse(record), record.rowNumber);
    yield { row: index + 1, values };
  }
}
