/** The line ends of text files, and what tells them apart. */
import { CR, LF } from './bytes.js';

/** A line end, as a job keeps it. */
export type LineEnd = 'lf' | 'crlf' | 'cr';

/** A line end as a number, for the loop over records: an index into what is counted. */
export const NO_END = 0;
export const END_LF = 1;
export const END_CRLF = 2;
export const END_CR = 3;

/** How many kinds there are, `NO_END` (the end of the file) among them. */
export const LINE_END_KINDS = 4;

const NAMES: readonly (LineEnd | undefined)[] = [undefined, 'lf', 'crlf', 'cr'];

/** The kind of a line end by its name; NO_END where it is not known. */
export function lineEndKind(name: LineEnd | undefined): number {
  return Math.max(NO_END, NAMES.indexOf(name));
}

/** `LF`, `CRLF` or `CR`, as messages have it. */
export function shownLineEnd(kind: number): string {
  return (NAMES[kind] ?? 'nothing').toUpperCase();
}

/** The kind of the line end that is over at a position, which is not the end of a value. */
export function kindBefore(bytes: Uint8Array, after: number): number {
  const last = bytes[after - 1];
  if (last === LF) return bytes[after - 2] === CR ? END_CRLF : END_LF;
  return last === CR ? END_CR : NO_END;
}

/** The header's line end is the file's own where at least one record in so many has it. */
const ONE_IN = 100;

/**
 * A file's own line end: the header's, as no value cuts that line; unless hardly any record has it (a header that was
 * put before a file with other line ends), then the most frequent. Not always that one: where values hold line ends
 * without quotes, those may be more than the records.
 *
 * @param header the kind that the header has
 * @param counts how many records of data have each kind
 */
export function ownLineEnd(header: number, counts: ArrayLike<number>): LineEnd | undefined {
  let records = 0;
  let most = NO_END;
  for (let kind = END_LF; kind < LINE_END_KINDS; kind++) {
    records += counts[kind]!;
    if (counts[kind]! > (most === NO_END ? 0 : counts[most]!)) most = kind;
  }
  return NAMES[(counts[header]! + 1) * ONE_IN >= records ? header : most];
}
