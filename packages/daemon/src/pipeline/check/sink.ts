/** Takes the records of a reader when no batches are made: passes on rejected records, a few at a time. */
import type { Customer, Rejection } from '@csvjobs/shared';
import { shownText } from '../batch/shown.js';
import type { CustomerSink } from '../customerSink.js';
import type { CustomerHeader } from '../header.js';
import { cells, EMAIL, type Values } from '../validate.js';
import { HeldRejections } from './heldRejections.js';

/**
 * @param duplicateOf called for each valid record: returns the first row with its e-mail, if that is an earlier one
 * @param assume called with each assumption about values
 */
export function checkSink(
  duplicateOf: (email: string, rowNumber: number) => number | undefined,
  assume: (sentence: string) => void = () => {},
): CustomerSink<Rejection[]> {
  let header: CustomerHeader;
  const held = new HeldRejections();

  /** Uses the same words as repeatedRejects.ts, which reports duplicates in a load. */
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
