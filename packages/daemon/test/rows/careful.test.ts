/**
 * Types without their own rule: what PostgreSQL would silently cut, round or guess is rejected, the rest is
 * left to PostgreSQL.
 */
import type { TargetType } from '@csvjobs/shared';
import { expect, test } from 'vitest';
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

test('types of extensions and users are left to PostgreSQL', () => {
  expect(carefulRule({ ...typeOf('money'), system: false })).toBeUndefined();
  expect(carefulRule(typeOf('tsvector'))).toBeUndefined();
});
