/** The first record of a file: which of its fields is which column. */
import { CUSTOMER_COLUMNS, type CustomerColumn, columnFor, REQUIRED_COLUMNS } from '@csvjobs/shared';
import { Failure } from '../failure.js';

/** Plain data: it can be stored, and sent to a worker thread. */
export interface Header {
  /** The field of each column, counted from 0; -1 for a column that the file does not have (it may lack phone). */
  positions: Record<CustomerColumn, number>;
  /** A record has at least so many fields: the header's, without empty ones at its end. */
  minFields: number;
  /** Fields of a record beyond these must be empty. */
  maxFields: number;
  /** What the reader of the file should know, such as `ignored columns: notes, age`. */
  notices: string[];
}

/**
 * Finds the columns among the cells of a header, by name or alias, in any order.
 *
 * Empty cells at the end are what spreadsheets leave of deleted columns: records need not have them. Other unknown
 * columns are ignored and named in a notice.
 *
 * @throws Failure header_invalid when a required column is missing or a column is there twice
 */
export function readHeader(cells: readonly string[], delimiter: string): Header {
  const positions: Record<CustomerColumn, number> = { name: -1, email: -1, phone: -1, company: -1 };
  const twice = new Set<CustomerColumn>();
  const ignored: string[] = [];
  let minFields = 0;
  for (const [position, cell] of cells.entries()) {
    const name = cell.trim();
    if (name !== '') minFields = position + 1;
    const column = columnFor(name);
    if (column === undefined) ignored.push(name);
    else if (positions[column] === -1) positions[column] = position;
    else twice.add(column);
  }
  ignored.splice(ignored.length - (cells.length - minFields));

  const missing = REQUIRED_COLUMNS.filter((column) => positions[column] === -1);
  if (missing.length > 0 || twice.size > 0) throw headerInvalid(cells, missing, [...twice], delimiter);
  const names = ignored.map((name) => (name === '' ? '(no name)' : shortened(name)));
  const notices = names.length === 0 ? [] : [`ignored columns: ${listed(names)}`];
  return { positions, minFields, maxFields: cells.length, notices };
}

/** The failure of a file whose first record cannot be read. */
export function headerUnreadable(why: string): Failure {
  return new Failure(
    'header_invalid',
    `The header cannot be read: ${why}. The first line must name the columns ${WANTED}. Mend it and upload the file again.`,
  );
}

/** The failure of a file without any record, header included. */
export function headerMissing(): Failure {
  return new Failure(
    'file_empty',
    `The file has no text. Its first line must name the columns ${WANTED}, with a record on each line after it.`,
  );
}

const WANTED = CUSTOMER_COLUMNS.map((column) =>
  (REQUIRED_COLUMNS as readonly string[]).includes(column) ? column : `${column} (optional)`,
).join(', ');

function headerInvalid(
  cells: readonly string[],
  missing: readonly string[],
  twice: readonly string[],
  delimiter: string,
): Failure {
  const faults = [
    ...missing.map((column) => `there is no column ${column}`),
    ...twice.map((column) => `more than one column stands for ${column}`),
  ];
  const found = listed(cells.map((cell) => JSON.stringify(shortened(cell.trim()))));
  const hint =
    cells.length === 1 ? ` Only one column was found: is ${JSON.stringify(delimiter)} the delimiter?` : '';
  return new Failure(
    'header_invalid',
    `The header does not fit: ${faults.join('; ')}. Found: ${found}. Wanted, in any order: ${WANTED}.${hint} Rename the columns in the first line and upload the file again.`,
  );
}

/** A header may be as long as any record; a message may not. */
const SHOWN_NAMES = 50;
const SHOWN_LENGTH = 60;

function listed(names: readonly string[]): string {
  const more = names.length - SHOWN_NAMES;
  return names.slice(0, SHOWN_NAMES).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

function shortened(name: string): string {
  return name.length > SHOWN_LENGTH ? `${name.slice(0, SHOWN_LENGTH)}…` : name;
}
