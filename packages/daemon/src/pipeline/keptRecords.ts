/**
 * The original records of a batch, for the report: PostgreSQL may refuse any row, and reports only its number. They are
 * kept as text, and split again only for a refused row.
 *
 * The text is copied a window at a time, including the bytes between records: copying each record takes 95 ns, storing
 * its position 5 ns.
 */
import type { PayloadMemory } from './batch/memory.js';
import type { SoundRecord } from './parse.js';

export interface KeptRecords {
  count: number;
  /** The row number of the first record. */
  firstRow: number;
  /** PLACE_WORDS unsigned 32-bit integers for each record, in file order. */
  places: Uint8Array;
  /** The records' text and the bytes between them. */
  text: Uint8Array;
}

/** A record and its position in the file. */
export interface KeptRecord extends SoundRecord {
  rowNumber: number;
  line: number;
}

/** Row number relative to the first, line, start and end in the text, flags, and the end of its binary row, or 0. */
const PLACE_WORDS = 6;
/** Bytes of a record in addition to its text. */
export const PLACE_BYTES = PLACE_WORDS * 4;
const QUOTED = 1;
const DOUBLED = 2;
const PADDED = 4;

export class RecordKeeper {
  count = 0;
  #firstRow = 0;
  #places = new Uint32Array(PLACE_WORDS * 1024);
  #text = Buffer.allocUnsafeSlow(64 * 1024);
  #length = 0;
  /** The window that was copied last, and the number to add to a position in it to get the position in the text. */
  #window: Buffer | undefined;
  #shift = 0;
  /** The end of the last record in the text; no record has used the bytes after it yet. */
  #end = 0;

  /** Bytes so far. */
  get length(): number {
    return this.#end + this.count * PLACE_BYTES;
  }

  /** @param rowEnd length of the binary rows including this record's; 0 if it has none there, or if it is not needed */
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

  /** Returns the records so far, in memory taken from `memory`, and starts again. */
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
   * Copies a window from a record to its end; returns the number to add to a position in it. A record in memory of its
   * own (see pieces.ts) is copied on its own; the records around it are in the window that was copied before.
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

/** Returns the kept record at an index, from 0. */
export function keptRecord(kept: KeptRecords, index: number): KeptRecord {
  const { firstRow } = kept;
  const { words, bytes } = viewsOf(kept);
  const at = index * PLACE_WORDS;
  const flags = words[at + 4]!;
  return {
    rowNumber: firstRow + words[at]!,
    line: words[at + 1]!,
    bytes,
    start: words[at + 2]!,
    end: words[at + 3]!,
    quoted: (flags & QUOTED) !== 0,
    doubled: (flags & DOUBLED) !== 0,
    padded: (flags & PADDED) !== 0,
  };
}

/** Returns the index of the record with a row number. @throws RangeError if it is not kept */
export function keptIndex(kept: KeptRecords, rowNumber: number): number {
  const { count, firstRow } = kept;
  const { words } = viewsOf(kept);
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

/** Returns the row number of the record at an index, from 0. */
export function keptRowNumber(kept: KeptRecords, index: number): number {
  return kept.firstRow + viewsOf(kept).words[index * PLACE_WORDS]!;
}

/** The binary rows of a batch, which contain no row numbers, in file order. */
export interface BinaryRows {
  /** The index of each row's record. */
  records: Uint32Array;
  /** Where each row ends, in bytes from the start of the first. */
  ends: Uint32Array;
}

export function binaryRows(kept: KeptRecords): BinaryRows {
  const { count } = kept;
  const { words } = viewsOf(kept);
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

interface Views {
  words: Uint32Array;
  bytes: Buffer;
}

/** One of each for all records of a batch: a typed array takes longer to make than a record to read. */
const views = new WeakMap<KeptRecords, Views>();

function viewsOf(kept: KeptRecords): Views {
  const known = views.get(kept);
  if (known) return known;
  const { places, text } = kept;
  const made = {
    words: new Uint32Array(places.buffer, places.byteOffset, places.byteLength / 4),
    bytes: Buffer.from(text.buffer, text.byteOffset, text.byteLength),
  };
  views.set(kept, made);
  return made;
}
