/**
 * Types without their own rule: what PostgreSQL would silently cut, round or guess is rejected, the rest is
 * left to PostgreSQL.
 */
import { adviceOf, sentenceOf, type TargetType } from '@csvjobs/shared';
import { expect, test } from 'vitest';
import { createForm } from '../../src/rows/readings/createForm.js';
import { Scratch } from '../../src/rows/readings/form.js';
import { carefulRule } from '../../src/rows/types/careful.js';

const typeOf = (name: string, typmod = -1): TargetType => ({
  sql: name,
  base: name,
  kind: 'base',
  name,
  system: true,
  typmod,
  element: null,
  labels: null,
  domain: null,
});

test.each([
  ['money', ['12.34', '-5', '0.5'], ['12,34', '1.005', '$', '(1,2,3)', '1,5']],
  ['char', ['a', ''], ['abc', 'é']],
  ['name', ['x'.repeat(63)], ['x'.repeat(64), 'é'.repeat(32)]],
  ['xid', ['0', '4294967295'], ['1e400', '-1']],
  [
    'timetz',
    ['12:00Z', '12:00:00.123456+02', '23:59:59-03:30'],
    ['now', '2026-307', '12:00:00', '12:00:00.1234567Z'],
  ],
  ['interval', ['1 day', '1.123456 sec'], ['1.1234567 sec']],
])('%s', (name, good, bad) => {
  const { judge, write } = carefulRule(typeOf(name))!;
  expect(good.filter((value) => judge(value))).toEqual([]);
  expect(bad.filter((value) => !judge(value))).toEqual([]);
  expect(write(Buffer.from('1'), 0, 1, new DataView(new ArrayBuffer(9)), 0)).toBeLessThan(0);
});

test.each([
  ['oid', ['12', '4294967295'], ['-1', '1_0']],
  [
    'daterange',
    ['[2024-01-01,2024-02-01)', '[2024-01-01,infinity)', '(,2024-01-01]', ' empty ', 'x'],
    ['[3/4/2024,)', '[today,)', '[2024-01-01 13:00,)'],
  ],
  [
    'tsrange',
    ['["2024-01-01 10:00",2024-01-02)'],
    ['[2024-01-01 10:00+02,)', '[now,)', '[2024-01-01 10:00:00.1234567,)'],
  ],
  [
    'tstzrange',
    ['[2024-01-01 10:00Z,)', '[-infinity,2024-01-01 10:00+02)'],
    ['[2024-01-01 10:00,)', '[3/4/2024 10:00Z,)'],
  ],
  ['int4range', ['[1,5)', ' [1,5) '], ['[1_000,)', '[0x1F,40)']],
  ['nummultirange', ['{[1.5,2),(3,)}', '{}'], ['{[1.5,2),(3_0,)}', '{[NaN,)}']],
])('%s', (name, good, bad) => {
  const { judge } = carefulRule(typeOf(name))!;
  expect(good.filter((value) => judge(value))).toEqual([]);
  expect(bad.filter((value) => !judge(value))).toEqual([]);
});

const TWO_DECIMALS = 2;
/** `interval second(2)`: bits 16 and above are its fields. */
const SECONDS_ONLY = (0x1000 << 16) | TWO_DECIMALS;

test.each([
  ['timetz', TWO_DECIMALS, ['10:00:00.23+02', '10:00:00.230+02'], ['10:00:00.239+02']],
  [
    'interval',
    TWO_DECIMALS,
    ['1.23 sec', '00:00:01.230', '1.555 hours', 'PT1.23S', '1.23'],
    ['1.239 sec', '1.239s', '00:00:01.239', 'PT1.239S', '1.239', '1.239 seconds ago'],
  ],
  ['interval', SECONDS_ONLY, ['1.23'], ['1.239']],
])('%s with a modifier: %i', (name, typmod, good, bad) => {
  const { judge } = carefulRule(typeOf(name, typmod))!;
  expect(good.filter((value) => judge(value))).toEqual([]);
  expect(bad.map((value) => judge(value)?.code)).toEqual(bad.map(() => 'too_many_decimals'));
});

