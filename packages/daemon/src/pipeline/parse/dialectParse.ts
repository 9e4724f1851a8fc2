/** Cuts records of a text in any dialect: copies their fields without the characters that only mark them. */
import { QUOTE } from '../records/bytes.js';
import { DialectScan, type FieldWriter } from '../records/dialectScan.js';
import type { DialectTokens } from '../records/dialectTokens.js';
import { Fields } from './fields.js';

const WHOLE = { limit: Number.POSITIVE_INFINITY, final: true, strict: false };

/**
 * Returns a function that cuts a record that DialectCutter found sound. A record that is sound when its quotes are read
 * strictly has the same fields when they are not.
 */
export function createDialectParse(
  tokens: DialectTokens,
): (record: { bytes: Buffer; start: number; end: number }) => Fields {
  const scan = new DialectScan(tokens);
  const fields = new Fields();
  const cells = new Cells(fields);
  return ({ bytes, start, end }) => {
    cells.begin(end - start);
    scan.scan(bytes.subarray(start, end), 0, WHOLE, cells);
    return fields;
  };
}

class Cells implements FieldWriter {
  #bytes = Buffer.alloc(256);
  #length = 0;
  #from = 0;

  constructor(readonly fields: Fields) {}

  /**
   * Makes room: no field is longer than its text in the file, and all of them together are no longer than the record. A byte
   * before each field, in the place of a delimiter, says whether it had quotes (`Fields`); the first and the one after the
   * last field are more.
   */
  begin(size: number): void {
    if (this.#bytes.length < size + 2) this.#bytes = Buffer.allocUnsafe(2 * size + 2);
    this.fields.bytes = this.#bytes;
    this.fields.count = 0;
    this.#length = 0;
    this.#open();
  }

  #open(): void {
    this.#bytes[this.#length++] = 0;
    this.#from = this.#length;
  }

  quoted(): void {
    this.#bytes[this.#from - 1] = QUOTE;
  }

  put(byte: number): void {
    this.#bytes[this.#length++] = byte;
  }

  endField(): void {
    this.fields.add(this.#from, this.#length);
    this.#open();
  }

  replace(bytes: Uint8Array): void {
    this.#bytes.set(bytes, this.#from);
    this.#length = this.#from + bytes.length;
  }
}
