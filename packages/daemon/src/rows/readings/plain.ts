/**
 * Checks texts that are kept unchanged but must have a type of Table Schema v2 that the column's type does not demand.
 */
import { isEmail } from '@csvjobs/shared/reading';
import type { PlainType } from '../reading.js';
import { booleanRule } from '../types/boolean.js';
import { judgeDate, judgeTime, judgeTimestamp } from '../types/dateTimeJudge.js';
import { decimalOf } from '../types/decimal.js';
import { DOUBT, type Fault } from '../types/typeRule.js';
import type { FormReader } from './form.js';
import { isPlainEmail } from './plainEmail.js';

const MICROSECONDS = 6;

const JUDGES: Record<PlainType, (value: string) => Fault | undefined> = {
  integer: (value) => (/^[+-]?\d+$/.test(value) ? undefined : { code: 'not_an_integer', params: { value } }),
  number: (value) => (decimalOf(value) ? undefined : { code: 'not_a_number', params: { value } }),
  boolean: (value) => booleanRule.judge(value),
  date: judgeDate,
  time: (value) => judgeTime(value, MICROSECONDS),
  datetime: (value) => {
    const fault = judgeTimestamp(value, MICROSECONDS, true);
    return fault?.code === 'time_zone_missing' ? undefined : fault;
  },
  year: (value) => (/^\d{4}$/.test(value) ? undefined : notLike(value, '%Y')),
  yearmonth: (value) => (/^\d{4}-(0[1-9]|1[0-2])$/.test(value) ? undefined : notLike(value, '%Y-%m')),
  email: (value) => (isEmail(value) ? undefined : { code: 'email_invalid', params: { value } }),
};

/** Fast checks of a text's bytes; a string is made only of texts that fail them. */
const QUICK: Partial<Record<PlainType, (bytes: Uint8Array, start: number, end: number) => boolean>> = {
  email: isPlainEmail,
};

function notLike(value: string, format: string): Fault {
  return { code: 'not_in_format', params: { value, format } };
}

export function plainForm(type: PlainType): FormReader {
  const judge = JUDGES[type];
  const isSurely = QUICK[type] ?? (() => false);
  return {
    rewrite(bytes, start, end, out) {
      const value = bytes.subarray(start, end);
      if (!isSurely(bytes, start, end) && judge(Buffer.from(value).toString('utf8'))) return DOUBT;
      out.makeRoom(value.length).set(value);
      return value.length;
    },
    fault: (text) => judge(text)!,
  };
}
