/**
 * How many records a file has, its header and its layout, before anything is loaded: progress needs the total, and
 * whether a record is whole is decided by what all records have in common.
 *
 * The numbers are those of a full read, as the same `RecordCutter` finds the records.
 */
import type { Encoding } from './decode/encodings.js';
import { type Header, type HeaderParts, headerMissing, passedNotices, surplusNotices } from './header.js';
import { HeaderSearch } from './headerRecord.js';
import type { HeaderRule } from './headerRule.js';
import type { Layout } from './layout.js';
import { createParse, type Parse } from './parse.js';
import { LineEndCounts, ownLineEnd } from './records/lineEnds.js';
import { RecordCutter, type RecordOptions } from './records.js';
import { RecordWidth } from './survey/width.js';

/** How a survey reads the header and the records, and the encoding that its text was in, to be named in messages. */
type SurveyOptions<Of extends HeaderParts> = Pick<RecordOptions, 'delimiter' | 'maxRecordBytes'> & {
  rule: HeaderRule<Of>;
  encoding?: Encoding;
};

export interface SurveyResult<Of extends HeaderParts = Header> {
  /** Records of data: the row number of the last one. */
  totalRows: number;
  header: Of;
  layout: Layout;
  /** What the reader of the file should know, such as `ignored columns: notes, age`. */
  notices: string[];
}

/** Push the text's chunks from the start of the file, then end. */
export class Survey<Of extends HeaderParts = Header> {
  readonly #options: SurveyOptions<Of>;
  readonly #cutter: RecordCutter;
  readonly #parse: Parse;
  readonly #headerSearch: HeaderSearch<Of>;
  /** Of the records of data. */
  readonly #lineEnds = new LineEndCounts();
  #found: { header: Of; headerEnd: number; width: RecordWidth } | undefined;
  #totalRows = 0;

  constructor(options: SurveyOptions<Of>) {
    this.#options = options;
    this.#parse = createParse(options.delimiter);
    this.#headerSearch = new HeaderSearch(this.#parse, options);
    this.#cutter = new RecordCutter({
      delimiter: options.delimiter,
      maxRecordBytes: options.maxRecordBytes,
    });
  }

  /** The file's header, as soon as it was read. */
  get header(): Of | undefined {
    return this.#found?.header;
  }

  /** The records that have come so far. */
  get rows(): number {
    return this.#totalRows;
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
   * @param whole whether that was all of the text; else what stands behind the last line end is the start of a record
   * @throws Failure header_invalid, or file_empty when there was no record at all
   */
  end(whole = true): SurveyResult<Of> {
    if (whole) {
      this.#cutter.finish();
      this.#count();
    }
    if (this.#found === undefined) throw headerMissing(this.#options.rule.wanted);
    const { header, headerEnd, width } = this.#found;
    this.#lineEnds.end();
    const lineEnd = ownLineEnd(headerEnd, this.#lineEnds.records);
    const strays = this.#lineEnds.areStrays(lineEnd);
    return {
      totalRows: this.#totalRows,
      header,
      layout: { fields: width.fields, lineEnd, ...(strays && { strayLineEnds: true }) },
      notices: [
        ...passedNotices(this.#headerSearch.passed),
        ...header.notices,
        ...this.#options.rule.nameless([...header.nameless, ...width.nameless]),
        ...surplusNotices(width.fields - header.cells),
      ],
    };
  }

  #count(): void {
    const cutter = this.#cutter;
    const lineEnds = this.#lineEnds;
    if (this.#found === undefined) {
      const header = this.#headerSearch.next(cutter);
      if (header === undefined) return;
      this.#found = { header, headerEnd: cutter.lineEnd, width: new RecordWidth(header) };
    }
    const { width } = this.#found;
    let found = 0;
    while (cutter.next()) {
      found++;
      lineEnds.add(cutter.lineEnd);
      if (!width.settled && cutter.fault === undefined) width.add(this.#parse(cutter));
    }
    this.#totalRows += found;
  }
}
