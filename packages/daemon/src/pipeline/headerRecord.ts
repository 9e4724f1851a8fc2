/**
 * Finds the header of a file. Titles, notes and `sep=;` may come before it: the header is the first record that the
 * rule of its table accepts, among the first records (docs/decisions/0025-lines.md), or the one that the user names.
 */
import type { Encoding } from './decode/encodings.js';
import { withoutReport } from './fixes/readWithoutReport.js';
import { writtenCell } from './fixes/writtenCell.js';
import { type Candidate, candidateOf } from './header/candidate.js';
import { type Chosen, HeaderChoice, readCells } from './header/choose.js';
import { type HeaderParts, headerUnreadable } from './header.js';
import type { HeaderRule } from './headerRule.js';
import type { Parse } from './parse.js';
import type { Cutter } from './records/cutter.js';
import { NO_END } from './records/lineEnds.js';
import type { RecordOptions } from './records.js';

/** The search stops after this many records, or after HEADER_BYTES. */
const MOST_RECORDS = 30;
export const HEADER_BYTES = 32 * 1024;

export type HeaderOptions<Of extends HeaderParts> = Pick<
  RecordOptions,
  'delimiter' | 'dialect' | 'maxRecordBytes'
> & {
  encoding?: Encoding;
  /** How to read the header. */
  rule: HeaderRule<Of>;
  /** Names of columns that a report has added, at any position (see reportColumns.ts). */
  leaveOut?: readonly string[] | undefined;
  /** The line where an earlier search found it. */
  headerLine?: number | undefined;
};

export interface FoundHeader<Of extends HeaderParts> {
  header: Of;
  /**
   * The header record as it is in the file. If it has several rows, or the user has named the fields: a record of the
   * names.
   */
  text: string;
  /** Its cells. */
  names: readonly string[];
  /** The line where it starts; undefined if the user has said which rows it has, or that there is none. */
  line: number | undefined;
  /** The kind of its line end. */
  lineEnd: number;
  /** The records before it that have a value, and the number of those that have none. */
  above: Candidate[];
  passed: number;
  /** The records after it that the search has read, in order. */
  behind: Candidate[];
}

/** Searches for a file's header, across any number of chunks. */
export class HeaderSearch<Of extends HeaderParts> {
  readonly #parse: Parse;
  readonly #options: HeaderOptions<Of>;
  readonly #choice: HeaderChoice<Of>;
  readonly #candidates: Candidate[] = [];
  #withValue = 0;
  #bytes = 0;
  /** Records without a value before all candidates; there may be any number of them. */
  #passed = 0;

  constructor(parse: Parse, options: HeaderOptions<Of>) {
    this.#parse = parse;
    this.#options = { ...options, rule: withoutReport(options.rule, options.leaveOut) };
    this.#choice = new HeaderChoice(this.#options.rule, options.delimiter);
  }

  /**
   * Returns the header among a cutter's next records; undefined if the search needs more bytes, or there are no more.
   *
   * @throws Failure header_invalid
   */
  next(cutter: Cutter): FoundHeader<Of> | undefined {
    const { rule, delimiter, dialect = {} } = this.#options;
    if (dialect.columns !== undefined)
      return {
        header: rule(dialect.columns, delimiter),
        text: recordOf(dialect.columns, this.#options),
        names: dialect.columns,
        line: undefined,
        lineEnd: NO_END,
        above: [],
        passed: 0,
        behind: [],
      };
    while (cutter.next()) {
      if (cutter.line < (this.#options.headerLine ?? 0)) continue;
      const candidate = candidateOf(cutter, this.#parse, this.#options);
      if (candidate.values > 0) this.#withValue++;
      else if (this.#withValue === 0) {
        this.#passed++;
        continue;
      }
      this.#candidates.push(candidate);
      this.#bytes += candidate.bytes.length;
      const found =
        dialect.headerRows === undefined ? this.#look(candidate) : this.#join(candidate, dialect.headerRows);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /**
   * Returns the header once the text has ended; undefined if no record has a value.
   *
   * @throws Failure header_invalid
   */
  end(): FoundHeader<Of> | undefined {
    const { headerRows } = this.#options.dialect ?? {};
    if (headerRows !== undefined && this.#candidates.length > 0) throw this.#noRow(headerRows);
    return this.#found(this.#choice.end(this.#candidates));
  }

  #look(candidate: Candidate): FoundHeader<Of> | undefined {
    const { headerLine, rule, delimiter } = this.#options;
    const at = this.#candidates.length - 1;
    if (headerLine !== undefined) return this.#found({ header: readCells(candidate, rule, delimiter), at });
    const sure = this.#choice.add(candidate, at);
    const enough = this.#withValue >= MOST_RECORDS || this.#bytes >= HEADER_BYTES;
    return this.#found(sure ?? (enough ? this.#choice.end(this.#candidates) : undefined));
  }

  #found(chosen: Chosen<Of> | undefined): FoundHeader<Of> | undefined {
    if (chosen === undefined) return undefined;
    const { header, at } = chosen;
    const { bytes, cells, line, lineEnd } = this.#candidates[at]!;
    return {
      header,
      text: bytes.toString(),
      names: cells,
      line,
      lineEnd,
      ...this.#above(at),
      behind: this.#candidates.slice(at + 1),
    };
  }

  #above(at: number): Pick<FoundHeader<Of>, 'above' | 'passed'> {
    const all = this.#candidates.slice(0, at);
    const above = all.filter(({ values }) => values > 0);
    return { above, passed: this.#passed + all.length - above.length };
  }

  /** Joins the rows that the user names as header, once the last of them has been read. */
  #join(candidate: Candidate, headerRows: readonly number[]): FoundHeader<Of> | undefined {
    const { rule, delimiter, dialect } = this.#options;
    if (candidate.line < Math.max(...headerRows)) return undefined;
    const rows = headerRows.map((line) => this.#candidates.find((each) => each.line === line));
    if (!rows.every((row) => row !== undefined)) throw this.#noRow(headerRows);
    for (const row of rows) if (row.why !== undefined) readCells(row, rule, delimiter);
    const cells = joinedNames(
      rows.map((row) => row.cells),
      dialect?.headerJoin ?? ' ',
    );
    const header = rule(cells, delimiter);
    const { above, passed } = this.#above(this.#candidates.length);
    const rest = above.filter((each) => !rows.includes(each));
    const text = recordOf(cells, this.#options);
    return {
      ...{ header, text, names: cells, line: undefined, lineEnd: candidate.lineEnd },
      ...{ above: rest, passed, behind: [] },
    };
  }

  #noRow(headerRows: readonly number[]) {
    const line = headerRows.find((row) => !this.#candidates.some((each) => each.line === row));
    return headerUnreadable(
      `no row starts on line ${line} (--header-rows, dialect.headerRows)`,
      this.#options.rule.wanted,
    );
  }
}

/** Writes names as a record of the file. */
function recordOf(
  names: readonly string[],
  { delimiter, dialect }: Pick<RecordOptions, 'delimiter' | 'dialect'>,
): string {
  return names.map((name) => writtenCell(name, delimiter, dialect)).join(delimiter);
}

/** Joins each column's names in several rows; a name that repeats the one above it counts once. */
function joinedNames(rows: readonly (readonly string[])[], join: string): string[] {
  const width = Math.max(...rows.map(({ length }) => length));
  return Array.from({ length: width }, (_, at) =>
    rows
      .map((cells) => (cells[at] ?? '').trim())
      .filter((name, row, names) => name !== '' && name !== names[row - 1])
      .join(join),
  );
}
