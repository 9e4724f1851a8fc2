/**
 * The keys of a batch's records as 64-bit numbers, so that the row whose key another record repeats can be found
 * without the values (see earlierRows.ts). Values that a type considers equal have the same number: their text is
 * hashed in the form in which keys are compared (rows/keys).
 *
 * Stored as pairs of 32-bit integers in the machine's byte order: one for each key of each record, those of a record
 * side by side.
 */
import { valueEnd, valueStart } from '../../rows/blanks.js';
import type { KeyText } from '../../rows/keys/keyText.js';
import type { PlanColumn } from '../../rows/rowPlan.js';
import { typeRuleOf } from '../../rows/typeRules.js';
import type { PayloadMemory } from '../batch/memory.js';
import type { Fields } from '../parse/fields.js';
import type { FileKey } from './fileKeys.js';
import { IS_NULL, NO_KEY, VALUE_ENDS } from './keyPairs.js';

export interface HashedPart {
  at: number;
  text: KeyText;
  /** The field with its bytes, if no spec reads them in another way; otherwise undefined. */
  position: number | undefined;
  trims: boolean;
}

export interface HashedKey {
  parts: readonly HashedPart[];
  nullsNotDistinct: boolean;
}

/** Returns the text that a record stores in a column, by its index in the plan; null for NULL. */
export type ValueOf = (fields: Fields, at: number) => string | null;

export class KeyHashes {
  readonly keys: readonly HashedKey[];
  readonly #value: ValueOf;
  #pairs = new Int32Array(2 * 1024);
  #length = 0;

  constructor(keys: readonly FileKey[], columns: readonly PlanColumn[], value: ValueOf) {
    this.#value = value;
    this.keys = keys.map(({ parts, nullsNotDistinct }) => ({
      nullsNotDistinct,
      parts: parts.map(({ at, text }) => {
        const { from, reading, default: filled, type } = columns[at]!;
        const plain = from.kind === 'field' && reading === undefined && filled === undefined;
        const trims = typeRuleOf({ ...type, domain: null })?.trims === true;
        return { at, text, trims, position: plain && from.kind === 'field' ? from.position : undefined };
      }),
    }));
  }

  /** Bytes so far. */
  get length(): number {
    return this.#length * 4;
  }

  /** Adds the next record, which has no faults. */
  add(fields: Fields): void {
    for (const { parts, nullsNotDistinct } of this.keys) {
      low = 0x811c9dc5 | 0;
      high = 0x2f0b4c47 | 0;
      let there = true;
      for (const part of parts) if (!this.#mixPart(part, fields) && !nullsNotDistinct) there = false;
      // Pairs whose second half is 0 have another meaning.
      if (there) this.#put(finish(low, high), finish(high, low) || 1);
      else this.#put(NO_KEY, 0);
    }
  }

  /** Adds the next record, which is rejected. */
  skip(): void {
    for (const _ of this.keys) this.#put(NO_KEY, 0);
  }

  /** Adds the pairs of records that were hashed elsewhere. */
  addHashed(pairs: Int32Array): void {
    this.#makeRoom(pairs.length);
    this.#pairs.set(pairs, this.#length);
    this.#length += pairs.length;
  }

  /** The halves of a key of the last record, by the key's index: `NO_KEY` and 0 if it has none. */
  low(key: number): number {
    return this.#pairs[this.#length - 2 * (this.keys.length - key)]!;
  }
  high(key: number): number {
    return this.#pairs[this.#length - 2 * (this.keys.length - key) + 1]!;
  }

  /** Returns the keys so far, in memory taken for them, and starts again. */
  take(memory: PayloadMemory): Uint8Array {
    const taken = memory.take(this.length);
    taken.set(new Uint8Array(this.#pairs.buffer, 0, this.length));
    this.#length = 0;
    return taken;
  }

  /** Returns whether there is a value. */
  #mixPart({ at, text, position, trims }: HashedPart, fields: Fields): boolean {
    if (position !== undefined && position < fields.count) {
      const { bytes, starts, ends } = fields;
      const start = trims ? valueStart(bytes, starts[position]!, ends[position]!) : starts[position]!;
      const end = trims ? valueEnd(bytes, start, ends[position]!) : ends[position]!;
      if (start === end) return mixNull();
      if (text.isCompared?.(bytes, start, end)) return mix(bytes, start, end);
    }
    const value = this.#value(fields, at);
    if (value === null) return mixNull();
    const shown = text.shown(value);
    const compared = Buffer.from(text.compared ? text.compared(shown) : shown);
    return mix(compared, 0, compared.length);
  }

  #put(first: number, second: number): void {
    this.#makeRoom(2);
    this.#pairs[this.#length++] = first;
    this.#pairs[this.#length++] = second;
  }

  #makeRoom(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#pairs.length) return;
    const larger = new Int32Array(Math.max(2 * this.#pairs.length, needed));
    larger.set(this.#pairs);
    this.#pairs = larger;
  }
}

/** The hash of the current key. */
let low = 0;
let high = 0;

function mix(bytes: Uint8Array, start: number, end: number): true {
  let first = low;
  let second = high;
  for (let at = start; at < end; at++) {
    first = Math.imul(first ^ bytes[at]!, 0x01000193);
    second = Math.imul((second ^ bytes[at]!) + (second >>> 15), 0x5bd1e995);
  }
  low = first;
  high = second;
  mixMark(VALUE_ENDS);
  return true;
}

function mixNull(): false {
  mixMark(IS_NULL);
  return false;
}

/** @param mark a number that is not a byte */
function mixMark(mark: number): void {
  low = Math.imul(low ^ mark, 0x01000193);
  high = Math.imul((high ^ mark) + (high >>> 15), 0x5bd1e995);
}

/** Every bit of both halves affects every bit of the result (the finalizer of MurmurHash3). */
function finish(first: number, second: number): number {
  let hash = first ^ (second >>> 7);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
