/**
 * The records of a batch as they are in the file, for the report: PostgreSQL may refuse any row, and says no more of it than
 * its number. They are kept as text, and cut again only for a row that is refused.
 */
import type { PayloadMemory } from '../batch/memory.js';
import type { SoundRecord } from '../parse.js';

export interface KeptRecords {
  count: number;
  /** The row number of the first. */
  firstRow: number;
  /** PLACE_WORDS unsigned numbers of 32 bits for each record, in the order of the file. */
  places: Uint8Array;
  /** Their texts without line ends, one behind the other. */
  text: Uint8Array;
}

/** A record, and where it stands; good until the next is asked for. */
export interface KeptRecord extends SoundRecord {
  rowNumber: number;
  line: number;
}

/** Row number behind the first, line, end of the text, flags. */
const PLACE_WORDS = 4;
const QUOTED = 1;
const DOUBLED = 2;
const PADDED = 4;
const TEXT = 8;

export class RecordKeeper {
  count = 0;
  #firstRow = 0;
  #places = new Uint32Array(PLACE_WORDS * 1024);
  #text = Buffer.allocUnsafeSlow(64 * 1024);
  #length = 0;

  /** Bytes so far. */
  get length(): number {
    return this.#length + this.count * PLACE_WORDS * 4;
  }

  /** @param asText it goes to PostgreSQL as text */
  add(rowNumber: number, line: number, record: SoundRecord, asText: boolean): void {
    const { bytes, start, end, quoted, doubled, padded } = record;
    if (this.count === 0) this.#firstRow = rowNumber;
    this.#makeRoom(end - start);
    bytes.copy(this.#text, this.#length, start, end);
    this.#length += end - start;
    const at = this.count++ * PLACE_WORDS;
    this.#places[at] = rowNumber - this.#firstRow;
    this.#places[at + 1] = line;
    this.#places[at + 2] = this.#length;
    this.#places[at + 3] =
      (quoted ? QUOTED : 0) | (doubled ? DOUBLED : 0) | (padded ? PADDED : 0) | (asText ? TEXT : 0);
  }

  /** The records so far, in memory that is taken for them; starts anew. */
  take(memory: PayloadMemory): KeptRecords {
    const { count } = this;
    const used = this.#places.subarray(0, count * PLACE_WORDS);
    const places = memory.take(used.byteLength);
    places.set(new Uint8Array(used.buffer, 0, used.byteLength));
    const text = memory.take(this.#length);
    text.set(this.#text.subarray(0, this.#length));
    this.count = 0;
    this.#length = 0;
    return { count, firstRow: this.#firstRow, places, text };
  }

  #makeRoom(size: number): void {
    if ((this.count + 1) * PLACE_WORDS > this.#places.length) {
      const larger = new Uint32Array(this.#places.length * 2);
      larger.set(this.#places);
      this.#places = larger;
    }
    if (this.#length + size <= this.#text.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#text.length * 2, this.#length + size));
    this.#text.copy(larger, 0, 0, this.#length);
    this.#text = larger;
  }
}

/** The kept record at an index, from 0. */
export function keptRecord({ firstRow, places, text }: KeptRecords, index: number): KeptRecord {
  const words = new Uint32Array(places.buffer, places.byteOffset, places.byteLength / 4);
  const at = index * PLACE_WORDS;
  const flags = words[at + 3]!;
  return {
    rowNumber: firstRow + words[at]!,
    line: words[at + 1]!,
    bytes: Buffer.from(text.buffer, text.byteOffset, text.byteLength),
    start: index === 0 ? 0 : words[at - 2]!,
    end: words[at + 2]!,
    quoted: (flags & QUOTED) !== 0,
    doubled: (flags & DOUBLED) !== 0,
    padded: (flags & PADDED) !== 0,
  };
}

/** The row number of the record at an index, from 0. */
export function keptRowNumber({ firstRow, places }: KeptRecords, index: number): number {
  return (
    firstRow + new Uint32Array(places.buffer, places.byteOffset, places.byteLength / 4)[index * PLACE_WORDS]!
  );
}

/** The indexes of the records that are binary rows, in their order. */
export function binaryRecords({ count, places }: KeptRecords): number[] {
  const words = new Uint32Array(places.buffer, places.byteOffset, places.byteLength / 4);
  const all = Array.from({ length: count }, (_, index) => index);
  return all.filter((index) => (words[index * PLACE_WORDS + 3]! & TEXT) === 0);
}
