/** Adds plain records to a batch. */
import type { RowReader } from '../../../rows/rowReader.js';
import type { RecordKeeper } from '../../keptRecords.js';
import type { PlainRecords } from './plainRecords.js';

/** Where the rows of plain records go. */
export interface PlainPlaces {
  rows: Pick<RowReader, 'append' | 'length'>;
  /** Whether a record's row is set apart. Called once for each record, in order. */
  isSuspect(index: number): boolean;
  /** Takes the row of the record that was kept last. */
  addSuspect(row: Uint8Array): void;
}

/** Rows are copied in runs, from one that is set apart to the next. @param first the number and line of the first record */
export function addRecords(
  plain: PlainRecords,
  bytes: Buffer,
  first: { rowNumber: number; line: number },
  kept: RecordKeeper,
  { rows, isSuspect, addSuspect }: PlainPlaces,
): void {
  const record = { bytes, start: 0, end: 0, quoted: false, doubled: false, padded: false };
  // Where the run starts: its index, its position in the new rows, and in the rows of the batch.
  let run = 0;
  let runAt = 0;
  let base = rows.length;
  for (let index = 0; index < plain.count; index++) {
    record.start = plain.start(index);
    record.end = plain.end(index);
    record.quoted = plain.quoted(index);
    const rowAt = plain.rowEnd(index - 1);
    const rowEnd = plain.rowEnd(index);
    const apart = isSuspect(index);
    kept.add(first.rowNumber + index, first.line + index, record, apart ? 0 : base + rowEnd - runAt);
    if (!apart) continue;
    rows.append(plain.rows.subarray(runAt, rowAt), index - run);
    addSuspect(plain.rows.subarray(rowAt, rowEnd));
    run = index + 1;
    runAt = rowEnd;
    base = rows.length;
  }
  rows.append(plain.rows.subarray(runAt), plain.count - run);
}
