/**
 * Reads plain records: consecutive records of a text that need no closer look, up to the first that does. A record is plain if it has
 * the usual line end, all its fields, quotes only around whole fields, and no value in doubt. So a plain record is never rejected, and
 * its row and its hashes are exactly those that the code for single records would make.
 */
import { PAIR_BYTES } from '../../keys/keyPairs.js';
import type { Kernel } from './kernel.js';
import { RECORD_BYTES, WORD_BYTES } from './memoryLayout.js';

/** Bytes of text that are read at a time, and the room for their rows: both fit into the cache of a core. */
export const TEXT_BYTES = 128 * 1024;
export const ROWS_BYTES = 256 * 1024;
export const MOST_RECORDS = 4 * 1024;

/** A text that has been read up to `at`. */
export interface UnreadText {
  bytes: Buffer;
  at: number;
  /** The text up to here is valid UTF-8 without NUL. */
  end: number;
}

/** The public members describe the records of the last `read`, until the next one. */
export class PlainRecords {
  count = 0;
  /** The position in the text after them. */
  at = 0;
  /** A mark for each record: 1 if its key may have occurred before. */
  readonly suspects = new Uint8Array(MOST_RECORDS);
  /** Their rows in the binary format, one after the other. */
  rows: Uint8Array = new Uint8Array();
  /** The hashes of their keys as KeyHashes stores them. */
  pairs: Int32Array = new Int32Array();

  readonly #kernel: Kernel;
  readonly #keys: number;
  readonly #words: Uint32Array;
  readonly #recordsAt: number;
  /** The part of a text that is in the kernel's memory. */
  #text: Buffer | undefined;
  #from = 0;
  #to = 0;

  constructor(kernel: Kernel, keys: number) {
    this.#kernel = kernel;
    this.#keys = keys;
    this.#words = new Uint32Array(kernel.bytes.buffer);
    this.#recordsAt = kernel.parts.records / WORD_BYTES;
    // The byte before the text must not be a quote (isQuotedEmpty).
    kernel.bytes[kernel.parts.text - 1] = 0;
  }

  /** Reads at most `most` records. Returns their count, 0 if the first is not plain. */
  read(text: UnreadText, most: number): number {
    if (text.bytes !== this.#text || text.at < this.#from || text.at >= this.#to) this.#load(text);
    this.#run(text, most);
    // The record may be plain, but cut where the loaded part ends.
    if (this.count === 0 && this.#to < text.end && text.at > this.#from) {
      this.#load(text);
      this.#run(text, most);
    }
    return this.count;
  }

  /**
   * Keeps the first record and those that fit into `room` bytes. The others will be read again. Returns the number of kept records.
   * @param each bytes of a record in addition to its text and its row
   */
  takeFitting(room: number, each: number): number {
    if (this.count === 0) return 0;
    const found = this.count;
    const start = this.start(0);
    while (this.count > 1 && this.#bytesBefore(this.count - 1, start, each) >= room) this.count--;
    if (this.count < found) {
      this.at = this.start(this.count);
      this.rows = this.rows.subarray(0, this.rowEnd(this.count - 1));
      this.pairs = this.pairs.subarray(0, (this.pairs.length / found) * this.count);
    }
    return this.count;
  }

  #bytesBefore(count: number, start: number, each: number): number {
    return this.rowEnd(count - 1) + this.end(count - 1) - start + count * each;
  }

  /** Where a record starts and ends in the text, and its row in `rows`. */
  start(index: number): number {
    return this.#word(index, 0) - this.#kernel.parts.text + this.#from;
  }
  end(index: number): number {
    return this.#word(index, 1) - this.#kernel.parts.text + this.#from;
  }
  rowEnd(index: number): number {
    if (index < 0) return 0;
    return this.#word(index, 2) - this.#kernel.parts.rows;
  }
  /** Whether a record has quotes. */
  quoted(index: number): boolean {
    return this.#word(index, 3) === 1;
  }

  #word(index: number, word: number): number {
    return this.#words[this.#recordsAt + (index * RECORD_BYTES) / WORD_BYTES + word]!;
  }

  #load({ bytes, at, end }: UnreadText): void {
    this.#text = bytes;
    this.#from = at;
    this.#to = Math.min(end, at + TEXT_BYTES);
    bytes.copy(this.#kernel.bytes, this.#kernel.parts.text, at, this.#to);
  }

  #run({ at }: UnreadText, most: number): void {
    const { calls, parts, bytes } = this.#kernel;
    const { text, rows, records, pairs } = parts;
    this.count = calls.read(
      ...([text + at - this.#from, text + this.#to - this.#from] as const),
      ...([rows, rows + ROWS_BYTES, records, pairs, Math.min(most, MOST_RECORDS)] as const),
    );
    this.at = calls.textAt.value - text + this.#from;
    this.rows = bytes.subarray(rows, calls.rowsEnd.value);
    this.pairs = new Int32Array(bytes.buffer, pairs, (this.count * this.#keys * PAIR_BYTES) / WORD_BYTES);
  }
}
