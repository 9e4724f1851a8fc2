import { valueEnd, valueStart } from '../../rows/blanks.js';
import type { Fields } from '../parse/fields.js';

/** Hashes the texts of some fields, without surrounding blanks, to two 32-bit numbers. */
export function hashTexts(
  { bytes, starts, ends }: Fields,
  positions: readonly number[],
): { hash: number; other: number } {
  let hash = 0x811c9dc5 | 0;
  let other = 0x2f0b4c47 | 0;
  for (const position of positions) {
    const start = valueStart(bytes, starts[position]!, ends[position]!);
    const end = valueEnd(bytes, start, ends[position]!);
    for (let at = start; at < end; at++) {
      hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
      other = Math.imul(other ^ bytes[at]!, 0x5bd1e995);
    }
    // So that `1,23` and `12,3` are different keys.
    hash = Math.imul(hash ^ 0x1ff, 0x01000193);
    other = Math.imul(other ^ 0x1ff, 0x5bd1e995);
  }
  return { hash: hash ^ (hash >>> 15), other: other ^ (other >>> 13) };
}
