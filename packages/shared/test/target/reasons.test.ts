import { expect, it } from 'vitest';
import { adviceOf } from '../../src/target/advice.js';
import { headingOf, sentenceOf, type TargetReason, type TargetReasonCode } from '../../src/target/reasons.js';

type Params<Code extends TargetReasonCode> = Extract<TargetReason, { code: Code }>['params'];

/** Params of each code; a new code without params does not compile. */
const SAMPLES: { [Code in TargetReasonCode]: Params<Code> } = {
  required: {},
  blanks_around: { value: ' 7' },
  not_an_integer: { value: '1,5' },
  not_a_number: { value: 'x' },
  out_of_range: { value: '40000', min: '-32768', max: '32767' },
  too_many_decimals: { value: '1.239', scale: 2 },
  too_many_digits: { value: '123', digits: 1 },
  would_be_rounded: { value: '1234', unit: '100' },
  too_long: { length: 4, max: 3 },
  too_few_items: { count: 1, min: 2 },
  too_many_items: { count: 3, max: 1 },
  too_short: { length: 0, min: 1 },
  not_a_boolean: { value: 'ja' },
  not_a_date: { value: 'today' },
  not_a_time: { value: 'noon' },
  not_a_timestamp: { value: 'now' },
  time_ignored: { value: '2024-02-29 10:20' },
  no_such_date: { value: '2023-02-29' },
  no_such_time: { value: '24:00' },
  date_format_unknown: { value: '3/4/2024' },
  time_zone_missing: { value: '2024-02-29 10:20' },
  time_skipped: { value: '2024-03-31 02:30', timeZone: 'Europe/Berlin' },
  time_repeated: {
    value: '2024-10-27 02:30',
    timeZone: 'Europe/Berlin',
    first: '+02:00',
    second: '+01:00',
  },
  time_zone_ignored: { value: '2024-02-29 10:20Z' },
  not_a_uuid: { value: 'x' },
  not_bytes: { value: 'abc' },
  not_in_list: { value: 'blue', allowed: [...'abcdefghijkl'] },
  not_in_number_format: { value: '1.2.3', decimal: ',', group: '.' },
  email_invalid: { value: 'ann@x' },
  not_in_format: { value: '2024-02-29', format: '%d/%m/%Y' },
  too_small: { value: '1', limit: '2' },
  not_above: { value: '2', limit: '2' },
  too_large: { value: '3', limit: '2' },
  not_below: { value: '2', limit: '2' },
  not_comparable: { value: '20240229', limit: '2024-01-01' },
  pattern_mismatch: { value: 'A', pattern: '[a-z]+' },
  not_json: { value: '{a}', says: 'Expected property name at position 1' },
  not_an_address: { value: '10.1', type: 'inet' },
  not_an_array: { value: 'a,b' },
  invalid_value: { value: 'x', type: 'interval', says: 'invalid input syntax', sqlstate: '22007' },
  check_failed: { constraint: 'orders_check', expression: '(total > 0)' },
  foreign_key_missing: { value: '99', references: 'customers.id', constraint: 'orders_customer_id_fkey' },
  lookup_missing: { value: 'jo@x.de', references: 'customers.email' },
  lookup_ambiguous: { value: 'jo@x.de', references: 'customers.email', count: 2 },
  duplicate_in_file: { row: 7, key: 'id = 1' },
  duplicate_in_table: { table: 'orders', key: 'id = 1' },
  not_in_table: { table: 'orders', key: 'id = 1' },
  partition_missing: { table: 'events', key: 'at=2031-03-01' },
  refused: { says: 'no', sqlstate: 'P0001', constraint: null },
  dropped_by_trigger: {},
};

const reasons = Object.entries(SAMPLES).map(
  ([code, params]) => ({ code, column: 'c', params }) as TargetReason,
);

