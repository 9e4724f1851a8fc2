/** Records that a line end in a value without quotes may have cut: what is looked at in two of them together. */
import type { Checkpoint } from '../checkpoint.js';
import type { Parse, SoundRecord } from '../parse.js';
import type { Cutter } from './cutter.js';
import type { DialectTokens } from './dialectTokens.js';

/** A sound record in memory of its own, until the next one is known. */
export interface HeldRecord extends SoundRecord {
  line: number;
  lineEnd: number;
  /** It lacks fields at its end. */
  lacksEnd?: true;
  /** Behind it. */
  after: Checkpoint;
}

export function held(record: Cutter, after: Checkpoint): HeldRecord {
  const { start, end, quoted, doubled, padded, line, lineEnd } = record;
  const bytes = Buffer.from(record.bytes.subarray(start, end));
  return { bytes, start: 0, end: bytes.length, quoted, doubled, padded, line, lineEnd, after };
}

/**
 * Whether a record has one field. Of one that cannot be cut into fields it may be so, unless a delimiter stands in
 * front of its first quote.
 */
export function hasOneField(
  record: Cutter,
  parse: Parse,
  { delimiter, quote }: Pick<DialectTokens, 'delimiter' | 'quote'>,
): boolean {
  if (record.fault === undefined) return parse(record).count === 1;
  const text = record.raw();
  const at = quote === undefined ? -1 : text.indexOf(quote);
  return !text.subarray(0, at === -1 ? text.length : at).includes(delimiter);
}