test.each([
  ['char', 'é', { length: 2, max: 1, unit: 'byte' }],
  ['name', 'é'.repeat(32), { length: 64, max: 63, unit: 'byte' }],
])('%s has a limit in bytes', (name, value, params) => {
  expect(carefulRule(typeOf(name))!.judge(value)).toEqual({ code: 'too_long', params });
});

test('the items of arrays, also of arrays of domains', () => {
  const arrayOf = (element: string, item?: TargetType['item']): TargetType => ({
    ...typeOf(`_${element}`),
    kind: 'array',
    element,
    ...(item && { item, system: false }),
  });
  const faults = (type: TargetType, ...values: string[]) =>
    values.map((value) => carefulRule(type)!.judge(value)?.code);
  expect(faults(arrayOf('money'), '{1.50,2}', '{"1,50"}', '1')).toEqual([
    undefined,
    'not_a_number',
    'not_an_array',
  ]);
  expect(faults(arrayOf('name'), '{a}', `{${'x'.repeat(64)}}`)).toEqual([undefined, 'too_long']);
  expect(faults(arrayOf('daterange'), '{"[2024-01-01,)"}', '{"[3/4/2024,)"}')).toEqual([
    undefined,
    'date_format_unknown',
  ]);
  const amount = { name: 'numeric', system: true, typmod: ((10 << 16) | 2) + 4 };
  expect(faults(arrayOf('amount', amount), '{1.23,NULL}', '{1.239}')).toEqual([
    undefined,
    'too_many_decimals',
  ]);
  const span = { name: 'interval', system: true, typmod: SECONDS_ONLY };
  expect(faults(arrayOf('span', span), '{1.23}', '{1.239}')).toEqual([undefined, 'too_many_decimals']);
  expect(carefulRule(arrayOf('citizen', { name: 'citext', system: false, typmod: -1 }))).toBeUndefined();
});

test('the attributes of composite types, also in arrays', () => {
  const part = (name: string, typmod = -1) => ({ name, system: true, typmod });
  const attributes = [part('text'), part('numeric', ((10 << 16) | 2) + 4), part('date'), part('timestamptz')];
  const address: TargetType = { ...typeOf('address'), kind: 'composite', system: false, attributes };
  const faults = (type: TargetType, ...values: string[]) =>
    values.map((value) => carefulRule(type)!.judge(value)?.code);
  expect(
    faults(
      address,
      '(a,1.23,2024-01-01,)',
      '("say ""1.239"", ok", 1.23 ,,"2024-01-01 10:00")',
      '(,,,)',
      '(a\\,b,1,,)',
    ),
  ).toEqual(Array(4).fill(undefined));
  expect(faults(address, '(a,1.239,,)', '(a,"1.239",,)', '("a,""b",1,3/4/2024,)', '(a,NaN,,)')).toEqual([
    'too_many_decimals',
    'too_many_decimals',
    'date_format_unknown',
    'not_a_number',
  ]);
  expect(faults(address, '(a', '(a,1.239)', 'x')).toEqual([undefined, undefined, undefined]);
  const list: TargetType = {
    ...typeOf('_address'),
    kind: 'array',
    system: false,
    element: 'address',
    item: { name: 'address', system: false, typmod: -1, attributes },
  };
  expect(faults(list, '{"(a,1.23,,)",NULL}', '{"(a,1.239,,)"}', '{"(\\"a,b\\",1,today,)"}')).toEqual([
    undefined,
    'too_many_decimals',
    'not_a_date',
  ]);
});

