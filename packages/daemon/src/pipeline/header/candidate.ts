/** A record near the start of a file: the header, something above it, or the first of data. */
import type { Encoding } from '../decode/encodings.js';
import { CleanText } from '../parse/clean.js';
import type { Parse, SoundRecord } from '../parse.js';
import type { Cutter } from '../records/cutter.js';
import type { FrameFault } from '../records/fault.js';
import { unreadable } from '../records/unreadable.js';
import type { RecordOptions } from '../records.js';

/** In memory of its own. */
export interface Candidate extends SoundRecord {
  line: number;
  lineEnd: number;
  passedLines: number;
  fault: FrameFault | undefined;
  /** None of its fields has a value, as the cutter sees it. */
  empty: boolean;
  /** Why it cannot be read, where it cannot; its cells are then what stands between delimiters. */
  why: string | undefined;
  cells: string[];
  /** How many of its cells have a value. */
  values: number;
}

/** The record that a cutter has found. */
export function candidateOf(
  cutter: Cutter,
  parse: Parse,
  options: Pick<RecordOptions, 'delimiter' | 'maxRecordBytes'> & { encoding?: Encoding },
): Candidate {
  const { start, end, quoted, doubled, padded, line, lineEnd, passedLines, empty, fault } = cutter;
  const why = unreadable(cutter, new CleanText(), options)?.message;
  const faulty = fault !== undefined;
  const bytes = Buffer.from(faulty ? cutter.raw() : cutter.bytes.subarray(start, end));
  const record = { bytes, start: 0, end: bytes.length, quoted, doubled, padded, line, lineEnd, passedLines };
  const fields = faulty ? undefined : parse(record);
  const cells = fields
    ? Array.from({ length: fields.count }, (_, at) => fields.text(at))
    : bytes.toString('utf8').split(options.delimiter);
  const values = cells.filter((cell) => cell.trim() !== '').length;
  return { ...record, fault, empty, why, cells, values };
}
