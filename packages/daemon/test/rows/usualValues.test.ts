/**
 * Types of which usual values are written directly, and PostgreSQL reads the others: what is written is what PostgreSQL
 * stores for the text.
 */
import type { Target } from '@csvjobs/shared';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SIGNATURE, TRAILER } from '../../src/pipeline/batch/binaryCopy.js';
import { encodeField } from '../../src/rows/rowWriter.js';
import { writingRuleOf } from '../../src/rows/writingRule.js';
import { copyIn } from '../../src/sql/copy.js';
import { type Client, connect } from '../../src/sql/pool.js';
import { readTarget } from '../../src/sql/target/catalog.js';
import { sized } from '../support/form.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';

const amount = fc.tuple(
  fc.constantFrom('', '', '', '', '-', '+'),
  fc.oneof(fc.integer({ min: 0, max: 99 }), fc.integer({ min: 0, max: 12_345_678 })),
  fc.constantFrom('', '', '', '.5', '.125'),
);
const written = fc
  .array(
    fc
      .tuple(
        amount,
        fc.constantFrom(' ', ' ', ' ', '', '  '),
        fc.constantFrom(
          'year',
          'years',
          'yr',
          'mons',
          'month',
          'week',
          'days',
          'day',
          'd',
          'hours',
          'h',
          'min',
          'secs',
          'M',
          '',
        ),
      )
      .map(([number, between, unit]) => `${number.join('')}${between}${unit}`),
    { maxLength: 4 },
  )
  .chain((parts) =>
    fc
      .constantFrom(
        '',
        '',
        '02:30',
        '2:30:15',
        '100:00:00.25',
        '-01:00:00',
        '1:2',
        '00:60',
        '12:00:00.1234567',
        'ago',
      )
      .map((time) => [...parts, time].filter((part) => part !== '').join(' ')),
  );
const iso = fc
  .tuple(
    fc.array(amount, { maxLength: 3 }),
    fc.array(amount, { maxLength: 3 }),
    fc.shuffledSubarray(['Y', 'M', 'D', 'W']),
    fc.shuffledSubarray(['H', 'M', 'S']),
  )
  .map(([dates, times, dateUnits, timeUnits]) => {
    const join = (numbers: typeof dates, units: string[]) =>
      units
        .slice(0, numbers.length)
        .map((unit, at) => `${numbers[at]!.join('')}${unit}`)
        .join('');
    const time = join(times, timeUnits);
    return `P${join(dates, dateUnits)}${time === '' && times.length === 0 ? '' : 'T'}${time}`;
  });

const point = fc
  .tuple(
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer({ min: -200, max: 200 }),
    fc.constantFrom('(', '', '[', '(('),
    fc.constantFrom(')', '', ']', '))'),
    fc.constantFrom(',', ', ', ' ,', ' '),
  )
  .map(([x, y, open, close, between]) => `${open}${x}${between}${y}${close}`);

/** Ranges with these bounds, in any order. */
const range = (...bounds: string[]) => {
  const bound = fc
    .tuple(fc.constantFrom('', ...bounds), fc.constantFrom('', '', '', ' ', '"'))
    .map(([text, around]) => `${around}${text}${around}`);
  return fc
    .tuple(fc.constantFrom('[', '('), bound, bound, fc.constantFrom(']', ')', ')', '}'))
    .map(([open, low, high, close]) => `${open}${low},${high}${close}`);
};

