/**
 * A check of a file for a table against a load of it into that table, empty, by PostgreSQL: the same records rejected, with the
 * same reasons and values, wherever the table has no rule that only the database can judge.
 * @module-tag sized
 */
import { join } from 'node:path';
import { type CheckEvent, type Rejection, readSpec, type SpecInput } from '@csvjobs/shared';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { notJudged } from '../../../src/pipeline/check/notJudged.js';
import { checkFile } from '../../../src/pipeline/checkFile.js';
import { rowPlan } from '../../../src/rows/rowPlan.js';
import { rejectionsOf } from '../../../src/sql/jobErrors.js';
import { findJob } from '../../../src/sql/jobs.js';
import { readTarget } from '../../../src/sql/target/catalog.js';
import { sized } from '../../support/form.js';
import { createDatabase, type TestDatabase } from '../../support/postgres.js';
import { LIMITS, type Loading, openLoading } from '../support/loading.js';
import { makeTargetJob, runToEnd, type TargetFile } from '../target/support.js';

const TABLE = { schema: 'Sales', name: 't' };
let loading: Loading;
let database: TestDatabase;
beforeAll(async () => {
  [loading, database] = await Promise.all([openLoading(), createDatabase()]);
});
afterAll(async () => {
  await loading.close();
  await database.drop();
});
beforeEach(async () => {
  await database.pool.query('drop schema if exists "Sales" cascade; create schema "Sales"');
});

const make = (sql: string) => database.pool.query(sql);

/** The result of a check of a job's file; the job need not have run. */
async function checked(id: string, spec: TargetFile['spec'], mostKeys?: number) {
  const target = (await readTarget(database.pool, TABLE))!;
  const task = { path: join(loading.folder, id), overrides: {}, limits: LIMITS, maxUploadBytes: 1e9 };
  const events: CheckEvent[] = [];
  const more = mostKeys === undefined ? {} : { mostKeys };
  for await (const event of checkFile({ ...task, into: { target, spec }, ...more })) events.push(event);
  return events;
}

const rejectedIn = (events: readonly CheckEvent[]) =>
  events.flatMap((event) => (event.type === 'rejected' ? [event] : []));

const comparable = ({ rowNumber, line, column, code, message, row, reasons }: Rejection) => ({
  ...{ rowNumber, line, column, code, message, row, reasons },
});

const noticesOf = (event: CheckEvent | undefined) =>
  event && 'notices' in event ? (event.notices ?? []) : [];

async function expectSame(file: TargetFile): Promise<{ failed: number; codes: Set<string> }> {
  const id = await makeTargetJob(loading, database.pool, file);
  const events = await checked(id, file.spec);
  await runToEnd(loading, database, id, { lanes: 2, stopsAt: [40], failsAt: 3 });
  const { totalRows, source, notices, successCount, failedCount } = (await findJob(database.pool, id))!;
  const loaded: Rejection[] = [];
  for await (const page of rejectionsOf(database.pool, id)) loaded.push(...page);
  const found = rejectedIn(events);
  expect(found.map(comparable)).toEqual(loaded.map(comparable));
  const [read, end] = [events[0], events.at(-1)];
  expect(read).toMatchObject({ type: 'read', totalRows, source });
  expect(end).toMatchObject({ type: 'checked', totalRows, successCount, failedCount });
  expect(notices).toEqual([...noticesOf(read), ...noticesOf(end)]);
  return { failed: failedCount, codes: new Set(found.map(({ code }) => code)) };
}

interface Drawn {
  sql: string;
  values: fc.Arbitrary<string>;
}

const count = fc.integer({ min: 0, max: 60 });
const few = <T>(arbitrary: fc.Arbitrary<T>, ...bad: T[]) =>
  fc.oneof({ arbitrary, weight: 12 }, { arbitrary: fc.constantFrom(...bad), weight: 1 });

