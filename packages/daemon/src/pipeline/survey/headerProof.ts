/** What is wrong with a header that only the records of its file show: that it fits none of them. */
import { Failure } from '../../failure.js';
import type { HeaderParts } from '../header.js';
import { hasValue } from '../layout.js';
import type { Fields } from '../parse/fields.js';

/** Takes the first records of a file. */
export class HeaderProof {
  readonly #header: HeaderParts;
  readonly #names: readonly string[];
  readonly #line: number | undefined;
  #looked = 0;
  #hasName = false;
  #isShifted = true;

  /** @param names the cells of the header, and its line where that was found */
  constructor(header: HeaderParts, names: readonly string[], line: number | undefined) {
    this.#header = header;
    this.#names = names;
    this.#line = line;
    this.#hasName = header.nameSource === undefined || header.report !== undefined;
    this.#isShifted = line !== undefined && header.named === header.cells;
  }

  /** Nothing more can be found. */
  get settled(): boolean {
    return this.#hasName && !this.#isShifted;
  }

  /** @param rowNumber 1 for the first record of data */
  add(fields: Fields, rowNumber: number): void {
    this.#looked++;
    if (!this.#hasName)
      this.#hasName = this.#header.nameSource!.positions.some(
        (position) => position < fields.count && hasValue(position, fields),
      );
    if (this.#isShifted)
      this.#isShifted =
        fields.count === this.#header.cells + 1 && fields.text(0).trim() === String(rowNumber);
  }

  /** @param all whether all records were looked at; else those that follow may fit */
  fault(all: boolean): Failure | undefined {
    if (this.#looked === 0) return undefined;
    // One such record is rather one with a delimiter in a value.
    if (this.#isShifted && this.#looked > 1) return this.#shifted();
    if (this.#hasName || !all) return undefined;
    const { shown, options } = this.#header.nameSource!;
    return new Failure(
      'header_invalid',
      `No record has a name: ${shown} is empty in all of them. If these are companies, the company's name can stand for it, by the option.`,
      { options },
    );
  }

  /** As write.table of R does with the names of rows. */
  #shifted(): Failure {
    const names = ['row', ...this.#names];
    const canBeNamed = names.every((name) => name !== '' && !name.includes(','));
    return new Failure(
      'header_invalid',
      'Every record has one field more than the header, and begins with its number: the header has no name for that column, so that no name stands above its values (write.table of R writes such files; col.names=NA makes it right).',
      {
        options: canBeNamed
          ? ['--skip-lines', String(this.#line), '--no-header', '--columns', names.join(',')]
          : undefined,
      },
    );
  }
}
