/**
 * Remembers, by hash, which keys the last batches may have had. Two batches with the same key, open side by side, would
 * wait for each other: the earlier one for the row, the later one for its turn.
 *
 * For new rows this is only a hint: PostgreSQL finds what it misses, and load.ts breaks the deadlock. Updates before a
 * batch's turn rely on it (upsertBatch.ts). Only the last batches are remembered, because committed rows block no other
 * batch.
 */

/** Number of batches remembered: at least this many before the one being read, at most twice as many. */
export const WATCHED_BATCHES = 4;

export class RecentKeys {
  #before = new Hashes();
  #now = new Hashes();
  #batches = 0;

  /**
   * Remembers a key. Returns whether one of the last batches, or this one, may have had it.
   * @param hash 32 bits
   * @param other 32 more bits
   */
  add(hash: number, other: number): boolean {
    const met = this.#before.has(hash, other);
    return this.#now.add(hash, other) || met;
  }

  /** Marks the end of a batch. */
  endBatch(): void {
    if (++this.#batches % WATCHED_BATCHES !== 0) return;
    const { size } = this.#now;
    const old = this.#before;
    this.#before = this.#now;
    this.#now = old.emptied(size) ?? new Hashes(size);
  }
}

const FIRST_SLOTS = 4 * 1024;

/**
 * A set of pairs of numbers: open addressing with linear probing. A Set of 53-bit numbers makes an object for each: 0.9
 * µs per key including garbage collection, against 0.1 µs here.
 */
class Hashes {
  size = 0;
  #slots: Int32Array;
  #mask: number;

  /** @param expected likely number of keys: as many as before */
  constructor(expected = 0) {
    const slots = slotsFor(expected);
    this.#slots = new Int32Array(2 * slots);
    this.#mask = slots - 1;
  }

  /** Empties the set and returns it, unless it has too much or too little room. New memory would be faulted in page by page. */
  emptied(expected: number): Hashes | undefined {
    if (2 * slotsFor(expected) !== this.#slots.length) return undefined;
    this.#slots.fill(0);
    this.size = 0;
    return this;
  }

  has(hash: number, other: number): boolean {
    return this.#slots[2 * this.#find(hash, other | 1) + 1] !== 0;
  }

  /** Returns whether the pair was already there. */
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

  /** Returns the slot of a pair, or the empty slot for it. The second number is odd, so no pair looks empty. */
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

function slotsFor(keys: number): number {
  let slots = FIRST_SLOTS;
  while (slots < 2 * keys) slots *= 2;
  return slots;
}
