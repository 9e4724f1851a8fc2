/** Takes the records of a reader where no batch is made: what is rejected is handed on, a few records at a time. */
import type { Customer, Rejection } from '@csvjobs/shared';
import { shownText } from '../batch/shown.js';
import type { CustomerSink } from '../customerSink.js';
import type { CustomerHeader } from '../header.js';
import { cells, EMAIL, type Values } from '../validate.js';

/**
 * So many characters of rejected records are held at most, and one record. A chunk of the file may have half a million
 * records: all of theirs took 1 GB.
 */
const HELD = 64 * 1024;
/** What a rejection costs besides its text, about. */
const EACH = 256;

/**
 * @param duplicateOf asked of each valid record: the row of the first with its e-mail, where that is an earlier one
 */
export function checkSink(
  duplicateOf: (email: string, rowNumber: number) => number | undefined,
): CustomerSink<Rejection[]> {
  let header: CustomerHeader;
  let rejections: Rejection[] = [];
  let size = 0;

  function add(rejection: Rejection): void {
    rejections.push(rejection);
    size += EACH;
    for (const value of Object.values(rejection.row)) size += value.length;
  }

  /** The words are those of customers.ts, whose place the statements there take in a load. */
  function met(rowNumber: number, line: number, email: string, row: () => Rejection['row']): void {
    const first = duplicateOf(email, rowNumber);
    if (first === undefined) return;
    const message = `duplicate of row ${first}`;
    add({ rowNumber, line, column: 'email', code: 'duplicate_in_file', message, row: row() });
  }

  return {
    get full() {
      return size >= HELD;
    },
    get empty() {
      return rejections.length === 0;
    },
    begin(found) {
      header = found;
    },
    addValues: (rowNumber, line, values, fields) =>
      met(rowNumber, line, emailOf(values), () => cells(fields, header)),
    addCustomer: (rowNumber, line, { email }: Customer, _trimmed, fields) =>
      met(rowNumber, line, email, () => cells(fields, header)),
    reject: (reject, fields, raw) =>
      add({ ...reject, row: { ...(fields && cells(fields, header)), raw: shownText(raw) } }),
    rejectFields: (reject, fields) => add({ ...reject, row: cells(fields, header) }),
    take() {
      const taken = rejections;
      rejections = [];
      size = 0;
      return taken;
    },
  };
}

function emailOf({ bytes, starts, ends }: Values): string {
  return bytes.toString('utf8', starts[EMAIL], ends[EMAIL]);
}
