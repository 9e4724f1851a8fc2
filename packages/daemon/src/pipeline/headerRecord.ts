/** The first record of a file that has a value, read as its header. */
import type { Encoding } from './decode/encodings.js';
import { type Header, headerUnreadable, readHeader } from './header.js';
import { emptyFrom } from './layout.js';
import { CleanText } from './parse/clean.js';
import type { Parse } from './parse.js';
import { unreadable } from './records/unreadable.js';
import type { RecordCutter, RecordOptions } from './records.js';

type HeaderOptions = Pick<RecordOptions, 'delimiter' | 'maxRecordBytes'> & { encoding?: Encoding };

/** Looks for a file's header, over any number of chunks. */
export class HeaderSearch {
  /** How many records without a value (`,,,`, `"",""`) stand before the header: as blank lines, they are no records. */
  passed = 0;
  readonly #parse: Parse;
  readonly #options: HeaderOptions;

  constructor(parse: Parse, options: HeaderOptions) {
    this.#parse = parse;
    this.#options = options;
  }

  /**
   * The header that a cutter comes to next; undefined where it needs more bytes first, or there are none.
   *
   * @throws Failure header_invalid
   */
  next(cutter: RecordCutter): Header | undefined {
    while (cutter.next()) {
      const why = unreadable(cutter, new CleanText(), this.#options);
      if (why !== undefined) throw headerUnreadable(`line ${cutter.line}: ${why.message}`);
      const fields = this.#parse(cutter);
      if (emptyFrom(0, fields)) {
        this.passed++;
        continue;
      }
      return readHeader(
        Array.from({ length: fields.count }, (_, position) => fields.text(position)),
        this.#options.delimiter,
      );
    }
    return undefined;
  }
}
