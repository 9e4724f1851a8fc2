/**
 * Which row of the file has the key that a record repeats: the last one before it that has the same key and was loaded. One
 * pass over the log of keys answers all questions of a batch, or an index of it; files without duplicates ask none.
 */
import { NO_KEY } from './keyHashes.js';
import { KeyIndex } from './keyIndex.js';
import type { KeyLog } from './keyLog.js';

/** A record that PostgreSQL refused for a key. */
export interface Repeat {
  rowNumber: number;
  /** Which of the keys of a record, from 0. */
  key: number;
}

/** The keys of the records of a batch, of which none is in the log. */
export interface BatchKeys {
  /** The number of the first record. */
  first: number;
  pairs: Int32Array;
  /** How many each record has. */
  keys: number;
}

/** The row; `none` where no row of the file has the key; `unknown` where that cannot be said. */
export type EarlierRow = number | 'none' | 'unknown';

/** Records of the batch that were rejected have no key that another could repeat. */
export function forget({ first, pairs, keys }: BatchKeys, rowNumber: number): void {
  const from = (rowNumber - first) * keys * 2;
  for (let at = 0; at < keys * 2; at += 2) {
    pairs[from + at] = NO_KEY;
    pairs[from + at + 1] = 0;
  }
}

export interface EarlierOptions {
  /** Where files without a name may be made. */
  indexPath: string;
  /** Told once that no index can be made there: answers take longer then. */
  failed: (error: Error) => void;
  /** How many times as many records may be searched as there are, before they are sorted: that costs as much. */
  searches?: number;
  /** Records that are searched behind those that are sorted. */
  unsorted?: number;
}

/** Sorting a record takes some 40 times as long as to pass over it. */
const SEARCHES = 40;
const UNSORTED = 128 * 1024;

/**
 * Answers the questions of a job, batch by batch in the order of the file. The log is searched as it is as long as that has cost less
 * than an index would; so a load takes the order of n log n steps, however many of its batches have duplicates.
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

  /** What the answers have cost so far, in records that were passed over, sorted, merged or read. */
  get work(): number {
    return this.#searched + (this.#index ? this.#index.sorted + this.#index.looked : 0);
  }

  /** The answers in the order of the questions, each with the pair of its record, which may be forgotten since. */
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

  /** The index of the records up to one, but some of the last; undefined where they are to be searched. */
  async #indexFor(earlier: number, keys: number): Promise<KeyIndex | undefined> {
    const { indexPath, searches, unsorted } = this.#options;
    if (!this.#mayIndex) return undefined;
    if (!this.#index && this.#searched + earlier <= searches * earlier) return undefined;
    this.#index ??= new KeyIndex(indexPath, keys);
    const index = this.#index;
    if (earlier - index.records >= unsorted) await this.#tried(() => index.takeIn(this.#log, earlier));
    return this.#index;
  }

  /** Has the index look for all that is wanted. Returns how many records it has; 0 where it could not be read. */
  async #ask(index: KeyIndex, searches: readonly { key: number; wanted: Wanted }[]): Promise<number> {
    const asked = await this.#tried(async () => {
      for (const { key, wanted } of searches)
        for (const { low, high } of wanted.pairs) wanted.note(low, high, await index.lastRow(key, low, high));
      return true;
    });
    return asked ? index.records : 0;
  }

  /** Without a disk for the index, the log is searched as it is. */
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

/** A key as a number of 64 bits. */
export interface Pair {
  low: number;
  high: number;
}

/** The pair of a record of the batch. */
export function pairOf({ first, pairs, keys }: BatchKeys, { rowNumber, key }: Repeat): Pair {
  const at = ((rowNumber - first) * keys + key) * 2;
  return { low: pairs[at]!, high: pairs[at + 1]! };
}

const BITS = 18;

/** The pairs that are looked for; nearly all others are passed over by a look at one bit. */
class Wanted {
  readonly #bits = new Uint8Array(2 ** (BITS - 3));
  /** The last row with each pair, 0 for none yet. */
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

  /** Each pair once, in the order of the unsigned first halves. */
  get pairs(): Pair[] {
    const pairs = [...this.#rows.keys()].map((text) => {
      const [low = 0, high = 0] = text.split(' ').map(Number);
      return { low, high };
    });
    return pairs.sort((a, b) => (a.low >>> 0) - (b.low >>> 0));
  }

  /** Notes the last row so far with a pair; 0 for none. */
  note(low: number, high: number, row: number): void {
    this.#rows.set(`${low} ${high}`, row);
  }

  rowOf(low: number, high: number): number | undefined {
    return this.#rows.get(`${low} ${high}`) || undefined;
  }

  /** Looks at one key of some records. Returns false where one of them was never written. */
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
