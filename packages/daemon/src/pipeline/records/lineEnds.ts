/** The line ends of text files, and how to find a file's own. */
import { CR, LF } from './bytes.js';

/** A line end, as stored with a job. */
export type LineEnd = 'lf' | 'crlf' | 'cr';

/** Line ends as numbers, for the loop over records: an index into the counts. */
export const NO_END = 0;
export const END_LF = 1;
export const END_CRLF = 2;
export const END_CR = 3;

/** Number of kinds, including `NO_END` (the end of the file). */
export const LINE_END_KINDS = 4;

const NAMES: readonly (LineEnd | undefined)[] = [undefined, 'lf', 'crlf', 'cr'];

/** Returns the kind of a line end by name; NO_END if it is not known. */
export function lineEndKind(name: LineEnd | undefined): number {
  return Math.max(NO_END, NAMES.indexOf(name));
}

/** `LF`, `CRLF` or `CR`, as shown in messages. */
export function shownLineEnd(kind: number): string {
  return (NAMES[kind] ?? 'nothing').toUpperCase();
}

/** Returns the kind of the line end that ends at a position and is not inside a value. */
export function kindBefore(bytes: Uint8Array, after: number): number {
  const last = bytes[after - 1];
  if (last === LF) return bytes[after - 2] === CR ? END_CRLF : END_LF;
  return last === CR ? END_CR : NO_END;
}

/** This many consecutive records with other line ends than the file's own are part of another file. */
const PART = 100;

/** Counts the line ends of records, one after the other. */
export class LineEndCounts {
  /** How many records have each kind. */
  readonly records = new Float64Array(LINE_END_KINDS);
  /** For each kind, the longest run of records with another kind, and the length of the current run. */
  readonly #longest = new Float64Array(LINE_END_KINDS);
  readonly #others = new Float64Array(LINE_END_KINDS);
  /** The last records with the same kind, not counted yet. In most files these are all records. */
  #kind = NO_END;
  #run = 0;

  add(kind: number): void {
    if (kind !== this.#kind) this.#endRun(kind);
    this.#run++;
  }

  /** Marks the end of the file. */
  end(): void {
    this.#endRun(NO_END);
  }

  /** Returns whether some records have other line ends than the file's own. */
  hasOthers(own: LineEnd | undefined): boolean {
    return own !== undefined && this.#longest[lineEndKind(own)]! > 0;
  }

  /** Returns whether there are other line ends than the file's own, but no run of them that is part of another file. */
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

/** The header's line end is the file's own if at least one record in this many has it. */
const ONE_IN = 100;

/**
 * Returns a file's own line end: the header's, because no value splits that line. If hardly any record has it (a header
 * was put before a file with other line ends), returns the most frequent one. The most frequent one is not always
 * right, because unquoted line ends in values may outnumber the records.
 *
 * @param header the kind that the header has
 * @param counts how many data records have each kind
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
