import { expect, it } from 'vitest';
import { adviceOf } from '../../src/target/advice.js';
import type { TargetReason } from '../../src/target/reasons.js';

const NUMBER = 'Use digits and a decimal point, or say which characters the file has (--decimal, --group).';
const INTEGER = 'Use digits alone, or say which character stands between groups (--group).';
const comma = (options: string) => `If commas are decimal signs in the file, add ${options} to the upload.`;
const POINTS = 'If points separate groups of digits in the file, add --decimal , --group . to the upload.';
const groups = (mark: string) =>
  `If groups of digits are separated in the file, add --group ${mark} to the upload.`;

it.each([
  ['1,5', comma('--decimal ,')],
  ['-1.234,56', comma('--decimal , --group .')],
  ['12.345.678,9', comma('--decimal , --group .')],
  // The comma may be a group separator.
  ['1,234', NUMBER],
  ['1,234.50', groups(',')],
  ['1,234,567', groups(',')],
  ['1 234', groups("' '")],
  ["1'234.50", groups(`"'"`)],
  ['1.234.567', POINTS],
  ['192.168.0.1', NUMBER],
  ['1,5 kg', NUMBER],
  ['1 2345', NUMBER],
  ['x', NUMBER],
])('the number %s', (value, advice) => {
  expect(adviceOf({ code: 'not_a_number', params: { value } })).toBe(advice);
});

it.each([
  ['NaN', 'Use a finite number. If NaN means no value, add --null NaN to the upload.'],
  ['-Infinity', 'Use a finite number. If -Infinity means no value, add --null=-Infinity to the upload.'],
  ['inf', 'Use a finite number. If inf means no value, add --null inf to the upload.'],
  ['1.#QNAN', "Use a finite number. If 1.#QNAN means no value, add --null '1.#QNAN' to the upload."],
  ['-nan(ind)', "Use a finite number. If -nan(ind) means no value, add --null='-nan(ind)' to the upload."],
  ['#N/A', "If #N/A means no value, add --null '#N/A' to the upload."],
  ['-', 'If - means no value, add --null=- to the upload.'],
  ['none', 'If none means no value, add --null none to the upload.'],
  ['nanny', NUMBER],
])('the number %s', (value, advice) => {
  expect(adviceOf({ code: 'not_a_number', params: { value } })).toBe(advice);
});

it('a word for no value is recognized in columns of other types too, but not in a part of a value', () => {
  const advice = 'If N/A means no value, add --null N/A to the upload.';
  expect(adviceOf({ code: 'not_an_integer', params: { value: 'N/A' } })).toBe(advice);
  expect(adviceOf({ code: 'not_a_date', params: { value: 'N/A' } })).toBe(advice);
  const never = 'If infinity means no value, add --null infinity to the upload.';
  expect(adviceOf({ code: 'not_a_date', params: { value: 'infinity' } })).toBe(never);
  expect(adviceOf({ code: 'not_a_number', params: { value: 'NaN', inside: true } })).not.toContain('--null');
});

it.each([
  ['1,234,567', groups(',')],
  ['1 234', groups("' '")],
  ['1,234', INTEGER],
  ['1,5', INTEGER],
  ['1.000', POINTS],
  ['-1.234.567', POINTS],
  ['1.50', INTEGER],
  ['0.500', INTEGER],
])('the integer %s', (value, advice) => {
  expect(adviceOf({ code: 'not_an_integer', params: { value } })).toBe(advice);
});

it.each([
  ['2024-05-01T10:00:00.123Z', '%Y-%m-%dT%H:%M:%S.%fZ'],
  ['2024-05-01T10:00:00Z', '%Y-%m-%dT%H:%M:%SZ'],
  ['2024-05-01 10:00:00 UTC', "'%Y-%m-%d %H:%M:%S UTC'"],
])('the time %s in a column without a time zone', (value, format) => {
  expect(adviceOf({ code: 'time_zone_ignored', params: { value } })).toBe(
    `If all times in the file are UTC, and so are those of the column, add --timestamp-format ${format} to the upload.`,
  );
});

it.each(['2024-05-01T10:00:00+02:00', '10:00Z', '2024-05-01'])('no format drops the zone of %s', (value) => {
  expect(adviceOf({ code: 'time_zone_ignored', params: { value } })).toBe(
    'Leave the time zone out, or use a column of type timestamptz.',
  );
});

it('no format is advised for a time inside a list or a range', () => {
  const params = { value: '2024-05-01T10:00:00Z', inside: true } as const;
  expect(adviceOf({ code: 'time_zone_ignored', params })).not.toContain('--timestamp-format');
});

it.each(['1.234,50', '1.234.567'])('the grouped number %s with a decimal comma', (value) => {
  const params = { value, decimal: ',' };
  expect(adviceOf({ code: 'not_in_number_format', params })).toBe(groups('.'));
});

it.each<[TargetReason['code'], string, string]>([
  ['not_a_date', '31.12.2024', 'Add --date-format %d.%m.%Y to the upload.'],
  ['date_format_unknown', '1.2.24', 'Add --date-format %d.%m.%y to the upload.'],
  ['date_format_unknown', '12/31/2024', 'Add --date-format %m/%d/%Y to the upload.'],
  ['date_format_unknown', '31-12-2024', 'Add --date-format %d-%m-%Y to the upload.'],
  [
    'date_format_unknown',
    '3/4/2024',
    'Add --date-format %d/%m/%Y to the upload, or %m first where that is the month.',
  ],
  ['not_a_date', 'soon', 'Use YYYY-MM-DD, or say how dates are written in the file (--date-format).'],
  ['not_a_timestamp', '1.2.2024 9:05', "Add --timestamp-format '%d.%m.%Y %H:%M' to the upload."],
  ['not_a_timestamp', '01.02.2024', 'Add --timestamp-format %d.%m.%Y to the upload.'],
  ['not_a_timestamp', '01.02.2024 09:05:30', "Add --timestamp-format '%d.%m.%Y %H:%M:%S' to the upload."],
  ['date_format_unknown', '01.02.2024 09:05', 'Leave the time out of the value, or use a timestamp column.'],
  [
    'not_a_boolean',
    'Ja',
    'Use true or false, or declare trueValues ["Ja"] and falseValues ["Nein"] of the field in the spec.',
  ],
  [
    'not_a_boolean',
    'NON',
    'Use true or false, or declare trueValues ["OUI"] and falseValues ["NON"] of the field in the spec.',
  ],
  [
    'not_a_boolean',
    'maybe',
    'Use true or false, or declare trueValues and falseValues of the field in the spec.',
  ],
])('%s %s', (code, value, advice) => {
  expect(adviceOf({ code, params: { value } } as TargetReason)).toBe(advice);
});

it('a timestamp column suggests --timestamp-format, even for a date without a time', () => {
  const params = { value: '12/31/2024', timestamp: true } as const;
  expect(adviceOf({ code: 'date_format_unknown', params })).toBe(
    'Add --timestamp-format %m/%d/%Y to the upload.',
  );
});