/** Types with a rule, each with good texts, many of which mean the same, and bad ones. */
const COLUMNS: Drawn[] = [
  {
    sql: 'int',
    values: few(
      fc.tuple(fc.constantFrom('', ' ', '0', '+'), count).map((parts) => parts.join('')),
      'x',
      '',
      '99999999999',
      '1_0',
    ),
  },
  { sql: 'bigint', values: few(count.map(String), '1.5', '') },
  {
    sql: 'numeric(6,2)',
    values: few(
      fc.tuple(count, fc.constantFrom('', '.', '.5', '.50', 'e1')).map((parts) => parts.join('')),
      '1.239',
      'NaN',
      '123456',
      '',
    ),
  },
  {
    sql: 'numeric',
    values: few(
      count.map((at) => `${at}.${at % 2 ? '0' : '00'}`),
      '1,5',
      '',
    ),
  },
  {
    sql: 'text',
    values: few(
      count.map((at) => `n${at % 40}`),
      '',
      ' x',
      'é',
    ),
  },
  {
    sql: 'varchar(3)',
    values: few(
      count.map((at) => `é${at}`),
      'abcd',
      '',
    ),
  },
  {
    sql: 'char(4)',
    values: few(
      count.map((at) => `${at % 50}${at % 3 ? '' : '  '}`),
      'abcde',
      '',
    ),
  },
  { sql: 'boolean', values: few(fc.constantFrom('true', 'F', 'yes', '0'), 'ja', '') },
  {
    sql: 'date',
    values: few(
      count.map((at) => `2024-${(at % 12) + 1}-07`),
      '3/4/2024',
      '2023-02-29',
      '',
    ),
  },
  {
    sql: 'timestamptz',
    values: few(
      count.map((at) => `2024-05-06T0${at % 8}:00${at % 2 ? '+01' : 'Z'}`),
      '2024-05-06 10:00',
      '',
    ),
  },
  {
    sql: 'time',
    values: few(
      count.map((at) => `${at % 24}:30`),
      '24:00',
      '',
    ),
  },
  {
    sql: 'uuid',
    values: few(
      count.map(
        (at) => `${at % 2 ? 'A' : 'a'}0000000-0000-4000-8000-0000000000${String(at % 30).padStart(2, '0')}`,
      ),
      'x',
      '',
    ),
  },
  {
    sql: 'bytea',
    values: few(
      count.map((at) => `\\x0${(at % 16).toString(16).toUpperCase()}`),
      'ab',
      '',
    ),
  },
  { sql: '"Sales".mood', values: few(fc.constantFrom('sad', 'ok'), 'Ok', '') },
  {
    sql: 'float8',
    values: few(
      count.map((at) => `${at}.5`),
      'x',
      '1e400',
      '',
    ),
  },
  { sql: 'jsonb', values: few(fc.constantFrom('{}', '[1]'), '{', '') },
  {
    sql: 'inet',
    values: few(
      count.map((at) => `10.0.0.${at}`),
      '10.1',
      '',
    ),
  },
  { sql: 'int[]', values: few(fc.constantFrom('{}', '{1}'), '1', '') },
];
/** Those whose duplicates a check can detect. */
const KEYS = COLUMNS.slice(0, 14).map((_, at) => at);

/**
 * A table of a few columns, some NOT NULL, with up to three keys of one or two of them; and records for it.
 */
const tables = fc
  .tuple(
    fc.uniqueArray(fc.nat(COLUMNS.length - 1), { minLength: 2, maxLength: 6 }),
    fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }),
    fc.array(fc.tuple(fc.nat(5), fc.nat(5), fc.boolean()), { maxLength: 3 }),
  )
  .chain(([chosen, notNull, wanted]) => {
    const columns = chosen.map((at, place) => ({
      ...COLUMNS[at]!,
      at,
      name: `c${place}`,
      notNull: notNull[place]!,
    }));
    const keyed = columns.filter(({ at }) => KEYS.includes(at));
    const keys = wanted.flatMap(([first, second, nulls]) => {
      if (keyed.length === 0) return [];
      const names = new Set([keyed[first % keyed.length]!.name, keyed[second % keyed.length]!.name]);
      return [`unique ${nulls ? 'nulls not distinct ' : ''}(${[...names].join(', ')})`];
    });
    const sql = `create type "Sales".mood as enum ('sad', 'ok'); create table "Sales".t (${[
      ...columns.map(({ name, sql: type, notNull: must }) => `${name} ${type}${must ? ' not null' : ''}`),
      ...keys,
    ].join(', ')})`;
    const record = fc.tuple(...columns.map(({ values }) => values));
    // A field too many now and then.
    const records = fc.array(few(record, columns.map(() => '1').concat('')), {
      minLength: 30,
      maxLength: 120,
    });
    return records.map((rows) => ({ sql, header: columns.map(({ name }) => name), records: rows }));
  });

describe('random tables and files', () => {
  it('are judged like by a load', async () => {
    const codes = new Set<string>();
    const drawn = fc.sample(tables, { numRuns: sized(8, 40), seed: 20261126 });
    for (const { sql, header, records } of drawn) {
      await make('drop schema if exists "Sales" cascade; create schema "Sales"');
      await make(sql);
      const same = await expectSame({ table: TABLE, header, records }).catch((error: Error) => {
        throw new Error(`${sql}\n${error.message}`, { cause: error });
      });
      for (const code of same.codes) codes.add(code);
    }
    expect([...codes]).toEqual(
      expect.arrayContaining([
        'duplicate_in_file',
        'required',
        'not_an_integer',
        'too_many_decimals',
        'date_format_unknown',
        'wrong_number_of_fields',
      ]),
    );
  }, 240_000);
});

