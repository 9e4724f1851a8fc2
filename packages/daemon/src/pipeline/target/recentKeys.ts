/**
 * Whether a record may have the key of one a few batches before it. Two such batches, open side by side, would wait for each
 * other: the earlier one for the row, the later one for its turn. So the later one does not begin before its turn.
 *
 * It is a hint: what it misses (`07` and `7`) PostgreSQL finds, and load.ts breaks the circle. Only the last batches are
 * kept in mind, as what is committed holds nobody up.
 */
import { valueEnd, valueStart } from '../../rows/blanks.js';
import { EmailFilter } from '../batch/emailFilter.js';
import type { Fields } from '../parse/fields.js';

/** Batches in mind: at least so many, at most twice as many. No more than that are open at a time. */
const BATCHES = 4;

export class RecentKeys {
  readonly #positions: readonly number[];
  readonly #batchRows: number;
  readonly #key = { hash: 0, otherHash: 0 };
  #before: EmailFilter;
  #now: EmailFilter;
  #batches = 0;

  /** @param positions the fields of the key's columns */
  constructor(positions: readonly number[], batchRows: number) {
    this.#positions = positions;
    this.#batchRows = batchRows;
    this.#before = this.#empty();
    this.#now = this.#empty();
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
    this.#key.hash = hash ^ (hash >>> 15);
    this.#key.otherHash = other ^ (other >>> 13);
    const before = this.#before.add(this.#key);
    return this.#now.add(this.#key) || before;
  }

  /** A batch ends here. */
  endBatch(): void {
    if (++this.#batches % BATCHES !== 0) return;
    this.#before = this.#now;
    this.#now = this.#empty();
  }

  #empty(): EmailFilter {
    return new EmailFilter(2 * BATCHES * this.#batchRows);
  }
}
