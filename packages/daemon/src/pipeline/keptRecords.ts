/**
 * The records of a batch as they are in the file, for the report: PostgreSQL may refuse any row, and says no more of it than
 * its number. They are kept as text, and cut again only for a row that is refused.
 *
 * The text is copied a window at a time, with what stands between two records: to copy each record takes 95 ns, to note
 * where it is 5 ns.
 */
import type { PayloadMemory } from './batch/memory.js';
import type { SoundRecord } from './parse.js';

export interface KeptRecords {
  count: number;
  /** The row number of the first. */
  firstRow: number;
  /** PLACE_WORDS unsigned numbers of 32 bits for each record, in the order of the file. */
  places: Uint8Array;
  /** Their texts and what stands between them. */
  text: Uint8Array;
}

/** A record, and where it stands; good until the next is asked for. */
export interface KeptRecord extends SoundRecord {
  rowNumber: number;
  line: number;
}

/** Row number behind the first, line, start and end in the text, flags, and the end of its binary row behind the first, or 0. */
const PLACE_WORDS = 6;
const QUOTED = 1;
const DOUBLED = 2;
const PADDED = 4;

export class RecordKeeper {
  count = 0;
  #firstRow = 0;
  #places = new Uint32Array(PLACE_WORDS * 1024);
  #text = Buffer.allocUnsafeSlow(64 * 1024);
  #length = 0;
  /** The window that was copied last, and what to add to a position in it to find it in the text. */
  #window: Buffer | undefined;
  #shift = 0;
  /** How far the text has records: what stands behind is not needed yet. */
  #end = 0;

  /** Bytes so far. */
  get length(): number {
    return this.#end + this.count * PLACE_WORDS * 4;
  }

  /** @param rowEnd the bytes of the binary rows with its own; 0 where it has none among them, or where nobody asks */
  add(rowNumber: number, line: number, record: SoundRecord, rowEnd: number): void {
    const { bytes, start, end, quoted, doubled, padded } = record;
    if (this.count === 0) this.#firstRow = rowNumber;
    const shift = bytes === this.#window ? this.#shift : this.#copy(bytes, start, end);
    this.#end = Math.max(this.#end, end + shift);
    const at = this.count++ * PLACE_WORDS;
    if (at + PLACE_WORDS > this.#places.length) this.#widen();
    this.#places[at] = rowNumber - this.#firstRow;
    this.#places[at + 1] = line;
    this.#places[at + 2] = start + shift;
    this.#places[at + 3] = end + shift;
    this.#places[at + 4] = (quoted ? QUOTED : 0) | (doubled ? DOUBLED : 0) | (padded ? PADDED : 0);
    this.#places[at + 5] = rowEnd;
  }

  /** The records so far, in memory that is taken for them; starts anew. */
  take(memory: PayloadMemory): KeptRecords {
    const { count } = this;
    const used = this.#places.subarray(0, count * PLACE_WORDS);
    const places = memory.take(used.byteLength);
    places.set(new Uint8Array(used.buffer, 0, used.byteLength));
    const text = memory.take(this.#end);
    text.set(this.#text.subarray(0, this.#end));
    this.count = 0;
    this.#length = 0;
    this.#end = 0;
    this.#window = undefined;
    return { count, firstRow: this.#firstRow, places, text };
  }

  /**
   * Copies a window from a record on; returns what to add to a position in it. A record in memory of its own (see
   * pieces.ts) is copied by itself: its neighbours are in the window that was copied before.
   */
  #copy(bytes: Buffer, start: number, end: number): number {
    const alone = start === 0 && end === bytes.length;
    const size = bytes.length - start;
    if (this.#length + size > this.#text.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(this.#text.length * 2, this.#length + size));
      this.#text.copy(larger, 0, 0, this.#length);
      this.#text = larger;
    }
    bytes.copy(this.#text, this.#length, start);
    const shift = this.#length - start;
    this.#length += size;
    if (!alone) {
      this.#window = bytes;
      this.#shift = shift;
    }
    return shift;
  }

  #widen(): void {
    const larger = new Uint32Array(this.#places.length * 2);
    larger.set(this.#places);
    this.#places = larger;
  }
}

/** The kept record at an index, from 0. */
export function keptRecord({ firstRow, places, text }: KeptRecords, index: number): KeptRecord {
  const words = wordsOf(places);
  const at = index * PLACE_WORDS;
  const flags = words[at + 4]!;
  return {
    rowNumber: firstRow + words[at]!,
    line: words[at + 1]!,
    bytes: Buffer.from(text.buffer, text.byteOffset, text.byteLength),
    start: words[at + 2]!,
    end: words[at + 3]!,
    quoted: (flags & QUOTED) !== 0,
    doubled: (flags & DOUBLED) !== 0,
    padded: (flags & PADDED) !== 0,
  };
}

/** The index of the record with a row number. @throws RangeError where it is not kept */
export function keptIndex({ count, firstRow, places }: KeptRecords, rowNumber: number): number {
  const words = wordsOf(places);
  const wanted = rowNumber - firstRow;
  let from = 0;
  let to = count;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (words[middle * PLACE_WORDS]! < wanted) from = middle + 1;
    else to = middle;
  }
  if (from === count || words[from * PLACE_WORDS] !== wanted)
    throw new RangeError(`record ${rowNumber} is not in the batch`);
  return from;
}

/** The row number of the record at an index, from 0. */
export function keptRowNumber({ firstRow, places }: KeptRecords, index: number): number {
  return firstRow + wordsOf(places)[index * PLACE_WORDS]!;
}

/** The binary rows of a batch that have no number of their own, in their order. */
export interface BinaryRows {
  /** The index of each row's record. */
  records: Uint32Array;
  /** Where each row ends behind the start of the first, in bytes. */
  ends: Uint32Array;
}

export function binaryRows({ count, places }: KeptRecords): BinaryRows {
  const words = wordsOf(places);
  const records = new Uint32Array(count);
  const ends = new Uint32Array(count);
  let rows = 0;
  for (let index = 0; index < count; index++) {
    const end = words[index * PLACE_WORDS + 5]!;
    if (end === 0) continue;
    records[rows] = index;
    ends[rows++] = end;
  }
  return { records: records.subarray(0, rows), ends: ends.subarray(0, rows) };
}

function wordsOf(places: Uint8Array): Uint32Array {
  return new Uint32Array(places.buffer, places.byteOffset, places.byteLength / 4);
}
