/** Determines how many fields the records of a file have. */
import type { HeaderParts } from '../header.js';
import { emptyFrom, hasValue } from '../layout.js';
import type { Fields } from '../parse/fields.js';

/**
 * The smallest number of fields in any record that has all columns of the header. Empty fields after these
 * (spreadsheets leave them for deleted columns) belong to a record only if every record has them. Otherwise an extra
 * field indicates a delimiter inside a value, which shifts all values after it.
 *
 * Fields of the header count even if they have no name. For more fields than the header has, a single record proves
 * nothing: it may be the shifted one.
 *
 * Records that do not fit in any case (missing columns, text beyond the header) and those without any value do not
 * count.
 */
export class RecordWidth {
  readonly #header: HeaderParts;
  readonly #nameless = new Set<number>();
  #fields = Number.POSITIVE_INFINITY;
  #records = 0;

  constructor(header: HeaderParts) {
    this.#header = header;
  }

  /** Whether no further record can change the result: in most files the first record settles it. */
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

  /** The header's number if no record has all of its columns, or if only one has, with more fields. */
  get fields(): number {
    const { cells } = this.#header;
    return this.#records === 0 || (this.#records === 1 && this.#fields > cells) ? cells : this.#fields;
  }

  /** The positions after the last named column in which records have values, ascending. */
  get nameless(): number[] {
    return [...this.#nameless].filter((position) => position < this.fields).sort((a, b) => a - b);
  }
}
