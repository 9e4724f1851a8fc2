/** Judges the records of a file for `customers` by the rules of validate.ts, on their way into a sink. */
import type { Customer, TargetReason } from '@csvjobs/shared';
import { customerMessage } from './customers/words.js';
import type { CustomerHeader } from './header.js';
import { createCustomerMaker, type MadeRecord, type MakeCustomer } from './madeCustomers.js';
import type { Fields } from './parse/fields.js';
import type { SoundRecord } from './parse.js';
import type { Reject, Sink, SinkBase } from './sink.js';
import { mayBeTidied, mayBeUntidy, tidied } from './validate/tidy.js';
import { createValidator, type Validator, type Values, type Verdict } from './validate.js';

/** Takes judged customers. Fields and values are valid until the call returns. */
export interface CustomerSink<Taken> extends SinkBase<Taken, CustomerHeader> {
  /** Adds a valid record by the positions of its values. */
  addValues(rowNumber: number, line: number, values: Values, fields: Fields, record: SoundRecord): void;
  /** Adds a valid record by its values. */
  addCustomer(rowNumber: number, line: number, customer: Customer, fields: Fields, record: SoundRecord): void;
  /** Adds a record whose values break the rules; its message is the reason. */
  rejectFields(reject: Reject, fields: Fields, record: SoundRecord): void;
  /** Counts an assumption about a value of the last added record. There are only a few different sentences. */
  assume(sentence: string): void;
}

/** Returns a sink for records that have not been judged yet. */
export function judgeCustomers<Taken>(sink: CustomerSink<Taken>): Sink<Taken, CustomerHeader> {
  let validator: Validator;
  let header: CustomerHeader;
  let make: MakeCustomer | undefined;

  /** Whether a record is valid, with no value that needs tidying: a tidied value may turn out empty. */
  function passesFastCheck(fields: Fields): boolean {
    return validator.passesFastCheck(fields) && !mayBeUntidy(validator.values);
  }

  /** Returns whether the record was valid. */
  function add(
    rowNumber: number,
    line: number,
    { read, shown, faults }: MadeRecord,
    record: SoundRecord,
  ): boolean {
    const { verdict, assumed } = judged(read, faults);
    if ('customer' in verdict) {
      sink.addCustomer(rowNumber, line, verdict.customer, shown, record);
      for (const sentence of assumed) sink.assume(sentence);
    } else {
      const { column, code, message } = verdict.faults;
      sink.rejectFields({ rowNumber, line, column, code, message }, shown, record);
    }
    return 'customer' in verdict;
  }

  /** Judges a record by the rules and the spec, after tidying its values if that helps. */
  function judged(fields: Fields, reasons: readonly TargetReason[]): Judged {
    let read = fields;
    let assumed: readonly string[] = NONE;
    validator.passesFastCheck(read);
    if (!header.strict && mayBeTidied(validator.values)) {
      const tidy = tidied(read, header);
      if (tidy) ({ fields: read, assumed } = tidy);
      validator.passesFastCheck(read);
    }
    const verdict = validator.judge(read);
    if (reasons.length === 0) return { verdict, assumed };
    const faults = reasons.map((reason) => ({
      column: reason.column!,
      code: reason.code,
      message: customerMessage(reason),
    }));
    const all = 'faults' in verdict ? [verdict.faults, ...faults] : faults;
    const message = all.map((each) => each.message).join('; ');
    return { verdict: { faults: { ...all[0]!, message } }, assumed };
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
      if (!make && passesFastCheck(fields)) return true;
      const { read, faults } = make ? make(fields) : { read: fields, faults: [] };
      return 'customer' in judged(read, faults).verdict;
    },
    add(rowNumber, line, fields, record) {
      if (!make) {
        if (passesFastCheck(fields)) {
          sink.addValues(rowNumber, line, validator.values, fields, record);
          return true;
        }
        return add(rowNumber, line, { read: fields, shown: fields, faults: [] }, record);
      }
      const made = make(fields);
      const { read, shown, faults } = made;
      if (faults.length === 0 && passesFastCheck(read)) {
        sink.addValues(rowNumber, line, validator.values, shown, record);
        return true;
      }
      return add(rowNumber, line, made, record);
    },
    reject: (reject, fields, raw) => sink.reject(reject, fields && make ? make(fields).shown : fields, raw),
    take: (checkpoint) => sink.take(checkpoint),
  };
}

/**
 * Returns a function like a sink's `isSound`, without a sink: whether a record's values pass the rules and the spec.
 */
export function soundCustomers(header: CustomerHeader): (fields: Fields) => boolean {
  const sink = judgeCustomers(NOWHERE);
  sink.begin(header);
  return (fields) => sink.isSound(fields);
}

const NOWHERE: CustomerSink<undefined> = {
  full: false,
  empty: true,
  begin() {},
  addValues() {},
  addCustomer() {},
  assume() {},
  rejectFields() {},
  reject() {},
  take: () => undefined,
};

interface Judged {
  verdict: Verdict;
  assumed: readonly string[];
}

const NONE: readonly string[] = [];
