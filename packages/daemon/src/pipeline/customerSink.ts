/** The records of a file for `customers`: judged by the rules of validate.ts, on their way into a sink. */
import type { Customer } from '@csvjobs/shared';
import type { CustomerHeader } from './header.js';
import { createCustomerMaker, type MakeCustomer } from './madeCustomers.js';
import type { Fields } from './parse/fields.js';
import type { Reject, Sink, SinkBase } from './sink.js';
import { createValidator, type Faults, type Validator, type Values } from './validate.js';

/** Takes customers that were judged. Fields and values are good until the call returns. */
export interface CustomerSink<Taken> extends SinkBase<Taken, CustomerHeader> {
  /** Adds a valid record by the positions of its values. */
  addValues(rowNumber: number, line: number, values: Values, fields: Fields): void;
  /** Adds a valid record by its values; `trimmed` says whether one had white space around it. */
  addCustomer(rowNumber: number, line: number, customer: Customer, trimmed: boolean, fields: Fields): void;
  /** Adds a record with values that the rules refuse; its message is its reason. */
  rejectFields(reject: Reject, fields: Fields): void;
}

/** A sink for records that have not been judged yet. */
export function judgeCustomers<Taken>(sink: CustomerSink<Taken>): Sink<Taken, CustomerHeader> {
  let validator: Validator;
  let make: MakeCustomer | undefined;

  /** @param shown the fields as a report shows them, which are not those that were read where the spec says how */
  function add(
    rowNumber: number,
    line: number,
    read: Fields,
    shown: Fields,
    faults: readonly Faults[],
  ): void {
    if (faults.length === 0 && validator.surelyValid(read)) {
      if (read !== shown) validator.values.trimmed = true;
      sink.addValues(rowNumber, line, validator.values, shown);
      return;
    }
    const verdict = judged(read, faults);
    if ('customer' in verdict) {
      const differs = validator.values.trimmed || read !== shown;
      sink.addCustomer(rowNumber, line, verdict.customer, differs, shown);
    } else {
      const { column, code, message } = verdict.faults;
      sink.rejectFields({ rowNumber, line, column, code, message }, shown);
    }
  }

  /** All that is wrong with a record by the rules and by the spec. */
  function judged(read: Fields, faults: readonly Faults[]): ReturnType<Validator['judge']> {
    if (faults.length > 0) validator.surelyValid(read);
    const verdict = validator.judge(read);
    if (faults.length === 0) return verdict;
    const all = 'faults' in verdict ? [verdict.faults, ...faults] : faults;
    return { faults: { ...all[0]!, message: all.map(({ message }) => message).join('; ') } };
  }

  return {
    get full() {
      return sink.full;
    },
    get empty() {
      return sink.empty;
    },
    begin(header) {
      validator = createValidator(header);
      make = header.made && createCustomerMaker(header.made);
      sink.begin(header);
    },
    isSound(fields) {
      if (!make) return validator.surelyValid(fields) || 'customer' in validator.judge(fields);
      const { read, faults } = make(fields);
      return faults.length === 0 && (validator.surelyValid(read) || 'customer' in validator.judge(read));
    },
    add(rowNumber, line, fields) {
      if (!make) {
        add(rowNumber, line, fields, fields, NONE);
        return;
      }
      const { read, shown, faults } = make(fields);
      add(rowNumber, line, read, shown, faults);
    },
    reject: (reject, fields, raw) => sink.reject(reject, fields && make ? make(fields).shown : fields, raw),
    take: (checkpoint) => sink.take(checkpoint),
  };
}

const NONE: readonly Faults[] = [];
