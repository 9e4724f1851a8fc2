/** Checks two consecutive records that an unquoted line end in a value may have split. */
import type { Checkpoint } from '../checkpoint.js';
import type { Parse, SoundRecord } from '../parse.js';
import type { Cutter } from './cutter.js';
import type { DialectTokens } from './dialectTokens.js';

/** A sound record in its own memory, held until the next one is known. */
export interface HeldRecord extends SoundRecord {
  line: number;
  lineEnd: number;
  /** Whether it lacks fields at its end. */
  lacksEnd?: true;
  /** The position after it. */
  after: Checkpoint;
}

export function held(record: Cutter, after: Checkpoint): HeldRecord {
  const { start, end, quoted, doubled, padded, line, lineEnd } = record;
  const bytes = Buffer.from(record.bytes.subarray(start, end));
  return { bytes, start: 0, end: bytes.length, quoted, doubled, padded, line, lineEnd, after };
}

/**
 * Returns whether a record has one field. A record that cannot be cut into fields may have one, unless a delimiter
 * comes before its first quote.
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
