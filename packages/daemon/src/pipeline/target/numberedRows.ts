/** Binary rows for the stage, each with its own number (stage.ts): COPY's binary format with one more column. */

import { SIGNATURE, TRAILER } from '../batch/binaryCopy.js';
import type { PayloadMemory } from '../batch/memory.js';
import type { CopyRows } from '../batch.js';
import { takeBinary } from './binaryRows.js';

const FIRST_SIZE = 4 * 1024;
/** The number of columns; then the length of the row's number, and the number itself. */
const COUNT_BYTES = 2;
const NUMBER_BYTES = 4 + 8;

export class NumberedRows {
  count = 0;
  length = 0;
  #bytes = Buffer.allocUnsafeSlow(FIRST_SIZE);

  /** @param row as RowWriter writes it */
  add(number: number, row: Uint8Array): void {
    const size = row.length + NUMBER_BYTES;
    if (this.length + size > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(2 * this.#bytes.length, this.length + size));
      larger.set(this.#bytes.subarray(0, this.length));
      this.#bytes = larger;
    }
    const { length: at } = this;
    const columns = (row[0]! << 8) | row[1]!;
    this.#bytes.writeInt16BE(columns + 1, at);
    this.#bytes.writeInt32BE(8, at + COUNT_BYTES);
    this.#bytes.writeBigInt64BE(BigInt(number), at + COUNT_BYTES + 4);
    this.#bytes.set(row.subarray(COUNT_BYTES), at + COUNT_BYTES + NUMBER_BYTES);
    this.length += size;
    this.count++;
  }

  /** Returns the rows so far and starts again. */
  take(memory: PayloadMemory): CopyRows {
    const rows = takeBinary(memory, this.count, this.#bytes.subarray(0, this.length));
    this.count = 0;
    this.length = 0;
    return rows;
  }
}

/**
 * Returns some rows of a batch with their numbers, in memory taken for it.
 * @param rows without signature and trailer
 * @param ends where each row ends
 * @param without marks the rows to leave out
 * @param step what the number of a row is a multiple of: that of the k-th row is k times as much
 */
export function numberRows(
  rows: Uint8Array,
  ends: Uint32Array,
  without: Uint8Array,
  step: number,
  memory: PayloadMemory,
): CopyRows {
  let count = 0;
  let length = SIGNATURE.length + TRAILER.length;
  for (let row = without.indexOf(0); row >= 0; row = without.indexOf(0, row + 1)) {
    length += ends[row]! - (row === 0 ? 0 : ends[row - 1]!) + NUMBER_BYTES;
    count++;
  }
  if (count === 0) return { count, copy: memory.take(0) };
  const copy = memory.take(length);
  const out = new DataView(copy.buffer, copy.byteOffset, copy.length);
  copy.set(SIGNATURE);
  let to = SIGNATURE.length;
  for (let row = without.indexOf(0); row >= 0; row = without.indexOf(0, row + 1)) {
    const start = row === 0 ? 0 : ends[row - 1]!;
    const end = ends[row]!;
    const number = (row + 1) * step;
    out.setInt16(to, ((rows[start]! << 8) | rows[start + 1]!) + 1);
    out.setInt32(to + COUNT_BYTES, 8);
    out.setUint32(to + COUNT_BYTES + 4, Math.floor(number / 2 ** 32));
    out.setUint32(to + COUNT_BYTES + 8, number % 2 ** 32);
    to += COUNT_BYTES + NUMBER_BYTES;
    for (let at = start + COUNT_BYTES; at < end; at++) copy[to++] = rows[at]!;
  }
  copy.set(TRAILER, to);
  return { count, copy };
}
