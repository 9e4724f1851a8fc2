/**
 * The keys of a log by value, in runs of sorted entries. Each run is more than twice as long as the next, so there are
 * few of them, and each entry is merged only a few times. The index is made from the log once searching has become
 * expensive, and belongs to one attempt.
 */
import type { KeyLog } from './keyLog.js';
import { ENTRY, merged, SortedRun } from './sortedRun.js';

/** A run is merged with the next unless it is longer by this factor. */
const FACTOR = 2;
/** More than the number of pairs that the log returns at once. */
const PLACES = 2 ** 20;

export class KeyIndex {
  /** Number of records covered: all up to this one. */
  records = 0;
  /** Whether the log had all of these records. */
  whole = true;
  /** Number of entries sorted and merged so far. */
  sorted = 0;
  readonly #path: string;
  readonly #keys: number;
  #runs: SortedRun[] = [];

  /**
   * @param path where unnamed files may be created
   * @param keys number of keys per record
   */
  constructor(path: string, keys: number) {
    this.#path = path;
    this.#keys = keys;
  }

  /** Number of entries read for answers. */
  get looked(): number {
    return this.#runs.reduce((sum, { looked }) => sum + looked, this.#lookedBefore);
  }
  /** The same for runs that have since been merged. */
  #lookedBefore = 0;

  /** Adds the records of the log up to `last`. @throws disk errors */
  async takeIn(log: KeyLog, last: number): Promise<void> {
    let failed: { error: unknown } | undefined;
    // Errors here are not the fault of the log.
    const take = async (pairs: Int32Array, first: number) => {
      if (failed) return;
      try {
        await this.#add(pairs, first);
      } catch (error) {
        failed = { error };
      }
    };
    const all = await log.read(last + 1, take, this.records + 1);
    if (failed) throw (failed as { error: unknown }).error;
    if (!all) this.whole = false;
    this.records = last;
  }

  async #add(pairs: Int32Array, first: number): Promise<void> {
    for (let at = 0; at < pairs.length; at += 2)
      if (pairs[at] === 0 && pairs[at + 1] === 0) this.whole = false;
    const entries = sortedEntries(pairs, first, this.#keys);
    if (entries.length === 0) return;
    this.sorted += entries.length / ENTRY;
    this.#runs.push(await SortedRun.write(this.#path, [entries]));
    for (;;) {
      const [longer, shorter] = this.#runs.slice(-2);
      if (!longer || !shorter || longer.count > FACTOR * shorter.count) return;
      await this.#merge(longer, shorter);
    }
  }

  async #merge(longer: SortedRun, shorter: SortedRun): Promise<void> {
    const run = await SortedRun.write(this.#path, merged(longer, shorter));
    this.sorted += run.count;
    this.#lookedBefore += longer.looked + shorter.looked;
    this.#runs.splice(-2, 2, run);
    await Promise.all([longer.close(), shorter.close()]);
  }

  /**
   * Returns the last covered record with a key; 0 if there is none. Calls must be in the order of `low`, read as
   * unsigned.
   */
  async lastRow(key: number, low: number, high: number): Promise<number> {
    let last = 0;
    for (const run of this.#runs) last = Math.max(last, await run.lastRow(low, ofKey(high, key)));
    return last;
  }

  async close(): Promise<void> {
    await Promise.all(this.#runs.map((run) => run.close()));
    this.#runs = [];
  }
}

/** Varies the second half of a pair by key, because a value may occur in two columns. */
function ofKey(high: number, key: number): number {
  return high ^ Math.imul(key, 0x9e3779b1);
}

/** Returns the pairs of records that have a key as entries, ordered by their first halves. */
function sortedEntries(pairs: Int32Array, first: number, keys: number): Int32Array {
  const order = new Float64Array(pairs.length / 2);
  let count = 0;
  // Native code sorts numbers of 52 bits; a comparison in JavaScript takes ten times as long.
  for (let place = 0; place < order.length; place++)
    if (pairs[2 * place + 1] !== 0) order[count++] = (pairs[2 * place]! >>> 0) * PLACES + place;
  const entries = new Int32Array(count * ENTRY);
  let at = 0;
  for (const number of order.subarray(0, count).sort()) {
    const place = number % PLACES;
    const row = first + Math.floor(place / keys);
    entries[at++] = pairs[2 * place]!;
    entries[at++] = ofKey(pairs[2 * place + 1]!, place % keys);
    entries[at++] = row % 2 ** 32;
    entries[at++] = Math.floor(row / 2 ** 32);
  }
  return entries;
}
