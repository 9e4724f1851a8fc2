/** Binary rows for the stage, each with its own number (stage.ts): COPY's binary format with one more column. */
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
