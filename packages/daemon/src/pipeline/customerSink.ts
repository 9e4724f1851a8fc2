/** The records of a file for `customers`: judged by the rules of validate.ts, on their way into a sink. */
import type { Customer } from '@csvjobs/shared';
import type { CustomerHeader } from './header.js';
import { createCustomerMaker, type MadeRecord, type MakeCustomer } from './madeCustomers.js';
import type { Fields } from './parse/fields.js';
import type { Reject, Sink, SinkBase } from './sink.js';
import { mayBeUntidy, tidied } from './validate/tidy.js';
import { createValidator, type Faults, type Validator, type Values, type Verdict } from './validate.js';

/** Takes customers that were judged. Fields and values are good until the call returns. */
export interface CustomerSink<Taken> extends SinkBase<Taken, CustomerHeader> {
  /** Adds a valid record by the positions of its values. */
  addValues(rowNumber: number, line: number, values: Values, fields: Fields): void;
  /** Adds a valid record by its values; `trimmed` says whether one had white space around it. */
  addCustomer(rowNumber: number, line: number, customer: Customer, trimmed: boolean, fields: Fields): void;
  /** Adds a record with values that the rules refuse; its message is its reason. */
  rejectFields(reject: Reject, fields: Fields): void;
  /** Counts what was assumed of a value of the record that was added last, a sentence of a few. */
  assume(sentence: string): void;
}

/** A sink for records that have not been judged yet. */
export function judgeCustomers<Taken>(sink: CustomerSink<Taken>): Sink<Taken, CustomerHeader> {
  let validator: Validator;
  let header: CustomerHeader;
  let make: MakeCustomer | undefined;

  function add(rowNumber: number, line: number, { read, shown, faults }: MadeRecord): void {
    const { verdict, differs, assumed } = judged(read, faults);
    if ('customer' in verdict) {
      sink.addCustomer(rowNumber, line, verdict.customer, differs || read !== shown, shown);
      for (const sentence of assumed) sink.assume(sentence);
    } else {
      const { column, code, message } = verdict.faults;
      sink.rejectFields({ rowNumber, line, column, code, message }, shown);
    }
  }

  /** What the rules and the spec say of a record, tidied where that helps, and whether its values are not those of the file. */
  function judged(fields: Fields, faults: readonly Faults[]): Judged {
    let read = fields;
    let assumed: readonly string[] = NONE;
    const plain = validator.surelyValid(read);
    if (mayBeUntidy(validator.values, plain)) {
      const tidy = tidied(read, header);
      if (tidy) ({ fields: read, assumed } = tidy);
      validator.surelyValid(read);
    }
    const differs = validator.values.trimmed || assumed.length > 0;
    const verdict = validator.judge(read);
    if (faults.length === 0) return { verdict, differs, assumed };
    const all = 'faults' in verdict ? [verdict.faults, ...faults] : faults;
    const message = all.map((each) => each.message).join('; ');
    return { verdict: { faults: { ...all[0]!, message } }, differs, assumed };
  }

  return {
    get full() {
      return sink.full;
    },
    get empty() {
      return sink.empty;
    },
    begin(found) {
      header = found;
      validator = createValidator(header);
      make = header.made && createCustomerMaker(header.made);
      sink.begin(header);
    },
    isSound(fields) {
      if (!make && validator.surelyValid(fields)) return true;
      const { read, faults } = make ? make(fields) : { read: fields, faults: [] };
      return 'customer' in judged(read, faults).verdict;
    },
    add(rowNumber, line, fields) {
      if (!make) {
        if (validator.surelyValid(fields) && !mayBeUntidy(validator.values, true))
          sink.addValues(rowNumber, line, validator.values, fields);
        else add(rowNumber, line, { read: fields, shown: fields, faults: [] });
        return;
      }
      const made = make(fields);
      const { read, shown, faults } = made;
      if (faults.length === 0 && validator.surelyValid(read) && !mayBeUntidy(validator.values, true)) {
        if (read !== shown) validator.values.trimmed = true;
        sink.addValues(rowNumber, line, validator.values, shown);
      } else add(rowNumber, line, made);
    },
    reject: (reject, fields, raw) => sink.reject(reject, fields && make ? make(fields).shown : fields, raw),
    take: (checkpoint) => sink.take(checkpoint),
  };
}

interface Judged {
  verdict: Verdict;
  differs: boolean;
  assumed: readonly string[];
}

const NONE: readonly string[] = [];