it('each reason is one sentence, with one piece of advice', () => {
  expect(
    reasons.map((reason) => `${sentenceOf(reason)} → ${adviceOf(reason)}`).join('\n'),
  ).toMatchInlineSnapshot(`
    "c: a value is required → Fill in the value, or give a default in the spec (csvjobs.default).
    c: " 7" has blanks around it → Remove the blanks in the file, or say that they are no part of values (--trim, csvjobs.trim in the spec).
    c: "1,5" is not an integer → Use digits alone, or say which character stands between groups (--group).
    c: "x" is not a number → Use digits and a decimal point, or say which characters the file has (--decimal, --group).
    c: 40000 is not between -32768 and 32767 → Correct the value, or use a column with a larger type.
    c: 1.239 has more than 2 decimals → Round the value in the file, or use a column with more decimals.
    c: 123 has more than 1 digit before the decimal point → Correct the value, or use a column with more digits.
    c: 1234 is not a multiple of 100, to which the column rounds → Round the value to a multiple of 100 in the file.
    c: the value has 4 characters, at most 3 fit → Shorten the value to 3 characters, or use a longer column.
    c: the list has 1 item, at least 2 are required → Complete the list, or change minLength in the spec.
    c: the list has 3 items, at most 1 is allowed → Shorten the list, or change maxLength in the spec.
    c: the value has 0 characters, at least 1 is required → Complete the value, or change minLength in the spec.
    c: "ja" is not a boolean → Use true or false, or declare trueValues ["ja"] and falseValues ["nein"] of the field in the spec.
    c: "today" is not a date → Use YYYY-MM-DD, or say how dates are written in the file (--date-format).
    c: "noon" is not a time → Use HH:MM:SS, or declare the format of the field in the spec.
    c: "now" is not a timestamp → Use YYYY-MM-DD HH:MM:SS, or say how timestamps are written in the file (--timestamp-format).
    c: "2024-02-29 10:20" has a time of day, which the column cannot keep → Leave the time out of the value, or use a timestamp column.
    c: 2023-02-29 is not in the calendar → Correct the date; if day and month are swapped, change the format in the spec.
    c: 24:00 is not a time of day → Correct the time: hours are 0 to 23, minutes and seconds 0 to 59.
    c: "3/4/2024" can be read as more than one date → Add --date-format %d/%m/%Y to the upload, or %m first where that is the month.
    c: "2024-02-29 10:20" names no time zone → Add the time zone to the value (Z, +02:00), or declare the one of all values: --time-zone Europe/Berlin.
    c: "2024-03-31 02:30" does not exist in Europe/Berlin, where clocks were put forward past it → Correct the time, or write it with its offset, for example +02:00.
    c: "2024-10-27 02:30" exists twice in Europe/Berlin, where clocks were put back over it → Write it with its offset: +02:00 for the first time, +01:00 for the second.
    c: "2024-02-29 10:20Z" has a time zone, which the column cannot keep → If all times in the file are UTC, and so are those of the column, add --timestamp-format '%Y-%m-%d %H:%MZ' to the upload.
    c: "x" is not a UUID → Use 32 hexadecimal digits in groups: 8-4-4-4-12.
    c: "abc" is not binary data → Write \\x and two hexadecimal digits for each byte.
    c: "blue" is none of a, b, c, d, e, f, g, h, i, j and 2 more → Use one of the words listed, to the letter, or declare categories in the spec.
    c: "1.2.3" is not a number with "." between groups and "," before the decimals → Correct the value, or change decimalChar, groupChar or bareNumber in the spec.
    c: "ann@x" is not a valid address: the domain has no ending such as .com → Write one address and nothing else, for example ann@example.com.
    c: "2024-02-29" is not in the format "%d/%m/%Y" → Correct the value, or change the format in the spec.
    c: "1" is less than 2 → Correct the value, or change minimum in the spec.
    c: "2" is not more than 2 → Correct the value, or change exclusiveMinimum in the spec.
    c: "3" is more than 2 → Correct the value, or change maximum in the spec.
    c: "2" is not less than 2 → Correct the value, or change exclusiveMaximum in the spec.
    c: "20240229" cannot be compared with 2024-01-01 → Write the value in ISO 8601 form, or declare its format in the spec.
    c: "A" does not match [a-z]+ → Correct the value, or change the pattern in the spec.
    c: "{a}" is not valid JSON: Expected property name at position 1 → Correct the document; in CSV, quotes inside a quoted field are doubled.
    c: "10.1" is not an address of type inet → Use a whole address such as 10.0.0.1 or 2001:db8::1.
    c: "a,b" is not an array → Write {a,b}, or declare the field as a list with its delimiter in the spec.
    c: "x" is not a valid interval: invalid input syntax → Correct the value so that PostgreSQL accepts it as interval.
    c: the check orders_check ((total > 0)) does not hold → Correct the row so that the check orders_check holds.
    c: 99 is not in customers.id (orders_customer_id_fkey) → Load the row that is missing in customers.id first.
    c: "jo@x.de" is not in customers.email → Load the row that is missing in customers.email first, or correct the value.
    c: "jo@x.de" is in customers.email 2 times → Look up by columns that are unique together (csvjobs.lookup in the spec).
    c: duplicate of row 7 (id = 1) → Remove one of the two rows.
    c: already in orders (id = 1) → Remove the row from the file if the table already has it.
    c: not in orders (id = 1) → Correct the key, or load without --update-only so that the row is inserted.
    c: events has no partition for at=2031-03-01 → Create the partition of events first, or correct the value.
    c: refused by a trigger (P0001): no → Correct the row as the message says; the table’s owner knows what its triggers demand.
    c: a trigger or a rule of the table dropped the row → Ask the table’s owner which rows its triggers and rules drop."
  `);
});