describe('with a spec', () => {
  it('reads values, constants and combined fields like a load', async () => {
    await make(
      'create table "Sales".t (id int primary key, day date not null, price numeric(8,2), who text, src text, unique (who, src))',
    );
    const input: SpecInput = {
      schema: {
        fields: [
          { name: 'day', format: '%d.%m.%Y' },
          { name: 'price', type: 'number', decimalChar: ',', constraints: { minimum: 1 } },
        ],
        missingValues: ['', '-'],
      },
      csvjobs: {
        aliases: { id: ['number'] },
        combine: { who: ['first', 'last'] },
        constant: { src: 'csv' },
        default: { price: '1.00' },
      },
    };
    const records = Array.from({ length: 200 }, (_, at) => [
      String(at % 150),
      at % 9 === 0 ? '2024-01-01' : `${(at % 28) + 1}.02.2024`,
      at % 4 === 0 ? '0.5' : at % 7 === 0 ? '-' : '12',
      `f${at % 70}`,
      at % 11 === 0 ? '-' : 'l',
    ]);
    const header = ['number', 'day', 'price', 'first', 'last'];
    const { failed, codes } = await expectSame({ table: TABLE, header, records, spec: readSpec(input) });
    expect(failed).toBeGreaterThan(60);
    expect([...codes]).toEqual(expect.arrayContaining(['not_in_format', 'duplicate_in_file']));
  });
});

describe('keys', () => {
  const file = (header: string[], ...records: string[][]): TargetFile => ({ table: TABLE, header, records });
  const check = async (wanted: TargetFile, mostKeys?: number) =>
    checked(await makeTargetJob(loading, database.pool, wanted), wanted.spec, mostKeys);

  it('a duplicate names the row that has the key, never a rejected one', async () => {
    await make('create table "Sales".t (a int primary key, b int unique)');
    const events = await check(
      file(['a', 'b'], ['1', 'x'], ['01', '5'], ['1', '6'], ['2', '6'], ['3', '5'], ['4', '6'], ['3', '7']),
    );
    expect(rejectedIn(events).map(({ rowNumber, message }) => [rowNumber, message])).toEqual([
      [1, 'b: "x" is not an integer'],
      [3, 'a: duplicate of row 2 (a=1)'],
      [5, 'b: duplicate of row 2 (b=5)'],
      [6, 'b: duplicate of row 4 (b=6)'],
    ]);
  });

  it('with more repeated keys than it can remember, the check looks for none and reports that', async () => {
    await make('create table "Sales".t (a int primary key)');
    const events = await check(file(['a'], ['1'], ['1'], ['2'], ['2'], ['3'], ['3']), 2);
    expect(rejectedIn(events)).toEqual([]);
    expect(events.at(-1)).toMatchObject({
      successCount: 6,
      notJudged: ['rows that are already in the table (t_pkey)', 'repeats within the file (t_pkey)'],
    });
    const all = await check(file(['a'], ['1'], ['1'], ['2'], ['2'], ['3'], ['3']), 3);
    expect(rejectedIn(all)).toHaveLength(3);
  });

  it.each([
    ['on an expression', 'a text', 'create unique index k on "Sales".t (lower(a))'],
    ['partial', 'a text', `create unique index k on "Sales".t (a) where a <> 'x'`],
    ['of a type that only PostgreSQL compares', 'a interval', 'create unique index k on "Sales".t (a)'],
    ['of floats', 'a float8', 'create unique index k on "Sales".t (a)'],
    [
      'in which letters may compare as equal',
      'a text collate "Sales".c',
      'create unique index k on "Sales".t (a)',
      `create collation "Sales".c (provider = icu, locale = 'und-u-ks-level2', deterministic = false);`,
    ],
    [
      'with a default of the table',
      `a text, z text default 'z'`,
      'create unique index k on "Sales".t (a, z)',
    ],
    [
      'on a computed column',
      'a text, z text generated always as (lower(a)) stored',
      'create unique index k on "Sales".t (z)',
    ],
    [
      'that a trigger may change',
      'a text',
      `create unique index k on "Sales".t (a); create function "Sales".f() returns trigger language plpgsql as $$ begin return new; end $$;
       create trigger g before insert on "Sales".t for each row execute function "Sales".f()`,
    ],
  ])('%s: left to the database', async (_, columns, key, before = '') => {
    await make(`${before} create table "Sales".t (${columns}); ${key}`);
    const events = await check(file(['a'], ['1'], ['1']));
    expect(rejectedIn(events)).toEqual([]);
    const { notJudged } = events.at(-1) as Extract<CheckEvent, { type: 'checked' }>;
    expect(notJudged).toContain('repeats within the file (k)');
  });

  it('on a serial column missing from the file: no duplicates', async () => {
    await make('create table "Sales".t (id serial primary key, a int, z int, unique (a, z))');
    const events = await check(file(['a'], ['1'], ['1']));
    expect(events.at(-1)).toMatchObject({
      failedCount: 0,
      notJudged: ['rows that are already in the table (t_pkey, t_a_z_key)'],
    });
  });
});

