/**
 * Rows in the text format of PostgreSQL's COPY (documentation, COPY, "Text Format"): fields end with a tab, rows
 * with a newline; backslash, tab, newline and carriage return are escaped; NULL is \N.
 */
import { CR, LF, TAB } from '../records/bytes.js';

const BACKSLASH = 0x5c;
const FIRST_SIZE = 64 * 1024;

/** The letter after the backslash for each byte that is escaped, 0 for all others. */
const ESCAPE = new Uint8Array(256);
ESCAPE[BACKSLASH] = BACKSLASH;
ESCAPE[TAB] = 't'.charCodeAt(0);
ESCAPE[LF] = 'n'.charCodeAt(0);
ESCAPE[CR] = 'r'.charCodeAt(0);

/** Rows being written, field by field, in one buffer that is used again after `take`. */
export class CopyText {
  count = 0;
  length = 0;
  #bytes = Buffer.allocUnsafe(FIRST_SIZE);

  /** A field that is a whole number, not negative. */
  integer(value: number): void {
    this.#room(17);
    let rest = value;
    let digits = 1;
    for (let power = 10; power <= value; power *= 10) digits++;
    for (let at = this.length + digits - 1; at >= this.length; at--) {
      const next = Math.floor(rest / 10);
      this.#bytes[at] = 0x30 + rest - next * 10;
      rest = next;
    }
    this.length += digits;
    this.#bytes[this.length++] = TAB;
  }

  null(): void {
    this.#room(3);
    this.#bytes[this.length++] = BACKSLASH;
    this.#bytes[this.length++] = 0x4e;
    this.#bytes[this.length++] = TAB;
  }

  /** A field that is UTF-8 text in a buffer. */
  bytes(from: Uint8Array, start: number, end: number): void {
    this.#room(2 * (end - start) + 1);
    const into = this.#bytes;
    let length = this.length;
    for (let at = start; at < end; at++) {
      const byte = from[at]!;
      const letter = ESCAPE[byte]!;
      if (letter === 0) into[length++] = byte;
      else {
        into[length++] = BACKSLASH;
        into[length++] = letter;
      }
    }
    into[length++] = TAB;
    this.length = length;
  }

  /** A field that is a string. */
  text(value: string): void {
    const bytes = Buffer.from(value);
    this.bytes(bytes, 0, bytes.length);
  }

  /** Ends the row: its last field's tab becomes a newline. */
  endRow(): void {
    this.#bytes[this.length - 1] = LF;
    this.count++;
  }

  /** The rows so far, in memory of their own, which can be handed to another thread; goes on empty. */
  take(): { count: number; copy: Uint8Array } {
    const copy = new Uint8Array(this.length);
    copy.set(this.#bytes.subarray(0, this.length));
    const rows = { count: this.count, copy };
    this.count = 0;
    this.length = 0;
    return rows;
  }

  #room(size: number): void {
    if (this.length + size <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.length + size));
    this.#bytes.copy(larger, 0, 0, this.length);
    this.#bytes = larger;
  }
}
