/**
 * Which row of the file has the key that a record repeats: the last one before it that has the same key and was loaded. One
 * pass over the log of keys answers all questions of a batch; files without duplicates ask none.
 */
import { NO_KEY } from './keyHashes.js';
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

/** The answers in the order of the questions. @param pairsOf the pair of each of them, which may be forgotten since */
export async function earlierRows(
  log: KeyLog,
  batch: BatchKeys,
  repeats: readonly (Repeat & Pair)[],
): Promise<EarlierRow[]> {
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
  const all = await log.read(batch.first, look);
  look(batch.pairs, batch.first);
  return repeats.map(({ rowNumber, key, low, high }) => {
    const { wanted, whole } = searches.find((search) => search.key === key)!;
    const row = wanted.rowOf(low, high);
    if (row !== undefined && row < rowNumber) return row;
    return all && whole ? 'none' : 'unknown';
  });
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
