/** Takes the records of a reader where no batch is made: what is rejected is handed on, a few records at a time. */
import type { Customer, Rejection } from '@csvjobs/shared';
import { shownText } from '../batch/shown.js';
import type { CustomerSink } from '../customerSink.js';
import type { CustomerHeader } from '../header.js';
import { cells, EMAIL, type Values } from '../validate.js';
import { HeldRejections } from './heldRejections.js';

/**
 * @param assume takes what is assumed of values
 * @param duplicateOf asked of each valid record: the row of the first with its e-mail, where that is an earlier one
 */
export function checkSink(
  duplicateOf: (email: string, rowNumber: number) => number | undefined,
  assume: (sentence: string) => void = () => {},
): CustomerSink<Rejection[]> {
  let header: CustomerHeader;
  const held = new HeldRejections();

  /** The words are those of customers.ts, whose place the statements there take in a load. */
  function met(rowNumber: number, line: number, email: string, row: () => Rejection['row']): void {
    const first = duplicateOf(email, rowNumber);
    if (first === undefined) return;
    const message = `duplicate of row ${first}`;
    held.add({ rowNumber, line, column: 'email', code: 'duplicate_in_file', message, row: row() });
  }

  return {
    get full() {
      return held.full;
    },
    get empty() {
      return held.empty;
    },
    begin(found) {
      header = found;
    },
    addValues: (rowNumber, line, values, fields) =>
      met(rowNumber, line, emailOf(values), () => cells(fields, header)),
    addCustomer: (rowNumber, line, { email }: Customer, fields) =>
      met(rowNumber, line, email, () => cells(fields, header)),
    reject: (reject, fields, raw) =>
      held.add({ ...reject, row: { ...(fields && cells(fields, header)), raw: shownText(raw) } }),
    rejectFields: (reject, fields) => held.add({ ...reject, row: cells(fields, header) }),
    assume,
    take: () => held.take(),
  };
}

function emailOf({ bytes, starts, ends }: Values): string {
  return bytes.toString('utf8', starts[EMAIL], ends[EMAIL]);
}
