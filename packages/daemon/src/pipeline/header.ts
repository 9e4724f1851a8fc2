/** The header of a file: which field is which column. */

import type { CustomerColumn } from '@csvjobs/shared';
import { Failure } from '../failure.js';
import type { PlanColumn, RowPlan } from '../rows/rowPlan.js';
import type { ReportColumns } from './fixes/reportColumns.js';
import type { NameSource } from './header/nameSource.js';
import type { Rivals } from './header/rivals.js';
import type { Notice } from './notice.js';

/** What the header says about a file for any table. Plain data, so it can be sent to a worker thread. */
export interface HeaderParts {
  /** Number of fields up to the last one with a name: a record has at least this many. */
  named: number;
  /** Number of all its fields: any further fields of a record must be empty. */
  cells: number;
  /** Positions, from 0, of the fields without a name that come before the last one with a name. */
  nameless: number[];
  /** What the user should know about the file, such as `ignored columns: notes, age`. */
  notices: Notice[];
  /** The columns that a report has added. */
  report?: ReportColumns;
  /** The source of names, if it is an assumption. */
  nameSource?: NameSource | undefined;
  /** Records without a value are records: with `quotedEmpty: text`, as for COPY. Otherwise they are skipped and counted. */
  keepsEmpty?: true;
  /** Positions of the fields of text columns in which "" is taken for no value (header/quotedTexts.ts). */
  quotedTexts?: number[] | undefined;
  /** Columns that other fields may fill better, if there are any. */
  rivals?: Rivals[];
}

/** How to read the values of `customers` from a record. */
export interface CustomerValues {
  /**
   * The position of each column's field, from 0; -1 for a column that the file lacks (it may lack phone). If records
   * are `made`, the position in the record that is made.
   */
  positions: Record<CustomerColumn, number>;
  /** How to make the values, in the order of `positions`; undefined if each is simply one field. */
  made?: readonly PlanColumn[];
  /** No assumptions about a value: it is judged as it is in the file. */
  strict?: true;
}

/** The header of a file for `customers`. */
export interface CustomerHeader extends HeaderParts, CustomerValues {}

/** The header of a file for another table, or for `customers` as a table like any other. */
export interface TargetHeader extends HeaderParts {
  plan: RowPlan;
  /** For customers: how to read the values of their own columns. */
  customers?: CustomerValues | undefined;
}

export type Header = CustomerHeader | TargetHeader;

/** Whether records without a value are skipped. In a file of one field they are not: `""` is a record there, and a blank line never is. */
export function skipsEmpty({ cells, keepsEmpty }: HeaderParts): boolean {
  return cells > 1 && !keepsEmpty;
}

/** Returns how the header of a file fills the columns of its table; undefined for the built-in rules of `customers`. */
export function rowPlanOf(header: Header | undefined): RowPlan | undefined {
  return header && 'plan' in header ? header.plan : undefined;
}

/** Reduces the header of `customers` as a table like any other to their own columns. */
export function customerHeaderOf(header: Header): CustomerHeader {
  if (!('plan' in header)) return header;
  const { plan: _, customers, ...parts } = header;
  if (!customers) throw new Error('the file is for another table than customers');
  return { ...parts, ...customers };
}

/** Returns the notices about columns without a name, given their positions. */
export function namelessNotices(positions: readonly number[]): string[] {
  if (positions.length === 0) return [];
  const numbers = shownList(positions.map((position) => String(position + 1)));
  return [
    positions.length === 1
      ? `ignored column ${numbers}: it has no name`
      : `ignored columns ${numbers}: they have no name`,
  ];
}

/**
 * Reports that records have empty fields beyond the header. A file whose values have all been shifted looks the same.
 */
export function surplusNotices(surplus: number): string[] {
  if (surplus <= 0) return [];
  const fields = surplus === 1 ? 'an empty field' : `${surplus} empty fields`;
  return [`every record ends with ${fields} more than the header has; ignored`];
}

/** Returns the failure for a file whose header cannot be read. @param wanted the columns that it should name */
export function headerUnreadable(why: string, wanted: string): Failure {
  return new Failure(
    'header_invalid',
    `The header cannot be read: ${why}. The first line must name the columns ${wanted}. Fix it and upload the file again.`,
  );
}

/**
 * Returns the failure for a file without any record, not even a header.
 * @param wanted the columns that it should name
 */
export function headerMissing(wanted: string, skipLines = 0): Failure {
  if (skipLines > 0)
    return new Failure(
      'header_invalid',
      `--skip-lines ${skipLines} (csvjobs.skipLines in the spec) leaves out all lines of the file that have text. Name fewer, or leave it out to have the header detected.`,
    );
  return new Failure(
    'file_empty',
    `The file has no text. Its first line must name the columns ${wanted}, with a record on each line after it.`,
  );
}

/** Suggests that the delimiter is wrong, if the header has only one cell. Starts with a space. */
export function delimiterHint(cells: readonly string[], delimiter: string): string {
  return cells.length === 1
    ? ` The file has only one column: is ${JSON.stringify(delimiter)} the delimiter?`
    : '';
}

/** Limits for messages: a header may be as long as any record. */
const SHOWN_NAMES = 50;
const SHOWN_LENGTH = 60;

/** Lists names of a header, for a sentence. */
export function shownList(names: readonly string[], show: (name: string) => string = shownName): string {
  const more = names.length - SHOWN_NAMES;
  return names.slice(0, SHOWN_NAMES).map(show).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

/** Returns a name, in quotes if a list of names would not show where it starts and ends. */
export function shownName(name: string): string {
  const short = name.length > SHOWN_LENGTH ? `${name.slice(0, SHOWN_LENGTH)}…` : name;
  return /^$|[,;"()\t\r\n]/.test(short) ? JSON.stringify(short) : short;
}
