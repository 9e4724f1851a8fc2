/** How far a report has come: its last row that arrived whole, the bytes that came behind it, and how many rows came. */
import type { ReportFormat } from '@csvjobs/shared/paths';

const LF = 0x0a;
const QUOTE = 0x22;
const COMMA = 0x2c;

/** What a row begins with: the daemon writes its number first, in every format. */
const NUMBER: Record<ReportFormat, RegExp> = {
  csv: /^(\d{1,15}),/,
  json: /^\{"rowNumber":(\d{1,15}),/,
  ndjson: /^\{"rowNumber":(\d{1,15}),/,
};

/** Lines of a whole report that are no rows: the header of CSV, the brackets of JSON. */
const OTHER_LINES: Record<ReportFormat, number> = { csv: 1, json: 2, ndjson: 0 };

/** So many bytes are enough to read the number of a row. */
export const NUMBER_BYTES = 32;

/** More than this without the end of a row is not kept: such a report is not gone on with. Records have 1 MiB at most. */
const MOST_KEPT = 16 * 1024 * 1024;

/** The number of the row that begins with these bytes; undefined where none does. */
export function rowNumberAt(bytes: Uint8Array, format: ReportFormat): number | undefined {
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, NUMBER_BYTES));
  const found = NUMBER[format].exec(start.toString('latin1'))?.[1];
  return found === undefined ? undefined : Number(found);
}

/** Told of a report's bytes, however they are cut. Keeps what came behind the last whole row: one row, mostly. */
export class ReportTrace {
  readonly #format: ReportFormat;
  #after = 0;
  /** Whole lines behind that row which are no rows: the header of CSV, the brackets of JSON. */
  #lines: Uint8Array[] = [];
  /** The line that has begun. */
  #open: Uint8Array[] = [];
  #kept = 0;
  #quoted = false;
  #ended = 0;

  constructor(format: ReportFormat) {
    this.#format = format;
  }

  /** The number of the last row that came whole; 0 before the first. */
  get after(): number {
    return this.#after;
  }

  /** What came behind that row. */
  get behind(): Buffer {
    return Buffer.concat([...this.#lines, ...this.#open]);
  }

  /** Whether more has come without the end of a row than is kept: `behind` is then not known. */
  get lost(): boolean {
    return this.#kept > MOST_KEPT;
  }

  /** How many rows a report has that has come to its end. */
  get rows(): number {
    return Math.max(0, this.#ended - OTHER_LINES[this.#format]);
  }

  add(chunk: Uint8Array): void {
    const { previous, last } = this.#ends(chunk);
    if (this.lost) return;
    this.#kept += chunk.length;
    if (last === 0) {
      this.#open.push(chunk);
      return;
    }
    const line =
      previous > 0 ? chunk.subarray(previous, last) : Buffer.concat([...this.#open, chunk.subarray(0, last)]);
    // In an array, a row without a comma behind it is the last: only the end may follow, so it is not gone on from.
    const isLast = this.#format === 'json' && line.at(-2) !== COMMA;
    const number = isLast ? undefined : rowNumberAt(line, this.#format);
    if (number === undefined) {
      this.#lines.push(...this.#open, chunk.subarray(0, last));
    } else {
      this.#after = number;
      this.#lines = [];
      this.#kept = chunk.length - last;
    }
    this.#open = [chunk.subarray(last)];
  }

  /** Where the last line that ends in a chunk ends, and the one before it; 0 for none. Counts them all. */
  #ends(chunk: Uint8Array): { previous: number; last: number } {
    let previous = 0;
    let last = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at];
      // Only CSV has line ends inside of quotes; JSON writes them as \n.
      if (byte === QUOTE) this.#quoted = this.#format === 'csv' && !this.#quoted;
      else if (byte === LF && !this.#quoted) {
        previous = last;
        last = at + 1;
        this.#ended += 1;
      }
    }
    return { previous, last };
  }
}
