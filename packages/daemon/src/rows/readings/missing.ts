/** Recognizes words that mean a missing value (Table Schema v2: missingValues) by their bytes. */
import { sameBytes } from '../sameBytes.js';

export type IsMissing = (bytes: Uint8Array, start: number, end: number) => boolean;

export function missingWords(words: readonly string[]): IsMissing {
  const known = words.map((word) => Buffer.from(word));
  const longest = Math.max(-1, ...known.map(({ length }) => length));
  return (bytes, start, end) => {
    if (end - start > longest) return false;
    for (const word of known) if (sameBytes(word, bytes, start, end)) return true;
    return false;
  };
}
