/**
 * Rows in the text format of PostgreSQL's COPY (documentation, COPY, "Text Format"), for values that only PostgreSQL can
 * read: fields end with a tab, rows with a newline; backslash, tab, newline and carriage return are escaped; NULL is \N.
 */
import { LF } from '../records/bytes.js';
import type { PayloadMemory } from './memory.js';

const FIRST_SIZE = 64 * 1024;
const NULL = '\\N';
const NEEDS_ESCAPE = /[\\\t\n\r]/;
const ESCAPED = /[\\\t\n\r]/g;
const ESCAPES: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

/** Writes rows field by field into one buffer, which is reused after `take`. */
export class CopyText {
  count = 0;
  length = 0;
  #bytes = Buffer.allocUnsafeSlow(FIRST_SIZE);

  /** Writes fields that are strings or null, in one native write for all of them, because each write takes 0.15 µs. */
  texts(values: readonly (string | null)[]): void {
    let text = '';
    for (const value of values) text += `${value === null ? NULL : escapeText(value)}\t`;
    // A UTF-16 code unit takes at most three bytes in UTF-8.
    this.#room(3 * text.length);
    this.length += this.#bytes.write(text, this.length);
  }

  /** Ends the row: the tab of its last field becomes a newline. */
  endRow(): void {
    this.#bytes[this.length - 1] = LF;
    this.count++;
  }

  /** Returns the rows so far, in memory taken for them, and starts again. */
  take(memory: PayloadMemory): { count: number; copy: Uint8Array } {
    const copy = memory.take(this.length);
    copy.set(this.#bytes.subarray(0, this.length));
    const rows = { count: this.count, copy };
    this.count = 0;
    this.length = 0;
    return rows;
  }

  #room(size: number): void {
    if (this.length + size <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, this.length + size));
    this.#bytes.copy(larger, 0, 0, this.length);
    this.#bytes = larger;
  }
}

function escapeText(text: string): string {
  return NEEDS_ESCAPE.test(text) ? text.replaceAll(ESCAPED, (character) => ESCAPES[character]!) : text;
}
