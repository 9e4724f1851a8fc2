/**
 * Finds the number of records, the header and the layout of a file before anything is loaded: progress needs the total,
 * and what all records have in common decides whether a record is complete.
 *
 * The numbers are exact, because a load finds the records with the same cutter.
 */

import { type Header, type HeaderParts, headerMissing, skipsEmpty, surplusNotices } from './header.js';
import { type FoundHeader, type HeaderOptions, HeaderSearch } from './headerRecord.js';
import { fits, type Layout, lacksEnd, padded } from './layout.js';
import type { Notice } from './notice.js';
import type { Fields } from './parse/fields.js';
import { createParse, type Parse, type SoundRecord } from './parse.js';
import { createCutter } from './records/createCutter.js';
import type { Cutter } from './records/cutter.js';
import { LineEndCounts, ownLineEnd } from './records/lineEnds.js';
import { isRuleLine, isSepLine } from './records/ruleLine.js';
import { EmptyFields } from './survey/emptyFields.js';
import { askedFooter, type FooterQuestion, findFooter } from './survey/footer.js';
import { HeaderProof } from './survey/headerProof.js';
import {
  aboveNotices,
  doubtfulNotices,
  emptyNotices,
  firstLineNote,
  footerNotices,
  shortNotices,
} from './survey/lineNotices.js';
import { Tail, type TailRecord } from './survey/tail.js';
import { RecordWidth } from './survey/width.js';

/** How to read the header and the records, and the encoding of the original text, for messages. */
type SurveyOptions<Of extends HeaderParts> = Omit<HeaderOptions<Of>, 'headerLine'>;

export interface SurveyResult<Of extends HeaderParts = Header> {
  /** Number of data records, which is the row number of the last one. */
  totalRows: number;
  header: Of;
  /** The header record as it is in the file. */
  headerText: string;
  layout: Layout;
  /** Number of footer lines after the records. */
  footerRows: number;
  /** What the user should know about the file, such as `ignored columns: notes, age`. */
  notices: Notice[];
}

/** Number of records in which to look for missing last fields. Splitting all of them would take too long. */
const LOOKED_AT = 10_000;

interface FoundFooter {
  footer?: readonly TailRecord[] | undefined;
  doubtful?: readonly TailRecord[] | undefined;
  recordsFrom?: number | undefined;
}

interface Found<Of extends HeaderParts> extends Omit<FoundHeader<Of>, 'behind'> {
  width: RecordWidth;
  proof: HeaderProof;
  empty: EmptyFields;
  isSound: ((fields: Fields) => boolean) | undefined;
}

/** Push the text's chunks from the start of the file, then call `end`. */
export class Survey<Of extends HeaderParts = Header> {
  readonly #options: SurveyOptions<Of>;
  readonly #cutter: Cutter;
  readonly #parse: Parse;
  readonly #headerSearch: HeaderSearch<Of>;
  /** Line ends of the data records. */
  readonly #lineEnds = new LineEndCounts();
  readonly #tail: Tail;
  #found: Found<Of> | undefined;
  #totalRows = 0;
  /** Number of records without a value among those that the header search has read after the header. */
  #passedEmpty = 0;
  /** Number of blank lines, and of records without a value, before the first record. */
  #passedBefore: number | undefined;
  /** The first record is not data: see `Layout`. */
  #ruleLine = false;
  /** How many of the first records have a given number of fields, if that is smaller than the header's. */
  readonly #short = new Map<number, number>();

  constructor(options: SurveyOptions<Of>) {
    this.#options = options;
    this.#parse = createParse(options);
    this.#headerSearch = new HeaderSearch(this.#parse, options);
    this.#cutter = createCutter(options);
    this.#tail = new Tail(options.dialect?.footer);
  }

  /** The file's header, once it has been read. */
  get header(): Of | undefined {
    return this.#found?.header;
  }

  /** Number of records so far. */
  get rows(): number {
    return this.#totalRows;
  }

  /**
   * Takes the next chunk, of any size. You may overwrite it afterwards.
   *
   * @throws Failure header_invalid
   */
  push(chunk: Uint8Array): void {
    this.#cutter.push(chunk);
    this.#count();
  }

