/** A way in which files write values that PostgreSQL writes otherwise. */
import type { Fault } from '../types/typeRule.js';

export interface FormReader {
  /**
   * Writes the text that stands at `start` to `end` (valid UTF-8) in PostgreSQL's form to the beginning of `out`. Returns
   * the length of what it wrote, or DOUBT for a text that is not in this form.
   */
  rewrite(bytes: Uint8Array, start: number, end: number, out: Scratch): number;
  /** What is wrong with a text that `rewrite` doubts. */
  fault(text: string): Fault;
}

/** Memory for one text at a time, used again and again. */
export class Scratch {
  bytes = new Uint8Array(256);

  /** Makes room for this many bytes. What was written before is lost. */
  makeRoom(length: number): Uint8Array {
    if (length > this.bytes.length) this.bytes = new Uint8Array(2 * length);
    return this.bytes;
  }
}
