/** The texts of a batch's rows, for rows that no stage has room for. */
import type { TextRow } from '../../sql/target/insertEach.js';
import type { RecordReader } from '../customers/recordReader.js';
import { binaryRows, keptRecord } from '../keptRecords.js';
import type { Parse } from '../parse.js';
import type { TargetBatch } from './targetBatch.js';

/** Rows that went into `rows` of a batch, those that stand aside, or both. */
export type WhichRows = 'rows' | 'aside' | 'all';

/** In the order of the file; each behind the number that `recordsOf` finds its record by. */
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