const TYPES: [type: string, usual: string[], texts: fc.Arbitrary<string>][] = [
  [
    'interval',
    [
      '02:30',
      '2:30:15.25',
      '100:00:00',
      '1 day',
      '1 year 2 mons 3 days 04:05:06.789',
      '3 weeks',
      '2 hours 5 minutes',
      'P1Y2M3DT4H5M6S',
      'PT30M',
      'P7D',
      '0 days',
    ],
    fc.oneof(written, iso),
  ],
  ['point', ['(1.5,-2)', '13.4050,52.5200', '(13.404954, 52.520008)', '(1e+22,0)'], point],
  [
    'int4range',
    ['[1,5)', '[1,5]', '(,7)', '[3,)', '(,)', '[4,4]', '[4,4)'],
    range('1', '5', '-7', '2147483647', '-2147483648', '2147483648'),
  ],
  [
    'int8range',
    ['[1,5000000000)'],
    range('1', '5000000000', '4294967295', '4294967296', '-1', '9223372036854775807'),
  ],
  [
    'numrange',
    ['[1.5,2.25)', '(,0.10]'],
    range('1.5', '1.50', '-3', '12345678901234567890', '12345678901234567891', 'NaN'),
  ],
  [
    'daterange',
    ['[2024-02-29,2024-03-01)'],
    range('2024-02-29', '2023-12-31', '2024-02-30', 'infinity', '9999-12-31'),
  ],
  [
    'tsrange',
    ['["2024-02-29 10:00:00","2024-02-29 10:30:00.5")'],
    range('2024-02-29 10:00', '2024-02-29T10:00:00.5', '2023-01-01', '0001-01-01 00:00:00'),
  ],
  [
    'tstzrange',
    ['["2024-02-29 10:00:00+00","2024-02-29 11:30:00+01")'],
    range('2024-02-29 10:00Z', '2024-02-29 10:00:00+02', '2024-02-29 10:00'),
  ],
  [
    'citext',
    ['Ada@Example.com', 'ÄÖ', ' a ', ''],
    fc.string({ unit: 'grapheme', maxLength: 5 }).filter((value) => !value.includes('\0')),
  ],
];

let database: TestDatabase;
let client: Client;
let target: Target;
beforeAll(async () => {
  database = await createDatabase({ empty: true });
  client = await connect(database.connection, 'csvjobs tests');
  const columns = TYPES.map(([type], index) => `c${index} ${type}`);
  await client.query(`create extension citext; create domain lasting as interval; create domain short as interval check (value < '1 hour');
    create table t (${columns.join(', ')}, own lasting, conditional short, exact interval(0), seconds interval hour to minute)`);
  target = (await readTarget(client, { schema: 'public', name: 't' }))!;
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

const ruleOf = (name: string) => writingRuleOf(target.columns.find((column) => column.name === name)!.type);

describe.each(TYPES.map(([type, usual, texts], index) => ({ type, usual, texts, name: `c${index}` })))(
  '$type',
  ({ type, usual, texts, name }) => {
    it('writes the usual forms directly', () => {
      expect(usual.filter((text) => encodeField(ruleOf(name)!, text) === undefined)).toEqual([]);
    });

    it('stores what PostgreSQL stores for the same text', async () => {
      const rule = ruleOf(name)!;
      const fields = [...usual, ...fc.sample(texts, { numRuns: sized(3_000, 50_000), seed: 7 })].flatMap(
        (text) => {
          const field = encodeField(rule, text);
          return field === undefined ? [] : [{ text, field }];
        },
      );
      expect(fields.length).toBeGreaterThan(100);
      expect(fields.filter(({ text }) => rule.judge(text)).map(({ text }) => text)).toEqual([]);
      await client.query('truncate t');
      const one = Buffer.from([0, 1]);
      const rows = Buffer.concat([SIGNATURE, ...fields.flatMap(({ field }) => [one, field]), TRAILER]);
      await copyIn(client, `copy t (${name}) from stdin (format binary)`, rows);
      const { rows: stored } = await client.query<{ value: string }>(`select ${name}::text as value from t`);
      const { rows: read } = await client.query<{ value: string }>(
        `select (value::${type})::text as value from unnest($1::text[]) with ordinality u (value, place) order by place`,
        [fields.map(({ text }) => text)],
      );
      const shown = (values: { value: string }[]) => fields.map(({ text }, at) => [text, values[at]!.value]);
      expect(shown(stored)).toEqual(shown(read));
    });
  },
);

it('a domain has the rule of its type, unless it has conditions; a type that cuts values has none', () => {
  expect(encodeField(ruleOf('own')!, '1 day')).toBeDefined();
  expect(['conditional', 'exact', 'seconds'].map(ruleOf)).toEqual([undefined, undefined, undefined]);
});

it.each([
  '',
  '1 day2 hours',
  '1 hour 02:30',
  '2 days 1 year',
  'P',
  'PT',
  'P1DT',
  '1 day 2 days',
  '5',
  '00:60',
  '1:2:3',
])('in doubt: interval %j', (text) => {
  expect(encodeField(ruleOf('c0')!, text)).toBeUndefined();
});
