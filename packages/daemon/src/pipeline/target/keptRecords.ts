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

/** Row number behind the first, line, end of the text, flags, and the end of its binary row behind the first, or 0. */
const PLACE_WORDS = 5;
const QUOTED = 1;
const DOUBLED = 2;
const PADDED = 4;

/** Records of more bytes are copied by one call. */
const LONG = 1024;

export class RecordKeeper {
  count = 0;
  #firstRow = 0;
  #places = new Uint32Array(PLACE_WORDS * 1024);
  #text = Buffer.allocUnsafeSlow(64 * 1024);
  #length = 0;
  /** The text so far, and the bytes of the last record, by words. */
  #words = new DataView(this.#text.buffer);
  #from: Buffer | undefined;
  #fromWords: DataView = this.#words;

  /** Bytes so far. */
  get length(): number {
    return this.#length + this.count * PLACE_WORDS * 4;
  }

  /** @param rowEnd the bytes of the binary rows with its own; 0 where it has none among them, but a number on the stage */
  add(rowNumber: number, line: number, record: SoundRecord, rowEnd: number): void {
    const { bytes, start, end, quoted, doubled, padded } = record;
    if (this.count === 0) this.#firstRow = rowNumber;
    this.#makeRoom(end - start);
    this.#copy(bytes, start, end);
    const at = this.count++ * PLACE_WORDS;
    this.#places[at] = rowNumber - this.#firstRow;
    this.#places[at + 1] = line;
    this.#places[at + 2] = this.#length;
    this.#places[at + 3] = (quoted ? QUOTED : 0) | (doubled ? DOUBLED : 0) | (padded ? PADDED : 0);
    this.#places[at + 4] = rowEnd;
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
    this.#words = new DataView(larger.buffer, larger.byteOffset, larger.byteLength);
  }

  /** Four bytes at a time: a record of 120 bytes takes 0.05 µs, `Buffer.copy` 0.27, which makes an object for each call. */
  #copy(bytes: Buffer, start: number, end: number): void {
    const to = this.#length;
    this.#length += end - start;
    if (end - start > LONG) {
      bytes.copy(this.#text, to, start, end);
      return;
    }
    if (bytes !== this.#from) {
      this.#from = bytes;
      this.#fromWords = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    const words = this.#words;
    const fromWords = this.#fromWords;
    const ahead = to - start;
    let at = start;
    for (; at + 4 <= end; at += 4) words.setInt32(at + ahead, fromWords.getInt32(at, true), true);
    for (; at < end; at++) this.#text[at + ahead] = bytes[at]!;
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
    start: index === 0 ? 0 : words[at - PLACE_WORDS + 2]!,
    end: words[at + 2]!,
    quoted: (flags & QUOTED) !== 0,
    doubled: (flags & DOUBLED) !== 0,
    padded: (flags & PADDED) !== 0,
  };
}

/** The binary rows of a batch that have no number of their own, in their order. */
export interface BinaryRows {
  /** The index of each row's record. */
  records: Uint32Array;
  /** Where each row ends behind the start of the first, in bytes. */
  ends: Uint32Array;
}

export function binaryRows({ count, places }: KeptRecords): BinaryRows {
  const words = new Uint32Array(places.buffer, places.byteOffset, places.byteLength / 4);
  const records = new Uint32Array(count);
  const ends = new Uint32Array(count);
  let rows = 0;
  for (let index = 0; index < count; index++) {
    const end = words[index * PLACE_WORDS + 4]!;
    if (end === 0) continue;
    records[rows] = index;
    ends[rows++] = end;
  }
  return { records: records.subarray(0, rows), ends: ends.subarray(0, rows) };
}
