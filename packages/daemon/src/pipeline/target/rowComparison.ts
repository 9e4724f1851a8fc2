/**
 * Compares the rows of a batch with rows of the table, both in the format of a binary COPY (PostgreSQL manual, COPY, "Binary
 * Format") and in the order of their key. Equal bytes mean equal values: each type reads what it has written. Rows in another order
 * are at worst not found.
 */
import { SIGNATURE } from '../batch/binaryCopy.js';

/** The rows of a batch, and where their keys are. */
export interface ComparedRows {
  /** Without signature and trailer. */
  bytes: Buffer;
  /** Where each row ends. */
  ends: Uint32Array;
  /** The positions of the key's parts in a row. */
  keyAt: readonly number[];
  /** Which parts of the key are numbers with a sign; the others are in the order of their bytes, as far as we know. */
  signed: readonly boolean[];
  /** The rows of the table have the same columns, and must be equal in all of them. Otherwise they consist of the key. */
  whole: boolean;
}

/** A row of the table that is longer is not compared, nor those after it: it would have to be kept until it is complete. */
const MOST_BYTES = 1024 * 1024;

const WIDTH_BYTES = 2;
const LENGTH_BYTES = 4;

export class RowComparison {
  /** Marks each row that the table has. */
  readonly found: Uint8Array;
  /** Number of these rows. */
  count = 0;
  /** Bytes of the table's rows so far. */
  received = 0;
  readonly #rows: ComparedRows;
  readonly #words: DataView;
  readonly #tableKeyAt: readonly number[];
  #next = 0;
  #left: Buffer = Buffer.alloc(0);
  #isStarted = false;

  constructor(rows: ComparedRows) {
    const { bytes, ends, whole, keyAt } = rows;
    this.#rows = rows;
    this.#words = wordsOf(bytes);
    this.found = new Uint8Array(ends.length);
    this.#tableKeyAt = whole ? keyAt : keyAt.map((_, part) => part);
  }

  /** Compares further bytes of the table's rows; the first ones begin with the signature. */
  see(bytes: Buffer): void {
    this.received += bytes.length;
    if (this.#isOver) return;
    const all = this.#left.length === 0 ? bytes : Buffer.concat([this.#left, bytes]);
    const start = this.#isStarted ? 0 : SIGNATURE.length;
    const end = all.length < start ? 0 : this.#compare(all, start);
    // Copied, because the memory is used again.
    this.#left = Buffer.from(all.subarray(end));
    if (this.#left.length > MOST_BYTES) this.#next = this.found.length;
  }

  get #isOver(): boolean {
    return this.#next === this.found.length;
  }

  /** Compares the complete rows from `at` on. Returns where they end. */
  #compare(table: Buffer, at: number): number {
    this.#isStarted = true;
    const { whole, keyAt, signed, bytes } = this.#rows;
    const words = wordsOf(table);
    let from = at;
    while (!this.#isOver) {
      if (whole) from += this.#findEqual(words, from);
      const end = rowEnd(table, from);
      if (end < 0 || this.#isOver) break;
      const order = compareKeys(
        bytes,
        this.#startOf(this.#next),
        keyAt,
        table,
        from,
        this.#tableKeyAt,
        signed,
      );
      if (order === 0 && !whole) this.#find(this.#next + 1);
      else if (order <= 0) this.#next++;
      if (order >= 0) from = end;
    }
    return from;
  }

  /** Finds rows up to the first difference. Returns their number of bytes. */
  #findEqual(table: DataView, from: number): number {
    const { bytes, ends } = this.#rows;
    const start = this.#startOf(this.#next);
    const size = Math.min(bytes.length - start, table.byteLength - from);
    const equal = start + equalBytes(this.#words, start, table, from, size);
    let end = this.#next;
    while (end < ends.length && ends[end]! <= equal) end++;
    this.#find(end);
    return this.#startOf(end) - start;
  }

  /** @param end the first row that is not among those found */
  #find(end: number): void {
    this.found.fill(1, this.#next, end);
    this.count += end - this.#next;
    this.#next = end;
  }

  #startOf(row: number): number {
    return row === 0 ? 0 : this.#rows.ends[row - 1]!;
  }
}

function wordsOf({ buffer, byteOffset, length }: Buffer): DataView {
  return new DataView(buffer, byteOffset, length);
}

/** Returns how many bytes are equal before the first difference. Four at a time, which takes half as long. */
function equalBytes(one: DataView, oneAt: number, other: DataView, otherAt: number, size: number): number {
  let at = 0;
  while (at + 4 <= size && one.getInt32(oneAt + at) === other.getInt32(otherAt + at)) at += 4;
  while (at < size && one.getUint8(oneAt + at) === other.getUint8(otherAt + at)) at++;
  return at;
}

/** Returns where the row at a position ends; negative if it is not complete, or there is only the trailer. */
function rowEnd(bytes: Buffer, start: number): number {
  if (bytes.length - start < WIDTH_BYTES) return -1;
  const columns = bytes.readInt16BE(start);
  if (columns < 0) return -1;
  let at = start + WIDTH_BYTES;
  for (let column = 0; column < columns; column++) {
    if (bytes.length - at < LENGTH_BYTES) return -1;
    at += LENGTH_BYTES + Math.max(0, bytes.readInt32BE(at));
  }
  return at > bytes.length ? -1 : at;
}

/** Returns where a field of a row starts, at its length. @param start where the row starts */
export function fieldAt(bytes: Buffer, start: number, column: number): number {
  let at = start + WIDTH_BYTES;
  for (let before = 0; before < column; before++) at += LENGTH_BYTES + Math.max(0, bytes.readInt32BE(at));
  return at;
}

/** Returns 0 if two keys have equal bytes, otherwise a number with the sign of their order. */
function compareKeys(
  one: Buffer,
  oneStart: number,
  oneAt: readonly number[],
  other: Buffer,
  otherStart: number,
  otherAt: readonly number[],
  signed: readonly boolean[],
): number {
  for (let part = 0; part < oneAt.length; part++) {
    const a = fieldAt(one, oneStart, oneAt[part]!) + LENGTH_BYTES;
    const b = fieldAt(other, otherStart, otherAt[part]!) + LENGTH_BYTES;
    const aEnd = a + one.readInt32BE(a - LENGTH_BYTES);
    const bEnd = b + other.readInt32BE(b - LENGTH_BYTES);
    const flipped = signed[part] ? 0x80 : 0;
    const first = (one[a]! ^ flipped) - (other[b]! ^ flipped);
    if (first !== 0) return first;
    const rest = one.compare(other, b, bEnd, a, aEnd);
    if (rest !== 0) return rest;
  }
  return 0;
}
