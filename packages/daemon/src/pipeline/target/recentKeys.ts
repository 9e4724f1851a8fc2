/**
 * Whether one of the last batches may have had a key, by its hash. Two such batches, open side by side, would wait for each
 * other: the earlier one for the row, the later one for its turn.
 *
 * Of new rows it is a hint: what it misses PostgreSQL finds, and load.ts breaks the circle. Updates before the turn of their batch
 * rely on it (upsertBatch.ts). Only the last batches are kept in mind, as what is committed holds nobody up.
 */

/** Batches in mind: at least this many before the one that is read, at most twice as many. */
export const WATCHED_BATCHES = 4;

export class RecentKeys {
  #before = new Hashes();
  #now = new Hashes();
  #batches = 0;

  /** Notes a key. Returns whether one of the last batches, or this one, may have had it. @param hash @param other 32 bits each */
  add(hash: number, other: number): boolean {
    const met = this.#before.has(hash, other);
    return this.#now.add(hash, other) || met;
  }

  /** A batch ends here. */
  endBatch(): void {
    if (++this.#batches % WATCHED_BATCHES !== 0) return;
    const { size } = this.#now;
    this.#before = this.#now;
    this.#now = new Hashes(size);
  }
}

const FIRST_SLOTS = 4 * 1024;

/**
 * A set of pairs of numbers, open addressing with linear probing. A Set of numbers of 53 bits has an object for each: 0.9 µs a
 * key with its collection, this 0.1.
 */
class Hashes {
  size = 0;
  #slots: Int32Array;
  #mask: number;

  /** @param expected as many as before are likely to come */
  constructor(expected = 0) {
    let slots = FIRST_SLOTS;
    while (slots < 2 * expected) slots *= 2;
    this.#slots = new Int32Array(2 * slots);
    this.#mask = slots - 1;
  }

  has(hash: number, other: number): boolean {
    return this.#slots[2 * this.#find(hash, other | 1) + 1] !== 0;
  }

  /** Returns whether it was there. */
  add(hash: number, other: number): boolean {
    const second = other | 1;
    const slot = this.#find(hash, second);
    const slots = this.#slots;
    if (slots[2 * slot + 1] !== 0) return true;
    slots[2 * slot] = hash;
    slots[2 * slot + 1] = second;
    if (2 * ++this.size > this.#mask) this.#grow();
    return false;
  }

  /** The slot of a pair, or the empty one where it would stand. The second number is odd, so that no pair looks empty. */
  #find(hash: number, second: number): number {
    const slots = this.#slots;
    const mask = this.#mask;
    let slot = (hash ^ (hash >>> 15)) & mask;
    while (slots[2 * slot + 1] !== 0) {
      if (slots[2 * slot] === hash && slots[2 * slot + 1] === second) break;
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Int32Array(2 * old.length);
    this.#mask = 2 * this.#mask + 1;
    this.size = 0;
    for (let at = 0; at < old.length; at += 2) if (old[at + 1] !== 0) this.add(old[at]!, old[at + 1]!);
  }
}
