/** Takes the records of a reader where no batch is made: valid ones go to `valid`, rejected ones to `rejected`. */
import { CUSTOMER_COLUMNS, type Customer, type Rejection } from '@csvjobs/shared';
import type { Header } from '../header.js';
import type { Fields } from '../parse/fields.js';
import type { Sink } from '../reader.js';
import { cells, type Values } from '../validate.js';

export interface CheckSinkOptions {
  valid: (rowNumber: number, line: number, customer: () => Customer) => void;
  rejected: (rejection: Rejection) => void;
  /** The file's header, which is read before its first record. */
  header: () => Header;
}

export function checkSink({ valid, rejected, header }: CheckSinkOptions): Sink {
  return {
    full: false,
    empty: true,
    addValues: (rowNumber, line, values) => valid(rowNumber, line, () => customerOf(values)),
    addCustomer: (rowNumber, line, customer) => valid(rowNumber, line, () => customer),
    reject: rejected,
    rejectFields: (reject, fields: Fields) => rejected({ ...reject, row: cells(fields, header()) }),
    take: () => {
      throw new Error('a check makes no batches');
    },
  };
}

function customerOf({ bytes, starts, ends }: Values): Customer {
  const [name, email, phone, company] = CUSTOMER_COLUMNS.map((_, column) =>
    bytes.toString('utf8', starts[column], ends[column]),
  ) as [string, string, string, string];
  return { name, email, phone: phone === '' ? null : phone, company };
}
