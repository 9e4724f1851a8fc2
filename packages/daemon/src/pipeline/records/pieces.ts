/** Records that a line end in a value without quotes may have cut: what is looked at in two of them together. */
import type { Checkpoint } from '../checkpoint.js';
import type { Parse, SoundRecord } from '../parse.js';
import type { RecordCutter } from '../records.js';
import { QUOTE } from './bytes.js';

/** A sound record in memory of its own, until the next one is known. */
export interface HeldRecord extends SoundRecord {
  line: number;
  lineEnd: number;
  /** Behind it. */
  after: Checkpoint;
}

export function held(record: RecordCutter, after: Checkpoint): HeldRecord {
  const { start, end, quoted, doubled, padded, line, lineEnd } = record;
  const bytes = Buffer.from(record.bytes.subarray(start, end));
  return { bytes, start: 0, end: bytes.length, quoted, doubled, padded, line, lineEnd, after };
}

/**
 * Whether a record has one field. Of one that cannot be cut into fields it may be so, unless a delimiter stands in
 * front of its first quote.
 */
export function hasOneField(record: RecordCutter, parse: Parse, delimiter: number): boolean {
  if (record.fault === undefined) return parse(record).count === 1;
  const text = record.raw();
  const quote = text.indexOf(QUOTE);
  return !text.subarray(0, quote === -1 ? text.length : quote).includes(delimiter);
}