  /**
   * Ends the text.
   *
   * @param whole false if the text is only the start of the file's: then the text after the last line end does not
   *   count
   * @throws Failure header_invalid, or file_empty if there was no record at all
   */
  end(whole = true): SurveyResult<Of> {
    if (whole) {
      this.#cutter.finish();
      this.#count();
    }
    if (this.#found === undefined) {
      const found = this.#headerSearch.end();
      if (found === undefined)
        throw headerMissing(this.#options.rule.wanted, this.#options.dialect?.skipLines);
      this.#begin(found);
    }
    const {
      header,
      text,
      line,
      lineEnd: headerEnd,
      above,
      passed,
      width,
      proof,
      empty,
      isSound,
    } = this.#found!;
    const fault = proof.fault(whole && this.#totalRows <= LOOKED_AT);
    if (fault) throw fault;
    this.#lineEnds.end();
    const lineEnd = ownLineEnd(headerEnd, this.#lineEnds.records);
    const strays = this.#lineEnds.areStrays(lineEnd);
    const layout: Layout = { fields: width.fields, lineEnd, ...(strays && { strayLineEnds: true }) };
    if (above.length > 0 && line !== undefined) layout.headerLine = line;
    if (this.#ruleLine) layout.ruleLine = true;
    const found: FoundFooter = whole ? this.#footer(header, layout, isSound) : {};
    const { footer = [], doubtful = [], recordsFrom } = found;
    if (footer.length > 0) layout.footerLine = footer[0]!.line;
    if (recordsFrom !== undefined) layout.doubtfulLine = recordsFrom;
    const short = strays ? 0 : this.#shortRecords(layout.fields);
    if (short > 0) layout.shortRecords = true;
    const { rule, dialect } = this.#options;
    return {
      totalRows: this.#totalRows - footer.length,
      footerRows: footer.length,
      header,
      headerText: text,
      layout,
      notices: [
        ...aboveNotices(
          above.map((each) => this.#text(each)),
          { passed, asked: dialect?.headerRows !== undefined, line },
        ),
        ...(this.#ruleLine ? [{ note: firstLineNote(dialect?.columns !== undefined) }] : []),
        ...header.notices,
        ...rule.nameless([...header.nameless, ...width.nameless]),
        ...surplusNotices(width.fields - header.cells),
        ...proof.notices(this.#totalRows - footer.length),
        ...empty.notices(),
        ...shortNotices(short, this.#totalRows > LOOKED_AT),
        ...emptyNotices(this.#passedEmpty + this.#cutter.passedEmpty),
        ...footerNotices(
          footer.map((each) => this.#text(each)),
          dialect?.footer !== undefined,
        ),
        ...doubtfulNotices(doubtful.map((each) => this.#text(each))),
      ],
    };
  }

  #count(): void {
    const cutter = this.#cutter;
    if (this.#found === undefined) {
      const header = this.#headerSearch.next(cutter);
      if (header === undefined) return;
      this.#begin(header);
    }
    // The cutter drops its window when it has no more records.
    const { bytes } = cutter;
    const reach = bytes.length - this.#tail.reach;
    if (!this.#found!.width.settled || this.#totalRows < LOOKED_AT || this.#countUpTo(reach))
      while (cutter.next()) this.#see(cutter, reach);
    this.#tail.endWindow(bytes);
  }

  /**
   * Counts records up to the first that ends at or after a position. Returns false if there is none. This loop is
   * separate, because with the code for other records it would take 25 ns more per record.
   */
  #countUpTo(reach: number): boolean {
    const cutter = this.#cutter;
    const lineEnds = this.#lineEnds;
    let found = 0;
    while (cutter.next()) {
      if (cutter.end >= reach) {
        this.#totalRows += found;
        this.#see(cutter, reach);
        return true;
      }
      found++;
      lineEnds.add(cutter.lineEnd);
    }
    this.#totalRows += found;
    return false;
  }

  /** Counts a record that is one of the first or last, or that comes before the file's width is known. */
  #see(cutter: Cutter, reach: number): void {
    if (this.#isRuleLine(cutter)) return;
    const { fault } = cutter;
    this.#totalRows++;
    this.#lineEnds.add(cutter.lineEnd);
    const passedLines = cutter.passedLines + this.#passedEmpty;
    if (cutter.end >= reach || fault !== undefined) this.#tail.add(cutter, this.#totalRows, passedLines);
    if (fault === undefined) this.#lookAt(cutter, passedLines);
  }

  #begin({ behind, ...found }: FoundHeader<Of>): void {
    const { header } = found;
    const { isSound } = this.#options.rule;
    this.#found = {
      ...found,
      width: new RecordWidth(header),
      proof: new HeaderProof(header, found.names, found.line),
      empty: new EmptyFields(header),
      isSound: isSound?.(header),
    };
    this.#cutter.passesEmpty = skipsEmpty(header);
    for (const record of behind) {
      if (record.empty && skipsEmpty(header)) {
        this.#passedEmpty++;
        continue;
      }
      if (this.#isRuleLine(record)) continue;
      this.#totalRows++;
      this.#lineEnds.add(record.lineEnd);
      const passedLines = record.passedLines + this.#passedEmpty;
      this.#tail.add({ ...record, raw: () => record.bytes }, this.#totalRows, passedLines);
      this.#tail.endWindow(record.bytes);
      if (record.fault === undefined) this.#lookAt(record, passedLines);
    }
  }

  /** Whether a record is the first and not data (see `Layout`); remembers it in `#ruleLine`. */
  #isRuleLine(record: Pick<Cutter, 'bytes' | 'start' | 'end' | 'fault'>): boolean {
    if (this.#totalRows > 0 || this.#ruleLine || this.#found!.header.cells < 2) return false;
    const { delimiter, dialect } = this.#options;
    this.#ruleLine = dialect?.columns === undefined ? isRuleLine(record, delimiter) : isSepLine(record);
    return this.#ruleLine;
  }

  #lookAt(record: SoundRecord, passedLines: number): void {
    this.#passedBefore ??= passedLines;
    const isFirst = this.#totalRows <= LOOKED_AT;
    if (!isFirst && this.#found!.width.settled) return;
    const { width, proof, empty, header, isSound } = this.#found!;
    const fields = this.#parse(record);
    if (isFirst && !proof.settled) proof.add(fields, this.#totalRows);
    if (isFirst && !empty.settled) empty.add(fields);
    if (!width.settled) width.add(fields);
    const { count } = fields;
    if (isFirst && lacksEnd(count, header.cells) && (isSound?.(padded(fields, header.cells)) ?? true))
      this.#short.set(count, (this.#short.get(count) ?? 0) + 1);
  }

  /** Returns how many of the first records lack their last fields but may count as complete. */
  #shortRecords(fields: number): number {
    let records = 0;
    for (const [count, times] of this.#short) if (lacksEnd(count, fields)) records += times;
    return records;
  }

  /** Returns the values of a record, for a notice. */
  #text(record: SoundRecord & { fault: unknown }): string {
    if (record.fault !== undefined) return record.bytes.toString('utf8');
    const fields = this.#parse(record);
    const cells = Array.from({ length: fields.count }, (_, at) => fields.text(at).trim());
    return cells.filter((cell) => cell !== '').join(' ');
  }

  #footer(header: Of, layout: Layout, isSound: Found<Of>['isSound']): FoundFooter {
    const { dialect, delimiter } = this.#options;
    const asked = dialect?.footer;
    const question = (tail: readonly TailRecord[]): FooterQuestion => ({
      tail,
      passedLines: this.#passedBefore ?? 0,
      named: header.named,
      delimiter,
      parse: this.#parse,
      isSound: (fields) =>
        isSound !== undefined &&
        (fits(fields, header, layout) || lacksEnd(fields.count, layout.fields)) &&
        isSound(padded(fields, layout.fields)),
    });
    const tail = this.#tail.records(this.#totalRows);
    if (asked === 0) return {};
    if (asked !== undefined) return askedFooter(question(tail), asked, layout.fields);
    // Text after a foreign line end may be the rest of a record, and is then needed to detect the record's first piece.
    if (this.#lineEnds.hasOthers(layout.lineEnd)) return {};
    const { footer, doubtful } = findFooter(question(tail));
    return { footer: footer?.records, doubtful: doubtful?.records };
  }
}
