/**
 * Finds the row of the file that has the key a record repeats: the last earlier record that has the same key and was
 * loaded. One pass over the log of keys, or lookups in an index of it, answer all questions of a batch. Files without
 * duplicates need neither.
 */

import { KeyIndex } from './keyIndex.js';
import type { KeyLog } from './keyLog.js';
import { NO_KEY } from './keyPairs.js';

/** A record that PostgreSQL refused because of a key. */
export interface Repeat {
  rowNumber: number;
  /** Which of the record's keys, from 0. */
  key: number;
}

/** The keys of the records of a batch, none of which is in the log yet. */
export interface BatchKeys {
  /** The number of the first record. */
  first: number;
  pairs: Int32Array;
  /** Number of keys per record. */
  keys: number;
}

/** The row; `none` if no row of the file has the key; `unknown` if that cannot be determined. */
export type EarlierRow = number | 'none' | 'unknown';

/** Removes the keys of a rejected record of the batch, because no other record can repeat them. */
export function forget({ first, pairs, keys }: BatchKeys, rowNumber: number): void {
  const from = (rowNumber - first) * keys * 2;
  for (let at = 0; at < keys * 2; at += 2) {
    pairs[from + at] = NO_KEY;
    pairs[from + at + 1] = 0;
  }
}

export interface EarlierOptions {
  /** Where unnamed files may be created. */
  indexPath: string;
  /** Called once if no index can be created there; answers then take longer. */
  failed: (error: Error) => void;
  /** How often all records may be searched in total before they are sorted instead, which costs as much. */
  searches?: number;
  /** Number of records after the sorted ones that are searched unsorted. */
  unsorted?: number;
}

/** Sorting a record takes about 40 times as long as reading past it. */
const SEARCHES = 40;
const UNSORTED = 128 * 1024;

/**
 * Answers the questions of a job, batch by batch in file order. Searches the log directly until that has cost as much
 * as an index would. So a load takes on the order of n log n steps, however many of its batches have duplicates.
 */
export class EarlierRows {
  readonly #log: KeyLog;
  readonly #options: Required<EarlierOptions>;
  #index: KeyIndex | undefined;
  #mayIndex = true;
  #searched = 0;

  constructor(log: KeyLog, { searches = SEARCHES, unsorted = UNSORTED, ...options }: EarlierOptions) {
    this.#log = log;
    this.#options = { ...options, searches, unsorted };
  }

  /** What the answers have cost so far, as a number of records read past, sorted, merged or read. */
  get work(): number {
    return this.#searched + (this.#index ? this.#index.sorted + this.#index.looked : 0);
  }

  /**
   * Returns the answers in the order of the questions. Each question has the pair of its record, whose key may have
   * been forgotten since.
   */
  async find(batch: BatchKeys, repeats: readonly (Repeat & Pair)[]): Promise<EarlierRow[]> {
    const searches = Array.from({ length: batch.keys }, (_, key) => {
      const wanted = repeats.filter((repeat) => repeat.key === key);
      return { key, wanted: new Wanted(wanted), whole: true };
    }).filter(({ wanted }) => wanted.size > 0);
    const look = (pairs: Int32Array, first: number) => {
      for (const search of searches) {
        const { key, wanted } = search;
        if (!wanted.look(pairs, first, key, batch.keys)) search.whole = false;
      }
    };
    const earlier = batch.first - 1;
    const index = await this.#indexFor(earlier, batch.keys);
    const sorted = index ? await this.#ask(index, searches) : 0;
    const all = await this.#log.read(batch.first, look, sorted + 1);
    this.#searched += earlier - sorted;
    look(batch.pairs, batch.first);
    return repeats.map(({ rowNumber, key, low, high }) => {
      const { wanted, whole } = searches.find((search) => search.key === key)!;
      const row = wanted.rowOf(low, high);
      if (row !== undefined && row < rowNumber) return row;
      return all && whole && (sorted === 0 || index!.whole) ? 'none' : 'unknown';
    });
  }

