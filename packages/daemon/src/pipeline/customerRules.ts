/** What becomes of the records of a file of customers: a look at the bytes, zod for what that doubts, then the sink. */
import { CUSTOMER_HEADER, type Header } from './header.js';
import type { RecordRules } from './recordRules.js';
import type { Sink } from './sink.js';
import { createValidator } from './validate.js';

export function customerRules<Taken>(sink: Sink<Taken>): RecordRules<Taken, Header> {
  return {
    header: CUSTOMER_HEADER,
    sink,
    begin(header) {
      const validator = createValidator(header);
      sink.begin(header);
      return (fields, rowNumber, line) => {
        if (validator.surelyValid(fields)) {
          sink.addValues(rowNumber, line, validator.values, fields);
          return;
        }
        const verdict = validator.judge(fields);
        if ('customer' in verdict) {
          sink.addCustomer(rowNumber, line, verdict.customer, validator.values.trimmed, fields);
        } else {
          const { column, code, message } = verdict.faults;
          sink.rejectFields({ rowNumber, line, column, code, message }, fields);
        }
      };
    },
  };
}
