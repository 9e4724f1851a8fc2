/**
 * Every type with valid, junk, missing and edge values, straight, staged and one by one: the result equals
 * that of `insert … values ($1)` of the same text, except for the values that csvjobs rejects
 * (rows/exceptions).
 */
import { readSpec, type SpecInput } from '@csvjobs/shared';
import { expect, it } from 'vitest';
import { ON_OLDEST, sized, sizedIf } from '../../support/form.js';
import { openTestLoad } from '../support/testLoad.js';
import {
  expectCounters,
  insertEach,
  makeTargetJob,
  rejected,
  runToEnd,
  type TargetFile,
  type Verdict,
} from './support.js';

const { loading, db } = await openTestLoad();

/** Types that the reading thread writes, and types that only PostgreSQL reads. */
const WRITTEN = [
  ...['int2', 'int4', 'int8', 'numeric', 'numeric(10,2)', 'numeric(2,-1)', 'float4', 'float8', 'boolean'],
  ...[
    'text',
    'varchar(3)',
    'char(3)',
    'text collate "C"',
    'bytea',
    'uuid',
    'json',
    'jsonb',
    'mood',
    'amount',
  ],
  ...['date', 'time', 'time(0)', 'timestamp', 'timestamp(0)', 'timestamptz', 'inet', 'cidr', 'macaddr'],
];
const READ = [
  ...[
    'int4[]',
    'text[]',
    'timestamptz[]',
    'mood[]',
    'small',
    'pair',
    'interval',

    'interval(0)',
    'money',
  ],
  ...[
    'bit(3)',
    'varbit(3)',
    'point',
    'box',
    'int4range',
    'tstzrange',
    'int4multirange',
    'tsvector',
    'jsonpath',
  ],
  ...['oid', 'xid', 'name', '"char"', 'timetz', 'macaddr8', 'pg_lsn', 'regtype'],
  ...[
    'timetz(1)',
    'interval second(1)',
    'daterange',
    'tsrange',
    'nummultirange',
    'money[]',
    'amount[]',
    'small[]',
    'pair[]',
    'tsquery',
  ],
];

const VALUES = [
  ...[
    '',
    ' ',
    '0',
    '-0',
    '1',
    ' 7 ',
    '007',
    '+7',
    '-1',
    '32767',
    '32768',
    '2147483648',
    '9223372036854775808',
    '1_000',
  ],
  ...[
    '1.5',
    '1.50',
    '1.239',
    '1e3',
    '.5',
    '1e400',
    'NaN',
    'infinity',
    '12,34',
    '$1.50',
    '10',
    '101',
    '10101',
    '0x1F',
  ],
  ...[
    'true',
    't',
    'yes',
    'ja',
    'off',
    'sad',
    'Sad',
    'abc',
    'abcd',
    'abc ',
    'äöü',
    '日本語x',
    'NULL',
    '\\N',
    "it's",
    '\\x00ff',
  ],
  ...[
    '\\',
    '"',
    'say "hi"',
    'a,b',
    '00000000-0000-7000-8000-000000000000',
    '{00000000-0000-7000-8000-000000000000}',
  ],
  ...[
    '2024-02-29',
    '2023-02-29',
    '3/4/2024',
    '20240229',
    'today',
    '10:20',
    '10:20:30.5',
    '24:00',
    '10:20+02',
    '1 day',
    '2:00',
  ],
  ...[
    '2024-02-29 10:20',
    '2024-02-29 10:20:30.5',
    '2024-02-29T10:20Z',
    '2024-02-29 10:20+05:30',
    '0001-01-01 00:00Z',
  ],
  ...[
    '10.0.0.1',
    '10.0.0.1/8',
    '10.0.0.0/8',
    '::1',
    '08:00:2b:01:02:03',
    '08:00:2b:01:02:03:04:05',
    '16/B374D848',
    'integer',
  ],
  ...[
    '{}',
    '{1,2}',
    '{1,NULL}',
    '{"a b",c}',
    '{sad}',
    '{1',
    '[1]',
    'null',
    '{"a":1}',
    '{a}',
    '(1,x)',
    '(,)',
    '(1',
    '(1,2)',
  ],
  ...[
    '(1,2),(3,4)',
    '[1,5)',
    '[5,1]',
    'empty',
    '{[1,3),[5,7)}',
    '[2024-01-01 10:00Z,)',
    '[2024-01-01 10:00,)',
    '$.a[*]',
  ],
];

