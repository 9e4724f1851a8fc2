/**
 * Whether a record may have the key of one a few batches before it. Two such batches, open side by side, would wait for each
 * other: the earlier one for the row, the later one for its turn. So the later one does not begin before its turn.
 *
 * It is a hint: what it misses (`07` and `7`) PostgreSQL finds, and load.ts breaks the circle. Only the last batches are
 * kept in mind, as what is committed holds nobody up.
 */
import { valueEnd, valueStart } from '../../rows/blanks.js';
import type { Fields } from '../parse/fields.js';

/** Batches in mind: at least so many, at most twice as many. No more than that are open at a time. */
const BATCHES = 4;

export class RecentKeys {
  readonly #positions: readonly number[];
  /** Hashes of 53 bits: a filter that errs once in a hundred keys would hold up every batch. */
  #before = new Set<number>();
  #now = new Set<number>();
  #batches = 0;

  /** @param positions the fields of the key's columns */
  constructor(positions: readonly number[]) {
    this.#positions = positions;
  }

  /** Notes the key of a record. Returns whether one of the last batches, or this one, may have had it. */
  add(fields: Fields): boolean {
    let hash = 0x811c9dc5 | 0;
    let other = 0x2f0b4c47 | 0;
    for (const position of this.#positions) {
      const { bytes, starts, ends } = fields;
      const start = valueStart(bytes, starts[position]!, ends[position]!);
      const end = valueEnd(bytes, start, ends[position]!);
      for (let at = start; at < end; at++) {
        hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
        other = Math.imul(other ^ bytes[at]!, 0x5bd1e995);
      }
      // So that `1,23` and `12,3` are two keys.
      hash = Math.imul(hash ^ 0x1ff, 0x01000193);
      other = Math.imul(other ^ 0x1ff, 0x5bd1e995);
    }
    const key = ((hash ^ (hash >>> 15)) >>> 0) * 2 ** 21 + ((other ^ (other >>> 13)) >>> 11);
    const met = this.#before.has(key) || this.#now.has(key);
    this.#now.add(key);
    return met;
  }

  /** A batch ends here. */
  endBatch(): void {
    if (++this.#batches % BATCHES !== 0) return;
    this.#before = this.#now;
    this.#now = new Set();
  }
}
