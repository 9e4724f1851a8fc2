/** Writes text as the content of JSON strings, from bytes to bytes. */
import { QUOTE } from '../records/bytes.js';
import type { Words } from './words.js';

const BACKSLASH = 0x5c;
const WORD_OF_BACKSLASHES = 0x5c5c5c5c;
const WORD_OF_QUOTES = 0x22222222;
/** These bits are all zero in a byte below 0x20. */
const NOT_CONTROL = 0xe0e0e0e0;

/** JSON's escapes by byte; undefined for all other bytes. */
const ESCAPES: readonly (Buffer | undefined)[] = Array.from({ length: 0x100 }, (_, byte) => {
  if (byte >= 0x20 && byte !== QUOTE && byte !== BACKSLASH) return undefined;
  return Buffer.from(JSON.stringify(String.fromCharCode(byte)).slice(1, -1));
});

/** Length of the longest escape, `\u001f`. */
export const MOST_FOR_A_BYTE = 6;

/**
 * Writes UTF-8 text without NUL as the content of a JSON string (RFC 8259, section 7). Returns where it ends.
 *
 * Copies four bytes at a time as long as nothing needs escaping: 25 ns per field, against 60 ns byte by byte.
 * `Buffer.copy` takes 95 ns, because it makes an object for each call.
 *
 * @param to where to write; there must be room for MOST_FOR_A_BYTE times the text
 */
export function writeJsonText(from: Words, start: number, end: number, into: Words, to: number): number {
  let at = start;
  let length = to;
  if (end - start >= 8)
    for (; at + 4 <= end; at += 4) {
      const word = from.words.getInt32(at, true);
      const found =
        zeroByte(word & NOT_CONTROL) | zeroByte(word ^ WORD_OF_BACKSLASHES) | zeroByte(word ^ WORD_OF_QUOTES);
      if ((found & 0x80808080) !== 0) break;
      into.words.setInt32(length, word, true);
      length += 4;
    }
  for (; at < end; at++) {
    const byte = from.bytes[at]!;
    const escaped = ESCAPES[byte];
    if (escaped === undefined) into.bytes[length++] = byte;
    else for (let part = 0; part < escaped.length; part++) into.bytes[length++] = escaped[part]!;
  }
  return length;
}

/** Sets bit 7 of each result byte whose byte in the word is zero; also that of a byte 1 just above a zero byte. */
function zeroByte(word: number): number {
  return (word - 0x01010101) & ~word;
}