/** Each value in the column of each type, with the other columns empty. */
function fileFor(types: readonly string[], csvjobs?: SpecInput['csvjobs']): TargetFile {
  const records = types.flatMap((_, column) =>
    VALUES.map((value, at) => [
      String(column * VALUES.length + at),
      ...types.map((__, other) => (other === column ? value : '')),
    ]),
  );
  const header = ['a', ...types.map((_, at) => `c${at}`)];
  return {
    table: { schema: 'sales', name: 't' },
    header,
    records,
    ...(csvjobs && { spec: readSpec({ csvjobs }) }),
  };
}

/** Additions to the table and the spec that force one path; the file has none of these columns. */
const WAYS: [way: string, more: string, csvjobs?: SpecInput['csvjobs']][] = [
  ['straight', ''],
  ['staged', '', { blanks: { c0: 'default' } }],
  ['one by one', ', parent int references sales.t'],
];

async function tableNow(types: readonly string[]): Promise<unknown[]> {
  // A number is the name of whatever type has just got it as its oid.
  const list = types.map((type, at) => `c${at}${type === 'regtype' ? '::oid' : ''}::text`).join(', ');
  return (await db.pool.query(`select a, array[${list}] as values from sales.t order by a`)).rows;
}

/**
 * Which of two faults of a value PostgreSQL finds first depends on whether it reads the value with its type's
 * modifier.
 */
function inKind(refused: readonly (Verdict & { row: unknown })[]): Verdict[] {
  return refused.map(({ rowNumber, why }) => ({
    rowNumber,
    why: /^[0-9A-Z]{5}$/.test(why) ? why.slice(0, 2) : why,
  }));
}

async function make(types: readonly string[], more = ''): Promise<void> {
  const columns = types.map((type, at) => `c${at} ${type}`).join(', ');
  await db.plain(`drop schema if exists sales cascade; create schema sales; set search_path = sales;
    create type mood as enum ('sad', 'ok'); create type pair as (n int, t text);
    create domain amount as numeric(10,2); create domain small as int check (value < 10);
    create table t (a int primary key, ${columns}${more})`);
}

/** A few types per table: each record has a column for each of them, so more would cost far more. */
const inGroups = (types: readonly string[]) =>
  Array.from({ length: Math.ceil(types.length / 7) }, (_, at) => types.slice(7 * at, 7 * (at + 1)));

const GROUPS = [
  ...inGroups(WRITTEN).map((types, at) => ({
    ...{ what: 'that the reading thread writes', types, onOldest: at === 0 },
    short: at < WAYS.length - 1 ? [0, 1 + at] : [0],
  })),
  ...inGroups(READ).map((types, at) => ({
    ...{ what: 'that only PostgreSQL reads', types, onOldest: at === 1 },
    short: at <= WAYS.length ? [at % WAYS.length] : [],
  })),
];
for (const { what, types, onOldest, short } of GROUPS)
  it(
    `types ${what}: ${JSON.stringify(types)}`,
    sizedIf(ON_OLDEST ? onOldest : short.length > 0),
    async () => {
      await make(types);
      const refused = inKind(await insertEach(db.pool, fileFor(types)));
      const expected = { refused, table: await tableNow(types) };
      expect(expected.table.length).toBeGreaterThan(types.length * 3);
      expect(expected.refused.length).toBeGreaterThan(types.length * 3);
      const ways = sized(
        WAYS.filter((__, at) => short.includes(at)),
        WAYS,
        WAYS.filter((__, at) => at === (short.at(-1) ?? 0)),
      );
      for (const [way, more, csvjobs] of ways) {
        await make(types, more);
        const file = fileFor(types, csvjobs);
        const id = await makeTargetJob(loading, db.pool, file);
        await runToEnd(loading, db, id, { lanes: 2, stopsAt: [VALUES.length * 2] });
        const found = { refused: inKind(await rejected(db.pool, id)), table: await tableNow(types) };
        expect({ way, ...found }).toEqual({ way, ...expected });
        await expectCounters(db.pool, id, file.records.length, expected.refused.length);
      }
    },
  );
