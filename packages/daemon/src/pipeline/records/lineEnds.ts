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

/** This many records in a row with other line ends than the file's own are a part of another file. */
const PART = 100;

/** Counts the line ends of records, one after the other. */
export class LineEndCounts {
  /** How many records have each kind. */
  readonly records = new Float64Array(LINE_END_KINDS);
  /** For each kind, the most records in a row that have another; and how many those at hand are. */
  readonly #longest = new Float64Array(LINE_END_KINDS);
  readonly #others = new Float64Array(LINE_END_KINDS);
  /** The last records that have the same kind, not counted yet: of most files these are all. */
  #kind = NO_END;
  #run = 0;

  add(kind: number): void {
    if (kind !== this.#kind) this.#endRun(kind);
    this.#run++;
  }

  /** The end of the file. */
  end(): void {
    this.#endRun(NO_END);
  }

  /** Whether records have other line ends than a file's own. */
  hasOthers(own: LineEnd | undefined): boolean {
    return own !== undefined && this.#longest[lineEndKind(own)]! > 0;
  }

  /** Whether other line ends than a file's own are there, but not over a stretch that is a part of another file. */
  areStrays(own: LineEnd | undefined): boolean {
    return this.hasOthers(own) && this.#longest[lineEndKind(own)]! < PART;
  }

  #endRun(next: number): void {
    if (this.#run > 0) {
      this.records[this.#kind]! += this.#run;
      if (this.#kind !== NO_END)
        for (let kind = END_LF; kind < LINE_END_KINDS; kind++) {
          this.#others[kind] = kind === this.#kind ? 0 : this.#others[kind]! + this.#run;
          this.#longest[kind] = Math.max(this.#longest[kind]!, this.#others[kind]!);
        }
    }
    this.#kind = next;
    this.#run = 0;
  }
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
