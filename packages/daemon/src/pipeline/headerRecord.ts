/** The first record of a file that has a value, read as its header. */
import type { Encoding } from './decode/encodings.js';
import { readWithoutReport } from './fixes/readWithoutReport.js';
import { type HeaderParts, headerUnreadable } from './header.js';
import type { HeaderRule } from './headerRule.js';
import { emptyFrom } from './layout.js';
import { CleanText } from './parse/clean.js';
import type { Parse } from './parse.js';
import { unreadable } from './records/unreadable.js';
import type { RecordCutter, RecordOptions } from './records.js';

type HeaderOptions<Of extends HeaderParts> = Pick<RecordOptions, 'delimiter' | 'maxRecordBytes'> & {
  encoding?: Encoding;
  /** How the header is read. */
  rule: HeaderRule<Of>;
  /** Names of columns that a report has added, wherever they stand (see reportColumns.ts). */
  leaveOut?: readonly string[] | undefined;
};

/** Looks for a file's header, over any number of chunks. */
export class HeaderSearch<Of extends HeaderParts> {
  /** How many records without a value (`,,,`, `"",""`) stand before the header: as blank lines, they are no records. */
  passed = 0;
  readonly #parse: Parse;
  readonly #options: HeaderOptions<Of>;

  constructor(parse: Parse, options: HeaderOptions<Of>) {
    this.#parse = parse;
    this.#options = options;
  }

  /**
   * The header that a cutter comes to next; undefined where it needs more bytes first, or there are none.
   *
   * @throws Failure header_invalid
   */
  next(cutter: RecordCutter): Of | undefined {
    const { rule, delimiter, leaveOut } = this.#options;
    while (cutter.next()) {
      const why = unreadable(cutter, new CleanText(), this.#options);
      if (why !== undefined) throw headerUnreadable(`line ${cutter.line}: ${why.message}`, rule.wanted);
      const fields = this.#parse(cutter);
      if (emptyFrom(0, fields)) {
        this.passed++;
        continue;
      }
      const cells = Array.from({ length: fields.count }, (_, position) => fields.text(position));
      return readWithoutReport(rule, cells, delimiter, leaveOut);
    }
    return undefined;
  }
}
