/**
 * How many records a file has, and its header, before anything is loaded: progress needs the total.
 *
 * The numbers are those of a full read, as the same `RecordCutter` finds the records.
 */
import type { Encoding } from './decode/encodings.js';
import { type Header, headerMissing } from './header.js';
import { createParse } from './parse.js';
import { headerOf } from './reader.js';
import { RecordCutter, type RecordOptions } from './records.js';

/** How a survey reads records, and the encoding that its text was in, to be named in messages. */
type SurveyOptions = Pick<RecordOptions, 'delimiter' | 'maxRecordBytes'> & { encoding?: Encoding };

export interface SurveyResult {
  /** Records of data: the row number of the last one. */
  totalRows: number;
  header: Header;
}

/** Push the text's chunks from the start of the file, then end. */
export class Survey {
  readonly #options: SurveyOptions;
  readonly #cutter: RecordCutter;
  #header: Header | undefined;
  #totalRows = 0;

  constructor(options: SurveyOptions) {
    this.#options = options;
    this.#cutter = new RecordCutter({
      delimiter: options.delimiter,
      maxRecordBytes: options.maxRecordBytes,
    });
  }

  /** The file's header, as soon as it was read. */
  get header(): Header | undefined {
    return this.#header;
  }

  /**
   * Takes the next chunk, of any size. It may be overwritten afterwards.
   *
   * @throws Failure header_invalid
   */
  push(chunk: Uint8Array): void {
    this.#cutter.push(chunk);
    this.#count();
  }

  /**
   * There are no more chunks.
   *
   * @throws Failure header_invalid, or file_empty when there was no record at all
   */
  end(): SurveyResult {
    this.#cutter.finish();
    this.#count();
    if (this.#header === undefined) throw headerMissing();
    return { totalRows: this.#totalRows, header: this.#header };
  }

  #count(): void {
    const cutter = this.#cutter;
    if (this.#header === undefined) {
      if (!cutter.next()) return;
      this.#header = headerOf(cutter, createParse(this.#options.delimiter), this.#options);
    }
    let found = 0;
    while (cutter.next()) found++;
    this.#totalRows += found;
  }
}
