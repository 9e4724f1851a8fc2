/** Parts of values at any depth, of types that the catalog describes: PostgreSQL would change what is refused here, silently. */
import type { Target } from '@csvjobs/shared';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { carefulRule } from '../../src/rows/types/careful.js';
import { readTarget } from '../../src/sql/target/catalog.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';

const TYPES = `
  create domain n1 as numeric(4,1); create domain v3 as varchar(3); create domain ts0 as timestamp(0);
  create domain ints as numeric(4,1)[];
  create type pr as (n numeric(4,1), v varchar(2), d date, z timestamptz(0)); create domain dpr as pr;
  create type nest as (p pr, a n1[], q dpr, l ints); create domain dnest as nest;
  create type deep as (x dnest[], r numrange);
  create type frange as range (subtype = float8, multirange_type_name = frange_multi);
  create type vrange as range (subtype = v3); create type trange as range (subtype = ts0);
  create type nrange as range (subtype = n1, multirange_type_name = nrange_multi); create type prange as range (subtype = pr);
  create type holder as (r trange, m nrange_multi); create domain drange as nrange`;

const CASES: [type: string, good: string[], bad: [value: string, code: string][]][] = [
  [
    'nest',
    ['("(1.2,ab,,)","{1.2}",,)', '(,,,)', '(,"{NULL,1}","(,,2024-01-01,)","{1.2}")'],
    [
      ['("(1.25,ab,,)","{1.2}",,)', 'too_many_decimals'],
      ['("(1.2,""ab "",,)",,,)', 'too_long'],
      ['("(1.2,ab,,)","{1.25}",,)', 'too_many_decimals'],
      ['(,,"(1.25,,,)",)', 'too_many_decimals'],
      ['(,,,"{1.25}")', 'too_many_decimals'],
      ['(,,"(,,today,)",)', 'not_a_date'],
      ['(,,"(,,,2024-01-01 10:00:00.5Z)",)', 'too_many_decimals'],
    ],
  ],
  [
    'deep',
    ['("{""(\\\\""(1.2,,,)\\\\"",,,)""}","[1,2)")'],
    [
      ['("{""(\\\\""(1.25,,,)\\\\"",,,)""}",)', 'too_many_decimals'],
      ['(,"[1_0,)")', 'not_a_number'],
    ],
  ],
  ['pr', ['(1.2,((,,)', '(1.2,ab,,2024-01-01 10:00)'], [['(1.25,((,,)', 'too_many_decimals']]],
  ['pr[]', ['{"(1.2,ab,,)",NULL}'], [['{"(1.25,ab,,)"}', 'too_many_decimals']]],
  ['dpr', ['(1.2,,,)'], [['(1.25,,,)', 'too_many_decimals']]],
  ['ints[]', ['{"{1.2}"}'], [['{"{1.25}"}', 'too_many_decimals']]],
  [
    'frange',
    ['[1,2)', 'empty', '(,)', '[-infinity,1]'],
    [
      ['[0x1F,)', 'not_a_number'],
      ['[,"NaN"]', 'not_a_number'],
    ],
  ],
  ['frange_multi', ['{[1,2),(3,4)}', '{}'], [['{[1,2),[0x1F,)}', 'not_a_number']]],
  [
    'vrange',
    ['[a,b)', '["a,",b)', '["",b)'],
    [
      ['["abc ",)', 'too_long'],
      ['[abc ,)', 'too_long'],
      ['["ab"" ",]', 'too_long'],
    ],
  ],
  [
    'trange',
    ['["2024-01-01 10:00:00",)'],
    [
      ['["2024-01-01 10:00:00.5",)', 'too_many_decimals'],
      ['[today,)', 'not_a_timestamp'],
    ],
  ],
  ['nrange', ['[1.2,2)'], [['[1.25,2)', 'too_many_decimals']]],
  ['drange', ['[1.2,2)'], [['[1,1.25)', 'too_many_decimals']]],
  ['nrange[]', ['{"[1.2,2)"}'], [['{"[1.25,2)"}', 'too_many_decimals']]],
  ['nrange_multi', ['{[1.2,2)}'], [['{[1,1.1),[1.25,2)}', 'too_many_decimals']]],
  ['prange', ['["(1.2,,,)",)'], [['["(1.25,,,)",)', 'too_many_decimals']]],
  [
    'holder',
    ['("[2024-01-01,)","{[1,2)}")'],
    [
      ['("[2024-01-01 10:00:00.5,)",)', 'too_many_decimals'],
      ['(,"{[1.25,2)}")', 'too_many_decimals'],
    ],
  ],
];

