/** Tracks a report: the last row that arrived complete, the bytes after it, and the number of rows. */
import type { ReportFormat } from '@csvjobs/shared/paths';

const LF = 0x0a;
const QUOTE = 0x22;
const COMMA = 0x2c;

/** The start of a row: the daemon writes its number first, in every format. */
const NUMBER: Record<ReportFormat, RegExp> = {
  csv: /^(\d{1,15}),/,
  json: /^\{"rowNumber":(\d{1,15}),/,
  ndjson: /^\{"rowNumber":(\d{1,15}),/,
};

/** Number of lines in a complete report that are not rows: the header of CSV, the brackets of JSON. */
const OTHER_LINES: Record<ReportFormat, number> = { csv: 1, json: 2, ndjson: 0 };

/** This many bytes are enough to read the number of a row. */
export const NUMBER_BYTES = 32;

/** Maximum bytes kept without the end of a row; a report that exceeds it is not resumed. Records have 1 MiB at most. */
const MOST_KEPT = 16 * 1024 * 1024;

/** Returns the number of the row that starts with these bytes; undefined if no row starts here. */
export function rowNumberAt(bytes: Uint8Array, format: ReportFormat): number | undefined {
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, NUMBER_BYTES));
  const found = NUMBER[format].exec(start.toString('latin1'))?.[1];
  return found === undefined ? undefined : Number(found);
}

/** Follows a report's bytes, in chunks of any size. Keeps the bytes after the last complete row: mostly one row. */
export class ReportTrace {
  readonly #format: ReportFormat;
  #after = 0;
  /** Complete lines after that row that are not rows: the header of CSV, the brackets of JSON. */
  #lines: Uint8Array[] = [];
  /** The incomplete line. */
  #open: Uint8Array[] = [];
  #kept = 0;
  #quoted = false;
  #ended = 0;

  constructor(format: ReportFormat) {
    this.#format = format;
  }

  /** The number of the last row that arrived complete; 0 before the first. */
  get after(): number {
    return this.#after;
  }

  /** The bytes after that row. */
  get behind(): Buffer {
    return Buffer.concat([...this.#lines, ...this.#open]);
  }

  /** Whether more bytes arrived without the end of a row than are kept; `behind` is then unknown. */
  get lost(): boolean {
    return this.#kept > MOST_KEPT;
  }

  /** The number of rows of a finished report. */
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
    // In an array, a row without a comma after it is the last. Only the end may follow, so it is no point to resume
    // from.
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

  /** Finds the ends of the last two lines that end in a chunk (0 if there is none), and counts all line ends. */
  #ends(chunk: Uint8Array): { previous: number; last: number } {
    let previous = 0;
    let last = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at];
      // Only CSV has line ends inside quotes; JSON writes them as \n.
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
