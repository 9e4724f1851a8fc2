/** The records of a file for `customers`: judged by the rules of validate.ts, on their way into a sink. */
import type { Customer } from '@csvjobs/shared';
import type { CustomerHeader } from './header.js';
import type { Fields } from './parse/fields.js';
import type { SoundRecord } from './parse.js';
import type { Reject, Sink, SinkBase } from './sink.js';
import { createValidator, type Validator, type Values } from './validate.js';

/** Takes customers that were judged. Fields and values are good until the call returns. */
export interface CustomerSink<Taken> extends SinkBase<Taken, CustomerHeader> {
  /** Adds a valid record by the positions of its values. */
  addValues(rowNumber: number, line: number, values: Values, fields: Fields, record: SoundRecord): void;
  /** Adds a valid record by its values. */
  addCustomer(rowNumber: number, line: number, customer: Customer, fields: Fields, record: SoundRecord): void;
  /** Adds a record with values that the rules refuse; its message is its reason. */
  rejectFields(reject: Reject, fields: Fields, record: SoundRecord): void;
}

/** A sink for records that have not been judged yet. */
export function judgeCustomers<Taken>(sink: CustomerSink<Taken>): Sink<Taken, CustomerHeader> {
  let validator: Validator;
  return {
    get full() {
      return sink.full;
    },
    get empty() {
      return sink.empty;
    },
    begin(header) {
      validator = createValidator(header);
      sink.begin(header);
    },
    isSound: (fields) => validator.surelyValid(fields) || 'customer' in validator.judge(fields),
    add(rowNumber, line, fields, record) {
      if (validator.surelyValid(fields)) {
        sink.addValues(rowNumber, line, validator.values, fields, record);
        return;
      }
      const verdict = validator.judge(fields);
      if ('customer' in verdict) {
        sink.addCustomer(rowNumber, line, verdict.customer, fields, record);
      } else {
        const { column, code, message } = verdict.faults;
        sink.rejectFields({ rowNumber, line, column, code, message }, fields, record);
      }
    },
    reject: (reject, fields, raw) => sink.reject(reject, fields, raw),
    take: (checkpoint) => sink.take(checkpoint),
  };
}