it('lists everything that only the database can judge', async () => {
  await make(`create domain "Sales".small as int check (value < 10); create table "Sales".p (id int primary key);
    create table "Sales".t (a int references "Sales".p, s "Sales".small, i interval, r int4range,
      n int constraint pos check (n > 0)) partition by range (a);
    create table "Sales".t1 partition of "Sales".t for values from (0) to (10)`);
  await make(`create function "Sales".f() returns trigger language plpgsql as $$ begin return new; end $$;
    create trigger g after insert on "Sales".t for each row execute function "Sales".f();
    create trigger d after delete on "Sales".t for each row execute function "Sales".f()`);
  const header = ['a', 's', 'i', 'r', 'n'];
  const id = await makeTargetJob(loading, database.pool, {
    table: TABLE,
    header,
    records: [['1', '11', 'soon', '[', '-1']],
  });
  const events = await checked(id, undefined);
  expect(events.at(-1)).toEqual({
    type: 'checked',
    totalRows: 1,
    successCount: 1,
    failedCount: 0,
    notJudged: [
      'foreign keys (t_a_fkey)',
      'checks (pos)',
      'triggers (g)',
      'types that only PostgreSQL reads (i interval, r int4range)',
      'conditions of domains (s "Sales".small)',
      'partitions (RANGE (a))',
    ],
  });
});

it.each([
  [
    'exclusions',
    'create table "Sales".t (a inet, constraint apart exclude using gist (a inet_ops with &&))',
    ['exclusions (apart)'],
  ],
  [
    'rewrite rules',
    'create table "Sales".t (a int); create rule r as on insert to "Sales".t do also notify rows',
    ['rules (r)'],
  ],
  [
    'views',
    'create table "Sales".under (a int primary key); create view "Sales".t as select * from "Sales".under',
    ['the tables of the view'],
  ],
  ['nothing', 'create table "Sales".t (a text)', []],
])('names %s', async (_, sql, parts) => {
  await make(sql);
  const target = (await readTarget(database.pool, TABLE))!;
  const columns = rowPlan(target, undefined, ['a']).columns;
  expect(notJudged(target, columns, [])).toEqual(parts);
  expect(notJudged({ ...target, rowSecurity: true }, columns, [])).toEqual([
    ...parts.filter((part) => !part.startsWith('the tables')),
    'row security',
    ...parts.filter((part) => part.startsWith('the tables')),
  ]);
});

it.each([
  ['a', 'spec_mismatch', { csvjobs: { trim: ['nobody'] } }],
  ['nobody', 'header_invalid', undefined],
])('a file that does not fit the table: refused like an upload (%s)', async (field, code, spec) => {
  await make('create table "Sales".t (a int not null)');
  const file = { table: TABLE, header: [field], records: [['1']] };
  const id = await makeTargetJob(loading, database.pool, file);
  expect(await checked(id, spec && readSpec(spec))).toMatchObject([{ type: 'refused', code }]);
});

describe('a right that a default of the table needs and the role lacks', () => {
  const missing = {
    rule: 'default',
    name: 'id',
    right: 'USAGE',
    object: 'sequence s',
    grant: 'grant x',
  } as const;
  const endOf = async (header: string[], values: string[]) => {
    await make('create table "Sales".t (id int, n int)');
    const id = await makeTargetJob(loading, database.pool, { table: TABLE, header, records: [values] });
    const target = { ...(await readTarget(database.pool, TABLE))!, missingRights: [missing] };
    const limits = { ...LIMITS, maxRecordBytes: 1e6 };
    const task = { path: join(loading.folder, id), overrides: {}, limits, maxUploadBytes: 1e9 };
    const events: CheckEvent[] = [];
    for await (const event of checkFile({ ...task, into: { target, spec: undefined } })) events.push(event);
    return events.at(-1);
  };
  const message = expect.stringContaining('USAGE on sequence s (needed by the default of id)');

  it('is refused as an upload would be', async () => {
    expect(await endOf(['n'], ['1'])).toMatchObject({ type: 'refused', code: 'table_no_rights', message });
  });

  it('is refused as the job would be, if the gate cannot be certain of the header', async () => {
    const header = ['n', `é${'x'.repeat(300_000)}`];
    expect(await endOf(header, ['1', ''])).toMatchObject({ type: 'failed', code: 'target_denied', message });
  });

  it('does not matter if the file fills the column', async () => {
    expect(await endOf(['id', 'n'], ['1', '1'])).toMatchObject({ type: 'checked', successCount: 1 });
  });
});