  /** Returns the index of the records up to `earlier`, except some of the last; undefined if all must be searched. */
  async #indexFor(earlier: number, keys: number): Promise<KeyIndex | undefined> {
    const { indexPath, searches, unsorted } = this.#options;
    if (!this.#mayIndex) return undefined;
    if (!this.#index && this.#searched + earlier <= searches * earlier) return undefined;
    this.#index ??= new KeyIndex(indexPath, keys);
    const index = this.#index;
    if (earlier - index.records >= unsorted) await this.#tried(() => index.takeIn(this.#log, earlier));
    return this.#index;
  }

  /** Looks up all wanted pairs in the index. Returns the number of records it covers; 0 if it cannot be read. */
  async #ask(index: KeyIndex, searches: readonly { key: number; wanted: Wanted }[]): Promise<number> {
    const asked = await this.#tried(async () => {
      for (const { key, wanted } of searches)
        for (const { low, high } of wanted.pairs) wanted.note(low, high, await index.lastRow(key, low, high));
      return true;
    });
    return asked ? index.records : 0;
  }

  /** If there is no disk for the index, the log is searched directly. */
  async #tried<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      this.#mayIndex = false;
      this.#options.failed(error as Error);
      await this.close();
      return undefined;
    }
  }

  async close(): Promise<void> {
    const index = this.#index;
    this.#index = undefined;
    await index?.close();
  }
}

/** A key as a 64-bit number. */
export interface Pair {
  low: number;
  high: number;
}

/** Returns the pair of a record of the batch. */
export function pairOf({ first, pairs, keys }: BatchKeys, { rowNumber, key }: Repeat): Pair {
  const at = ((rowNumber - first) * keys + key) * 2;
  return { low: pairs[at]!, high: pairs[at + 1]! };
}

const BITS = 18;

/** The wanted pairs. Testing one bit rules out nearly all others. */
class Wanted {
  readonly #bits = new Uint8Array(2 ** (BITS - 3));
  /** The last row with each pair; 0 if none was found yet. */
  readonly #rows = new Map<string, number>();

  constructor(pairs: readonly Pair[]) {
    for (const { low, high } of pairs) {
      this.#bits[(low >>> 3) & (this.#bits.length - 1)]! |= 1 << (low & 7);
      this.#rows.set(`${low} ${high}`, 0);
    }
  }

  get size(): number {
    return this.#rows.size;
  }

  /** Returns each pair once, ordered by first half as an unsigned number. */
  get pairs(): Pair[] {
    const pairs = [...this.#rows.keys()].map((text) => {
      const [low = 0, high = 0] = text.split(' ').map(Number);
      return { low, high };
    });
    return pairs.sort((a, b) => (a.low >>> 0) - (b.low >>> 0));
  }

  /** Records the last row so far with a pair; 0 if there is none. */
  note(low: number, high: number, row: number): void {
    this.#rows.set(`${low} ${high}`, row);
  }

  rowOf(low: number, high: number): number | undefined {
    return this.#rows.get(`${low} ${high}`) || undefined;
  }

  /** Compares one key of some records. Returns false if one of them was never written. */
  look(pairs: Int32Array, first: number, key: number, keys: number): boolean {
    const bits = this.#bits;
    const mask = bits.length - 1;
    const step = keys * 2;
    let whole = true;
    for (let at = key * 2; at < pairs.length; at += step) {
      const low = pairs[at]!;
      if (low !== 0 && (bits[(low >>> 3) & mask]! & (1 << (low & 7))) === 0) continue;
      const high = pairs[at + 1]!;
      if (low === 0 && high === 0) whole = false;
      const found = `${low} ${high}`;
      if (this.#rows.has(found)) this.#rows.set(found, first + Math.floor(at / step));
    }
    return whole;
  }
}