test('a part of a value has advice of its own: options are for whole values', () => {
  const dates: TargetType = { ...typeOf('_ranges'), kind: 'array', element: 'daterange' };
  const moods: TargetType = {
    ...typeOf('_mood'),
    ...{ kind: 'array', system: false, element: 'mood' },
    item: { name: 'mood', system: false, typmod: -1, labels: ['sad', 'very happy'] },
  };
  const advice = (type: TargetType, value: string) => {
    const fault = carefulRule(type)!.judge(value);
    return fault && `${sentenceOf(fault)} → ${adviceOf(fault)}`;
  };
  const ways = 'options and formats of the spec apply to whole values, not to their parts.';
  expect(advice(dates, '{"[3/4/2024,)"}')).toBe(
    `"3/4/2024" can be read as more than one date → Use YYYY-MM-DD: ${ways}`,
  );
  expect(advice(typeOf('int4range'), '[1.0,)')).toBe(`"1.0" is not an integer → Use digits alone: ${ways}`);
  expect(advice(moods, '{sad,"very happy",NULL}')).toBeUndefined();
  expect(advice(moods, '{Sad}')).toBe(
    `"Sad" is none of sad, very happy → Use one of the words listed, to the letter: ${ways}`,
  );
  expect(advice(moods, 'sad')).toContain('Write {a,b}, or declare the field as a list');
  const times: TargetType = { ...typeOf('_timetz'), kind: 'array', element: 'timetz' };
  for (const type of [typeOf('timetz'), times])
    expect(advice(type, type === times ? '{10:00}' : '10:00')).toBe(
      '"10:00" is not a time with an offset → Use HH:MM:SS and the offset: 10:00:00+02:00.',
    );
});

const FIELDS_OF = { year: 0x4, month: 0x6, day: 0x8, hour: 0x408, minute: 0xc00 } as const;

test.each([
  ['year', ['5', '2 years', '24 months', 'P3Y', '1-0'], ['1-2', '13 months', '1 year 1 day', '1.5', 'P1Y2M']],
  ['month', ['5', '1-2', '0.5 years', 'P1Y2M'], ['1 month 1 day', '1.5 months', 'P1MT1H']],
  ['day', ['5', '1 week', '3 days 00:00', 'P1M2D'], ['1 day 02:00', '1.5 days', 'PT1S', '1 sec']],
  [
    'hour',
    ['5', '1 day 02:00', '120 min', 'PT7200S', '2 hours ago'],
    ['1:30', '1.5 hours', '90 min', 'PT1M'],
  ],
  [
    'minute',
    [
      '1:30',
      '1 day 02:30',
      '90 min',
      '0.5 hours',
      '120 secs',
      'P1DT2H3M',
      '-1:30',
      '1 fortnight',
      '0.1 hours',
    ],
    ['1:30:15', '45 sec', 'P1DT2H3M4S', '0.01 min', '1:30:00.5', '500 ms'],
  ],
] as const)('an interval whose last field is the %s loses nothing', (last, good, bad) => {
  const typmod = (FIELDS_OF[last] << 16) | 0xffff;
  const judge = (value: string) => carefulRule(typeOf('interval', typmod))!.judge(value);
  expect(good.filter((value) => judge(value))).toEqual([]);
  expect(bad.map((value) => judge(value)?.code)).toEqual(bad.map(() => 'would_be_rounded'));
  expect(judge('1 day 01:00:00.5')).toMatchObject({ params: { unit: `1 ${last}` } });
});

test('types of extensions and users are left to PostgreSQL', () => {
  expect(carefulRule({ ...typeOf('money'), system: false })).toBeUndefined();
  expect(carefulRule(typeOf('tsvector'))).toBeUndefined();
});

test('the items of a list for an array of an enum are judged one by one', () => {
  const form = { kind: 'list', delimiter: '|', item: 'mood', system: false, typmod: -1 } as const;
  const moods = createForm({ ...form, labels: ['sad', 'ok'] });
  const rewrite = (text: string) => moods.rewrite(Buffer.from(text), 0, text.length, new Scratch());
  expect(rewrite('sad|ok')).toBe('{"sad","ok"}'.length);
  expect(rewrite('sad|Ok')).toBeLessThan(0);
  expect(sentenceOf(moods.fault('sad|Ok'))).toBe('"Ok" is none of sad, ok');
});
