/** How many fields the records of a file have. */
import type { HeaderParts } from '../header.js';
import { emptyFrom, hasValue } from '../layout.js';
import type { Fields } from '../parse/fields.js';

/**
 * The least number of fields of any record that has all columns of the header. Empty fields behind those (spreadsheets
 * leave them of deleted columns) belong to a record only where every record has them: else one too many is the trace of
 * a value with a delimiter in it, which has moved all values behind it.
 *
 * The header speaks for fields of its own, even without a name. For more than it has a single record is no witness: it may be
 * the shifted one.
 *
 * Records that do not fit whatever the others have (columns missing, text beyond the header), and those without any value,
 * have no say.
 */
export class RecordWidth {
  readonly #header: HeaderParts;
  readonly #nameless = new Set<number>();
  #fields = Number.POSITIVE_INFINITY;
  #records = 0;

  constructor(header: HeaderParts) {
    this.#header = header;
  }

  /** No further record can change the answer: of most files the first one settles it. */
  get settled(): boolean {
    return this.#fields === this.#header.named;
  }

  add(fields: Fields): void {
    const { named, cells } = this.#header;
    if (fields.count < named || !emptyFrom(cells, fields) || emptyFrom(0, fields)) return;
    this.#records++;
    this.#fields = Math.min(this.#fields, fields.count);
    for (let position = named; position < Math.min(fields.count, cells); position++)
      if (!this.#nameless.has(position) && hasValue(position, fields)) this.#nameless.add(position);
  }

  /** The header's number where no record has all of its columns, or only one has more. */
  get fields(): number {
    const { cells } = this.#header;
    return this.#records === 0 || (this.#records === 1 && this.#fields > cells) ? cells : this.#fields;
  }

  /** The positions behind the last column with a name in which records have values, in their order. */
  get nameless(): number[] {
    return [...this.#nameless].filter((position) => position < this.fields).sort((a, b) => a - b);
  }
}
