/** The first record of a file: which of its fields is which column. */

import type { CustomerColumn } from '@csvjobs/shared';
import { Failure } from '../failure.js';
import type { PlanColumn, RowPlan } from '../rows/rowPlan.js';
import type { ReportColumns } from './fixes/reportColumns.js';
import type { NameSource } from './header/nameSource.js';
import type { Notice } from './notice.js';

/** What the header says of a file, whichever table it is for. Plain data: it can be sent to a worker thread. */
export interface HeaderParts {
  /** Its fields up to the last one with a name: a record has at least this many. */
  named: number;
  /** All of its fields: those of a record beyond these must be empty. */
  cells: number;
  /** The fields without a name in front of the last one with a name, counted from 0. */
  nameless: number[];
  /** What the reader of the file should know, such as `ignored columns: notes, age`. */
  notices: Notice[];
  /** The columns that a report has added. */
  report?: ReportColumns;
  /** What names are from, where that is assumed. */
  nameSource?: NameSource | undefined;
}

/** How the values of `customers` are read from a record. */
export interface CustomerValues {
  /**
   * The field of each column, counted from 0; -1 for a column that the file does not have (it may lack phone). Where
   * records are `made`, it is the field of what is made.
   */
  positions: Record<CustomerColumn, number>;
  /** How values are made, in the order of `positions`, where not each is one field as it stands. */
  made?: readonly PlanColumn[];
  /** Nothing may be assumed of a value: it is judged as it stands. */
  strict?: true;
}

/** The header of a file for `customers`. */
export interface CustomerHeader extends HeaderParts, CustomerValues {}

/** The header of a file for another table, or for `customers` as a table like any other. */
export interface TargetHeader extends HeaderParts {
  plan: RowPlan;
  /** Of customers: how the values of their own columns are read. */
  customers?: CustomerValues | undefined;
}

export type Header = CustomerHeader | TargetHeader;

/** What the header of `customers` as a table like any other says of their own columns. */
export function customerHeaderOf(header: Header): CustomerHeader {
  if (!('plan' in header)) return header;
  const { plan: _, customers, ...parts } = header;
  if (!customers) throw new Error('the file is for another table than customers');
  return { ...parts, ...customers };
}

/** The notices about columns that have no name, by their positions. */
export function namelessNotices(positions: readonly number[]): string[] {
  if (positions.length === 0) return [];
  const numbers = shownList(positions.map((position) => String(position + 1)));
  return [
    positions.length === 1
      ? `ignored column ${numbers}: it has no name`
      : `ignored columns ${numbers}: they have no name`,
  ];
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
export function headerMissing(wanted: string, skipLines = 0): Failure {
  if (skipLines > 0)
    return new Failure(
      'header_invalid',
      `--skip-lines ${skipLines} (csvjobs.skipLines in the spec) leaves out all lines of the file that have text. Name fewer, or leave it out to have the header found.`,
    );
  return new Failure(
    'file_empty',
    `The file has no text. Its first line must name the columns ${wanted}, with a record on each line after it.`,
  );
}

/** Of a header with one cell: that another delimiter may be meant. Begins with a space. */
export function delimiterHint(cells: readonly string[], delimiter: string): string {
  return cells.length === 1
    ? ` Only one column was found: is ${JSON.stringify(delimiter)} the delimiter?`
    : '';
}

/** A header may be as long as any record; a message may not. */
const SHOWN_NAMES = 50;
const SHOWN_LENGTH = 60;

/** Names of a header in a sentence. */
export function shownList(names: readonly string[], show: (name: string) => string = shownName): string {
  const more = names.length - SHOWN_NAMES;
  return names.slice(0, SHOWN_NAMES).map(show).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

/** A name as it is, in quotes where a list of names would not show where it begins and ends. */
export function shownName(name: string): string {
  const short = name.length > SHOWN_LENGTH ? `${name.slice(0, SHOWN_LENGTH)}…` : name;
  return /^$|[,;"()\t\r\n]/.test(short) ? JSON.stringify(short) : short;
}
