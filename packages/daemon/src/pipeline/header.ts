/** The first record of a file: which of its fields is which column. */
import {
  CUSTOMER_COLUMNS,
  type CustomerColumn,
  columnFor,
  columnMeant,
  REQUIRED_COLUMNS,
} from '@csvjobs/shared';
import { Failure } from '../failure.js';
import type { RowPlan } from '../rows/rowPlan.js';
import type { ReportColumns } from './fixes/reportColumns.js';

/** What the header says of a file, whichever table it is for. Plain data: it can be sent to a worker thread. */
export interface HeaderParts {
  /** Its fields up to the last one with a name: a record has at least so many. */
  named: number;
  /** All of its fields: those of a record beyond these must be empty. */
  cells: number;
  /** The fields without a name in front of the last one with a name, counted from 0. */
  nameless: number[];
  /** What the reader of the file should know, such as `ignored columns: notes, age`. */
  notices: string[];
  /** The columns that a report has added. */
  report?: ReportColumns;
}

/** The header of a file for `customers`. */
export interface CustomerHeader extends HeaderParts {
  /** The field of each column, counted from 0; -1 for a column that the file does not have (it may lack phone). */
  positions: Record<CustomerColumn, number>;
}

/** The header of a file for another table. */
export interface TargetHeader extends HeaderParts {
  plan: RowPlan;
}

export type Header = CustomerHeader | TargetHeader;

/**
 * Finds the columns among the cells of a header, by name or alias, in any order.
 *
 * Empty cells at the end are what spreadsheets leave of deleted columns: records may lack them. Other unknown columns
 * are ignored and named in a notice, with the column that they may be meant for where the file lacks that.
 *
 * @throws Failure header_invalid when a required column is missing or a column is there twice
 */
export function readHeader(cells: readonly string[], delimiter: string): CustomerHeader {
  const positions: Record<CustomerColumn, number> = { name: -1, email: -1, phone: -1, company: -1 };
  const several = new Map<CustomerColumn, string[]>();
  const ignored: string[] = [];
  const nameless: number[] = [];
  let named = 0;
  for (const [position, cell] of cells.entries()) {
    const name = cell.trim();
    if (name === '') {
      nameless.push(position);
      continue;
    }
    named = position + 1;
    const column = columnFor(name);
    if (column === undefined) ignored.push(name);
    else if (positions[column] === -1) positions[column] = position;
    else if (several.has(column)) several.get(column)!.push(name);
    else several.set(column, [cells[positions[column]]!.trim(), name]);
  }
  const lacking = CUSTOMER_COLUMNS.filter((column) => positions[column] === -1);
  const missing = lacking.filter((column) => (REQUIRED_COLUMNS as readonly string[]).includes(column));
  if (missing.length > 0 || several.size > 0)
    throw headerInvalid({ cells, lacking, missing, several, delimiter });
  const notices =
    ignored.length === 0 ? [] : [`ignored columns: ${listed(ignored, (name) => suggested(name, lacking))}`];
  return {
    positions,
    named,
    cells: cells.length,
    nameless: nameless.filter((position) => position < named),
    notices,
  };
}

/** The notices about columns that have no name, by their positions. */
export function namelessNotices(positions: readonly number[]): string[] {
  if (positions.length === 0) return [];
  const numbers = listed(positions.map((position) => String(position + 1)));
  return [
    positions.length === 1
      ? `ignored column ${numbers}: it has no name`
      : `ignored columns ${numbers}: they have no name`,
  ];
}

/** Says that lines before the header were passed over, which have delimiters or quotes but no value. */
export function passedNotices(records: number): string[] {
  if (records === 0) return [];
  return [`skipped ${records === 1 ? 'a line' : `${records} lines`} before the header: only empty fields`];
}

/** Says that records have empty fields which the header does not: a file whose every value has moved looks the same. */
export function surplusNotices(surplus: number): string[] {
  if (surplus <= 0) return [];
  const fields = surplus === 1 ? 'an empty field' : `${surplus} empty fields`;
  return [`every record ends with ${fields} more than the header has; ignored`];
}

/** The failure of a file whose first record cannot be read. @param wanted the columns that it should name */
export function headerUnreadable(why: string, wanted: string): Failure {
  return new Failure(
    'header_invalid',
    `The header cannot be read: ${why}. The first line must name the columns ${wanted}. Fix it and upload the file again.`,
  );
}

/** The failure of a file without any record, header included. @param wanted the columns that it should name */
export function headerMissing(wanted: string): Failure {
  return new Failure(
    'file_empty',
    `The file has no text. Its first line must name the columns ${wanted}, with a record on each line after it.`,
  );
}

/** The columns of `customers`, for a sentence. */
export const WANTED = CUSTOMER_COLUMNS.map((column) =>
  (REQUIRED_COLUMNS as readonly string[]).includes(column) ? column : `${column} (optional)`,
).join(', ');

interface HeaderFaults {
  cells: readonly string[];
  /** The columns that the file does not have, and which of these it must have. */
  lacking: readonly CustomerColumn[];
  missing: readonly CustomerColumn[];
  /** The names of each column that has more than one. */
  several: ReadonlyMap<CustomerColumn, readonly string[]>;
  delimiter: string;
}

function headerInvalid({ cells, lacking, missing, several, delimiter }: HeaderFaults): Failure {
  const faults = [
    ...(missing.length > 0 ? [`missing columns: ${missing.join(', ')}`] : []),
    ...[...several].map(([column, names]) => `more than one column for ${column}: ${listed(names)}`),
  ];
  const names = cells.map((cell) => cell.trim());
  const found = listed(names, (name) =>
    columnFor(name) === undefined ? suggested(name, lacking) : shown(name),
  );
  return new Failure(
    'header_invalid',
    `${faults.join('; ')}; found: ${found}.${delimiterHint(cells, delimiter)} The first line must name the columns ${WANTED}, in any order. Rename them and upload the file again.`,
  );
}

/** Of a header with one cell: that another delimiter may be meant. Begins with a space. */
export function delimiterHint(cells: readonly string[], delimiter: string): string {
  return cells.length === 1
    ? ` Only one column was found: is ${JSON.stringify(delimiter)} the delimiter?`
    : '';
}

/** A name, and the column that it may be meant for. */
function suggested(name: string, lacking: readonly CustomerColumn[]): string {
  const meant = columnMeant(name, lacking);
  return meant === undefined ? shown(name) : `${shown(name)} (did you mean ${meant}?)`;
}

/** A header may be as long as any record; a message may not. */
const SHOWN_NAMES = 50;
const SHOWN_LENGTH = 60;

function listed(names: readonly string[], show: (name: string) => string = shown): string {
  const more = names.length - SHOWN_NAMES;
  return names.slice(0, SHOWN_NAMES).map(show).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

/** A name as it is, in quotes where a list of names would not show where it begins and ends. */
function shown(name: string): string {
  const short = name.length > SHOWN_LENGTH ? `${name.slice(0, SHOWN_LENGTH)}…` : name;
  return /^$|[,;"()\t\r\n]/.test(short) ? JSON.stringify(short) : short;
}
