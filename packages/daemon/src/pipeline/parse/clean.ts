/** Checks whether a record is text that PostgreSQL can store: valid UTF-8 without NUL. */
import { isUtf8 } from 'node:buffer';
import type { Encoding } from '../decode/encodings.js';

export type TextFault = 'nul_character' | 'invalid_encoding';

/** Returns the message for a fault in a record of a file with the given encoding. */
export function textFaultMessage(fault: TextFault, encoding: Encoding): string {
  if (fault === 'nul_character') return 'NUL character; remove it from the record';
  return encoding === 'utf-8'
    ? 'bytes that are not UTF-8; save the file as UTF-8'
    : `bytes that ${encoding} does not define; check the encoding, or save the file as UTF-8`;
}

/**
 * Checks the records of a window, in order. The whole window is checked once (a few µs for 256 KiB), its records one by
 * one (0.14 µs each) only if that check found something.
 */
export class CleanText {
  #bytes: Buffer | undefined;
  #cleanUpTo = 0;

  /** Returns what is wrong with the text of a record, if anything. */
  fault(bytes: Buffer, start: number, end: number): TextFault | undefined {
    if (end <= this.cleanUpTo(bytes)) return undefined;
    const text = bytes.subarray(start, end);
    if (text.includes(0)) return 'nul_character';
    return isUtf8(text) ? undefined : 'invalid_encoding';
  }

  /** Returns the position up to which nothing is wrong with a window; 0 if its records must be checked one by one. */
  cleanUpTo(bytes: Buffer): number {
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#cleanUpTo = cleanPart(bytes);
    }
    return this.#cleanUpTo;
  }
}

/**
 * Returns the position up to which a window is certainly clean. After its last ASCII byte it may end within a
 * character.
 */
function cleanPart(bytes: Buffer): number {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1]! >= 0x80) end--;
  const whole = bytes.subarray(0, end);
  return !whole.includes(0) && isUtf8(whole) ? end : 0;
}