it.each(reasons)('$code', (reason) => {
  const sentence = sentenceOf(reason);
  expect(sentence).toMatch(/^c: .+[^.]$/);
  expect(sentence).not.toMatch(/undefined|\[object|NaN/);
  expect(adviceOf(reason)).toMatch(/^[A-Z].*[^.]\.$/);
  expect(adviceOf(reason)).not.toMatch(/\. [A-Z]|undefined/);
});

it('a long value is cut; a short one with characters beyond 16 bits is not', () => {
  const sentence = sentenceOf({ code: 'not_a_uuid', params: { value: 'x'.repeat(1_000_000) } });
  expect(sentence).toBe(`"${'x'.repeat(60)}…" is not a UUID`);
  expect(sentenceOf({ code: 'not_a_uuid', params: { value: '😀😀' } })).toBe('"😀😀" is not a UUID');
  const number = { value: '9'.repeat(1_000_000), min: '0', max: '1' };
  expect(sentenceOf({ code: 'out_of_range', params: number })).toBe(
    `${'9'.repeat(60)}… is not between 0 and 1`,
  );
});

it('an empty text that is no value of its column: the advice is to make it a missing one', () => {
  for (const code of ['not_an_integer', 'not_a_date', 'not_a_uuid'] as const)
    expect(adviceOf({ code, column: 'c', params: { value: '' } })).toBe(
      'Fill in the value, or say that "" means no value (--quoted-empty missing, or "" in missingValues of the spec).',
    );
});

it('a missing right is not taken for row security', () => {
  const refused = (says: string) =>
    adviceOf({ code: 'refused', params: { says, sqlstate: '42501', constraint: null } });
  expect(refused('permission denied for table par')).toBe(
    'Ask its owner to grant the right to the database role of csvjobs.',
  );
  for (const says of [
    'new row violates row-level security policy for table "t"',
    'this database role may not update the row',
  ])
    expect(refused(says)).toContain('(row security)');
});

it('counts in bytes where the type does', () => {
  const reason: TargetReason = { code: 'too_long', column: 'c', params: { length: 2, max: 1, unit: 'byte' } };
  expect(sentenceOf(reason)).toBe('c: the value has 2 bytes, at most 1 fits');
  expect(headingOf(reason)).toBe('c: more than 1 byte');
  expect(adviceOf(reason)).toBe(
    'Shorten the value to 1 byte, or use a column of type text; letters beyond ASCII take several bytes.',
  );
});

it('advises no option for a part of a value, which none reads', () => {
  const reason: TargetReason = {
    code: 'time_zone_missing',
    params: { value: '2024-05-01 10:00', inside: true },
  };
  expect(adviceOf(reason)).toBe(
    'Use a time with its offset (2024-05-01 10:00Z): options and formats of the spec apply to whole values, not to their parts.',
  );
});

it('mentions the DEFAULT of a column that may not be empty', () => {
  const reason: TargetReason = { code: 'required', column: 'menu order', params: { hasDefault: true } };
  expect(adviceOf(reason)).toBe(
    "Fill in the value, or add --blanks 'menu order=default' to the upload: the column has a DEFAULT.",
  );
});
