/** A form in which files write values, different from PostgreSQL's. */
import type { Fault } from '../types/typeRule.js';

export interface FormReader {
  /**
   * Writes the text from `start` to `end` (valid UTF-8) in PostgreSQL's form to the start of `out`. Returns the length
   * of the result, or DOUBT for a text that is not in this form.
   */
  rewrite(bytes: Uint8Array, start: number, end: number, out: Scratch): number;
  /** Returns the fault of a text for which `rewrite` returns DOUBT. */
  fault(text: string): Fault;
}

/** Reusable memory for one text at a time. */
export class Scratch {
  bytes = new Uint8Array(256);

  /** Makes room for this many bytes. Discards what was written before. */
  makeRoom(length: number): Uint8Array {
    if (length > this.bytes.length) this.bytes = new Uint8Array(2 * length);
    return this.bytes;
  }
}
