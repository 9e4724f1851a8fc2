/** Faults of a header that only the records show: it fits none of them. */
import { shellWord } from '@csvjobs/shared/paths';
import { grouped, rowCount } from '@csvjobs/shared/reading';
import { Failure } from '../../failure.js';
import type { NameSource } from '../header/nameSource.js';
import type { HeaderParts } from '../header.js';
import { hasValue } from '../layout.js';
import type { Notice } from '../notice.js';
import type { Fields } from '../parse/fields.js';
import { RivalProof, type Unfilled } from './rivalProof.js';

/** Checks the first records of a file. */
export class HeaderProof {
  readonly #header: HeaderParts;
  readonly #names: readonly string[];
  readonly #line: number | undefined;
  /** Undefined if no record can show more about it. */
  readonly #source: NameSource | undefined;
  readonly #rivals: RivalProof;
  #looked = 0;
  /** How many records have a name, and how many of these also have a company. */
  #named = 0;
  #whole = 0;
  /** The numbers of the records with a company and no name. */
  readonly #firms: number[] = [];
  #isShifted = true;

  /**
   * @param names the cells of the header
   * @param line the header's line, if one was found
   */
  constructor(header: HeaderParts, names: readonly string[], line: number | undefined) {
    this.#header = header;
    this.#names = names;
    this.#line = line;
    this.#source = header.report === undefined ? header.nameSource : undefined;
    this.#rivals = new RivalProof(header.report === undefined ? (header.rivals ?? []) : []);
    this.#isShifted = line !== undefined && header.named === header.cells;
  }

  /** Whether nothing more can be found. */
  get settled(): boolean {
    return this.#source === undefined && !this.#isShifted && this.#rivals.settled;
  }

  /** @param rowNumber 1 for the first data record */
  add(fields: Fields, rowNumber: number): void {
    this.#looked++;
    if (this.#source) this.#lookAtName(this.#source, fields, rowNumber);
    this.#rivals.add(fields);
    if (this.#isShifted)
      this.#isShifted =
        fields.count === this.#header.cells + 1 && fields.text(0).trim() === String(rowNumber);
  }

  #lookAtName({ positions, company }: NameSource, fields: Fields, rowNumber: number): void {
    const isThere = (position: number) => position < fields.count && hasValue(position, fields);
    const hasCompany = isThere(company);
    if (positions.some(isThere)) {
      this.#named++;
      if (hasCompany) this.#whole++;
    } else if (hasCompany) this.#firms.push(rowNumber);
  }

  /** @param all whether all records were checked; otherwise later ones may fit */
  fault(all: boolean): Failure | undefined {
    if (this.#looked === 0) return undefined;
    // A single such record more likely has a delimiter in a value.
    if (this.#isShifted && this.#looked > 1) return this.#shifted();
    const unfilled = all ? this.#rivals.unfilled() : undefined;
    if (unfilled !== undefined) return withoutValues(unfilled);
    if (this.#source === undefined || !all) return undefined;
    const { shown, options, mixed, companyless } = this.#source;
    if (this.#named === 0)
      return new Failure(
        'header_invalid',
        `No record has a name: ${shown} is empty in all of them. If these are companies, you can use the company's name instead, with the option.`,
        { options },
      );
    if (this.#firms.length === 0 || this.#whole > 0 || companyless === undefined) return undefined;
    return new Failure(
      'header_invalid',
      `No record has both a name and a company: some are people (${shown}), the others companies. With the options, a record without a person gets the company's name.`,
      { options: companyless.length === 0 ? undefined : [...mixed, ...companyless] },
    );
  }

  /**
   * Reports that some records lack a value that another field has, and that some are companies, which are rejected
   * because they have no name, with the options that load them.
   * @param rows number of records in the file without its footer
   */
  notices(rows: number): Notice[] {
    return [...this.#rivals.notices(), ...this.#firmNotices(rows)];
  }

  #firmNotices(rows: number): Notice[] {
    const firms = this.#firms.filter((rowNumber) => rowNumber <= rows).length;
    if (this.#source === undefined || firms === 0) return [];
    const { mixed, companyless = [] } = this.#source;
    const options = this.#named > this.#whole ? [...mixed, ...companyless] : mixed;
    const among = rows > this.#looked ? ` of the first ${grouped(this.#looked)}` : '';
    const which = `${rowCount(firms, 'record')}${among}`;
    const load = options.map(shellWord).join(' ');
    return [
      {
        note: `${which} with a company and no name; to load such records under the company's name, add ${load}`,
      },
    ];
  }

  /** As R's write.table does with row names. */
  #shifted(): Failure {
    const names = ['row', ...this.#names];
    const canBeNamed = names.every((name) => name !== '' && !name.includes(','));
    return new Failure(
      'header_invalid',
      'Every record has one field more than the header, and begins with its number: the header has no name for that column, so all names are above the wrong values (write.table of R writes such files; col.names=NA fixes that).',
      {
        options: canBeNamed
          ? ['--skip-lines', String(this.#line), '--no-header', '--columns', names.join(',')]
          : undefined,
      },
    );
  }
}

function withoutValues({ columns, options }: Unfilled): Failure {
  return new Failure(
    'header_invalid',
    `No record has a usable ${columns.join(' or ')} where the header names it, but another field has one in its place. To use that, add the options.`,
    { options },
  );
}