let db: TestDatabase;
let target: Target;
beforeAll(async () => {
  db = await createDatabase({ empty: true });
  const columns = CASES.map(([type], at) => `c${at} ${type}`).join(', ');
  await db.plain(`create schema s; set search_path = s; ${TYPES}; create table t (${columns})`);
  target = (await readTarget(db.pool, { schema: 's', name: 't' }))!;
});
afterAll(() => db.drop());

/** Whether PostgreSQL takes a value. */
async function takes(at: number, value: string): Promise<boolean> {
  return db.pool.query(`insert into s.t (c${at}) values ($1)`, [value]).then(
    () => true,
    () => false,
  );
}

test.each(CASES.map(([type, good, bad], at) => ({ type, good, bad, at })))(
  '$type',
  async ({ good, bad, at }) => {
    const rule = carefulRule(target.columns[at]!.type)!;
    for (const value of [...good, ...bad.map(([each]) => each)])
      expect([value, await takes(at, value)]).toEqual([value, true]);
    expect(good.map((value) => [value, rule.judge(value)])).toEqual(good.map((value) => [value, undefined]));
    expect(bad.map(([value]) => [value, rule.judge(value)?.code])).toEqual(bad);
  },
);

test('a part of a job of an earlier version, which does not tell its own parts, is left to PostgreSQL', () => {
  const part = { name: 'pr', system: false, typmod: -1 };
  const type = { ...target.columns[0]!.type, attributes: [part, { name: 'date', system: true, typmod: -1 }] };
  expect(carefulRule(type)!.judge('("(1.25,,,)",3/4/2024)')?.code).toBe('date_format_unknown');
  expect(carefulRule(type)!.judge('("(1.25,,,)",)')).toBeUndefined();
});

test.each([
  ['point', ['(1,2)', '1.5e2 , -.5'], ['(0x1F,2)', '(infinity,2)', '(NaN,1)', '(1,-inf)']],
  ['lseg', ['[(1,2),(3,4)]'], ['[(1,2),(3,0x4)]']],
  ['box', ['(1,2),(3,4)'], ['(1,2),(nan,4)']],
  ['box[]', ['{(1,2),(3,4);(5,6),(7,8)}', '{{(1,2),(3,4)};{NULL}}'], ['{(1,2),(3,4);(0x5,6),(7,8)}']],
  ['path', ['[(1,2),(3,4)]', '((1,2))'], ['[(1,2),(0x3,4)]']],
  ['polygon', ['((1,2),(3,4))'], ['((1,2),(Infinity,4))']],
  ['circle', ['<(1,2),3>'], ['<(1,2),0x3>']],
  ['line', ['{1,2,3}'], ['{1,2,0x3}']],
  ['point[]', ['{"(1,2)",NULL}'], ['{"(0x1,2)"}']],
])('the numbers of %s', async (sql, good, bad) => {
  await db.plain(`drop table if exists g; create table g (c ${sql})`);
  const { columns } = (await readTarget(db.pool, { schema: 'public', name: 'g' }))!;
  const { judge } = carefulRule(columns[0]!.type)!;
  for (const value of [...good, ...bad])
    expect([
      value,
      await db.pool.query('insert into g values ($1)', [value]).then(() => true, String),
    ]).toEqual([value, true]);
  expect(good.filter((value) => judge(value))).toEqual([]);
  expect(bad.map((value) => judge(value)?.code)).toEqual(bad.map(() => 'not_a_number'));
});
