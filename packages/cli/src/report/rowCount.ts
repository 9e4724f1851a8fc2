/** Counts the rows of CSV (RFC 4180, with a header) or NDJSON as its bytes pass by. */
import type { RowFormat } from '@csvjobs/shared/paths';

const LF = 0x0a;
const QUOTE = 0x22;

export class RowCount {
  readonly #format: RowFormat;
  #lines = 0;
  #quoted = false;

  constructor(format: RowFormat) {
    this.#format = format;
  }

  get rows(): number {
    return Math.max(0, this.#lines - (this.#format === 'csv' ? 1 : 0));
  }

  async *counted(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      this.#add(chunk);
      yield chunk;
    }
  }

  /** Only CSV has line ends inside quotes. */
  #add(chunk: Uint8Array): void {
    for (const byte of chunk) {
      if (byte === QUOTE) this.#quoted = this.#format === 'csv' && !this.#quoted;
      else if (byte === LF && !this.#quoted) this.#lines++;
    }
  }
}
