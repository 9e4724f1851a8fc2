/** A record near the start of a file: the header, something above it, or the first data record. */
import type { Encoding } from '../decode/encodings.js';
import { CleanText } from '../parse/clean.js';
import type { Parse, SoundRecord } from '../parse.js';
import type { Cutter } from '../records/cutter.js';
import type { FrameFault } from '../records/fault.js';
import { unreadable } from '../records/unreadable.js';
import type { RecordOptions } from '../records.js';

/** Kept in its own memory. */
export interface Candidate extends SoundRecord {
  line: number;
  lineEnd: number;
  passedLines: number;
  fault: FrameFault | undefined;
  /** Whether the cutter found no value in any field. */
  empty: boolean;
  /** Why it cannot be read; undefined if it can. The cells of an unreadable record are the texts between delimiters. */
  why: string | undefined;
  cells: string[];
  /** Number of cells that have a value. */
  values: number;
}

/** Makes a candidate of a cutter's current record. */
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
