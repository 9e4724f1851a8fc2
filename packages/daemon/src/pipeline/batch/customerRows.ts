/**
 * Collects valid records, then writes them in the binary format of PostgreSQL's COPY (documentation, COPY, "Binary
 * Format"): PostgreSQL need not parse numbers or escapes, and an ID takes 16 bytes instead of 37.
 *
 * Columns: id, job_id, row_number, name, email, phone, company.
 */
import type { Customer } from '@csvjobs/shared';
import type { Values } from '../validate.js';
import { SIGNATURE, TRAILER } from './binaryCopy.js';
import type { PayloadMemory } from './memory.js';
import { MAX_IDS, makeIds } from './uuid.js';
import { copyWords } from './words.js';

const FIRST_SIZE = 64 * 1024;
const FIELDS = 7;
/** The field count, then id, job_id and row_number, each after its length. */
const HEAD_BYTES = 2 + 20 + 20 + 12;

export class CustomerRows {
  count = 0;
  /** Bytes of the values so far, including their lengths. */
  length = 0;
  readonly #job: DataView;
  #bytes = Buffer.allocUnsafeSlow(FIRST_SIZE);
  #words: DataView = new DataView(this.#bytes.buffer);
  #ends = new Int32Array(1024);
  #rowNumbers = new Float64Array(1024);
  #orders = new Float64Array(1024);
  #from: Buffer | undefined;
  #fromWords: DataView = this.#words;

  /** @param jobId the 16 bytes of the job's ID */
  constructor(jobId: Buffer) {
    this.#job = new DataView(jobId.buffer, jobId.byteOffset, 16);
  }

  /** Adds a record by the positions of its values. @param order its place when the rows are sorted */
  addValues(rowNumber: number, { bytes, starts, ends }: Values, order: number): void {
    let room = 0;
    for (let column = 0; column < starts.length; column++) room += 8 + ends[column]! - starts[column]!;
    this.#room(room);
    if (bytes !== this.#from) {
      this.#from = bytes;
      this.#fromWords = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    }
    for (let column = 0; column < starts.length; column++) {
      const start = starts[column]!;
      const size = ends[column]! - start;
      // Only phone may be empty; it is then null.
      this.#words.setInt32(this.length, size === 0 ? -1 : size);
      this.length += 4;
      copyWords(this.#fromWords, start, this.#words, this.length, size);
      this.length += size;
    }
    this.#end(rowNumber, order);
  }

  /** Adds a record by its values. */
  addCustomer(rowNumber: number, { name, email, phone, company }: Customer, order: number): void {
    for (const value of [name, email, phone, company]) {
      // A UTF-16 code unit takes at most three bytes in UTF-8.
      this.#room(8 + 3 * (value?.length ?? 0));
      const size = value === null ? -1 : this.#bytes.write(value, this.length + 4);
      this.#words.setInt32(this.length, size);
      this.length += 4 + Math.max(0, size);
    }
    this.#end(rowNumber, order);
  }

  #end(rowNumber: number, order: number): void {
    if (this.count === this.#ends.length) this.#widen();
    this.#rowNumbers[this.count] = rowNumber;
    this.#orders[this.count] = order * MAX_IDS + this.count;
    this.#ends[this.count++] = this.length;
  }

  /**
   * Returns the rows so far as a COPY payload, in memory taken for it, and starts again. The rows are in the order of
   * `order`: inserting neighbours in an index together makes a load a fifth faster, and looking them up takes 3.2 µs instead
   * of 5.4. Sorting numbers takes 0.1 µs per row.
   */
  take(memory: PayloadMemory): { count: number; copy: Uint8Array } {
    const { count } = this;
    const size = count === 0 ? 0 : SIGNATURE.length + count * HEAD_BYTES + this.length + TRAILER.length;
    const copy = memory.take(size);
    if (count > 0) this.#write(copy);
    this.count = 0;
    this.length = 0;
    return { count, copy };
  }

  #write(copy: Uint8Array): void {
    const orders = this.#orders.subarray(0, this.count);
    orders.sort();
    copy.set(SIGNATURE);
    const out = new DataView(copy.buffer);
    const job = [0, 4, 8, 12].map((at) => this.#job.getInt32(at));
    const [job0, job1, job2, job3] = job as [number, number, number, number];
    let at = SIGNATURE.length;
    makeIds(this.count, Date.now(), (index, a, b, c, d) => {
      const order = orders[index]!;
      const row = order - Math.floor(order / MAX_IDS) * MAX_IDS;
      const rowNumber = this.#rowNumbers[row]!;
      const start = row === 0 ? 0 : this.#ends[row - 1]!;
      const size = this.#ends[row]! - start;
      out.setInt16(at, FIELDS);
      out.setInt32(at + 2, 16);
      out.setUint32(at + 6, a);
      out.setUint32(at + 10, b);
      out.setUint32(at + 14, c);
      out.setUint32(at + 18, d);
      out.setInt32(at + 22, 16);
      out.setInt32(at + 26, job0);
      out.setInt32(at + 30, job1);
      out.setInt32(at + 34, job2);
      out.setInt32(at + 38, job3);
      out.setInt32(at + 42, 8);
      out.setUint32(at + 46, Math.floor(rowNumber / 2 ** 32));
      out.setUint32(at + 50, rowNumber % 2 ** 32);
      copyWords(this.#words, start, out, at + HEAD_BYTES, size);
      at += HEAD_BYTES + size;
    });
    copy.set(TRAILER, at);
  }

  #room(size: number): void {
    if (this.length + size <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, this.length + size));
    this.#bytes.copy(larger, 0, 0, this.length);
    this.#bytes = larger;
    this.#words = new DataView(larger.buffer);
  }

  #widen(): void {
    const size = this.#ends.length * 2;
    const ends = new Int32Array(size);
    ends.set(this.#ends);
    this.#ends = ends;
    const rowNumbers = new Float64Array(size);
    rowNumbers.set(this.#rowNumbers);
    this.#rowNumbers = rowNumbers;
    const orders = new Float64Array(size);
    orders.set(this.#orders);
    this.#orders = orders;
  }
}
