/**
 * Rows that PostgreSQL refuses in its own words: each reject has its constraint and column, and similar rows
 * are counted together.
 */
import { adviceOf, type TargetReason } from '@csvjobs/shared';
import { beforeEach, expect, it } from 'vitest';
import { sized } from '../../support/form.js';
import { openTestLoad } from '../support/testLoad.js';
import { makeTargetJob, runToEnd } from './support.js';

const { loading, db } = await openTestLoad();
beforeEach(async () => {
  await db.pool.query('drop schema if exists "Sales" cascade; create schema "Sales"');
});

const TABLE = { schema: 'Sales', name: 't' };

async function loaded(header: string[], records: string[][], stopsAt: number[] = []) {
  const id = await makeTargetJob(loading, db.pool, { table: TABLE, header, records });
  await runToEnd(loading, db, id, { lanes: 1, stopsAt });
  const { rows } = await db.pool.query<{ message: string; column_name: string; reasons: TargetReason[] }>(
    'select message, column_name, reasons from job_errors where job_id = $1 order by row_number',
    [id],
  );
  const { rows: jobs } = await db.pool.query<{ reasons: Record<string, number> }>(
    'select reasons from jobs where id = $1',
    [id],
  );
  return { rejected: rows, counted: jobs[0]!.reasons };
}

it('an exclusion: its column, and the conflicting row', async () => {
  await db.pool.query(
    'create table "Sales".t (a int, r inet, constraint apart exclude using gist (r inet_ops with &&))',
  );
  const { rejected, counted } = await loaded(
    ['a', 'r'],
    [
      ['1', '10.0.0.1'],
      ['2', '10.0.0.0/28'],
    ],
  );
  expect(rejected.map(({ message, column_name }) => [column_name, message])).toEqual([
    [
      'r',
      'r: PostgreSQL refused the row (apart): Key (r)=(10.0.0.0/28) conflicts with existing key (r)=(10.0.0.1)',
    ],
  ]);
  expect(counted).toEqual({ 'r: PostgreSQL refused the row (apart)': 1 });
});

it('a domain: the name of its check', async () => {
  await db.pool.query(`create domain "Sales".small as int constraint below check (value < 10);
    create domain "Sales".two as int constraint one check (value < 10) constraint other check (value > 0);
    create table "Sales".t (a "Sales".small, b "Sales".two)`);
  const { rejected } = await loaded(
    ['a', 'b'],
    [
      ['10', '10'],
      ['x', '1'],
    ],
  );
  const constraints = rejected.map(({ reasons }) =>
    reasons.map(({ params }) => (params as { constraint?: string | null }).constraint),
  );
  expect(constraints).toEqual([['below', null], [undefined]]);
});

it('a check found only by the insert, worded like one found in advance', async () => {
  await db.pool.query(`create table "Sales".t (a int, b int, constraint ordered check (a < b));
    create function "Sales".f() returns trigger language plpgsql as $$ begin new.b := 5; return new; end $$;
    create trigger f before insert on "Sales".t for each row execute function "Sales".f()`);
  const { rejected } = await loaded(
    ['a', 'b'],
    [
      ['7', '9'],
      ['1', '0'],
    ],
  );
  expect(rejected.map(({ message }) => message)).toEqual(['a: the check ordered (a < b) does not hold']);
});

it('a trigger: its words, without values in the counts, and a bounded number of them', {
  tags: ['sized'],
}, async () => {
  await db.pool.query(`create table "Sales".t (a int, b text);
    create function "Sales".f() returns trigger language plpgsql as $$ begin
      if new.b = 'late' then raise exception 'order % of "%" is too late', new.a, new.b; end if;
      if new.b like 'w%' then raise exception 'no %', translate(new.b, '0123456789', 'abcdefghij'); end if;
      return new; end $$;
    create trigger f before insert on "Sales".t for each row execute function "Sales".f()`);
  const records = Array.from({ length: 200 }, (_, at) => [
    String(at),
    at % 2 ? 'late' : at % 4 ? `w${at}` : 'good',
  ]);
  for (const stopsAt of sized([[40, 90]], [[], [40, 90]])) {
    await db.pool.query('truncate "Sales".t');
    const { rejected, counted } = await loaded(['a', 'b'], records, stopsAt);
    expect(rejected[0]!.message).toBe('refused by a trigger (P0001): order 1 of "late" is too late');
    expect(counted).toMatchObject({
      'refused by a trigger (P0001): order … of … is too late': 100,
      'refused by a trigger (P0001): no wc': 1,
      'refused by a trigger (P0001)': 31,
    });
    expect(Object.keys(counted)).toHaveLength(21);
  }
});

it('an error of a trigger with any SQLSTATE: its detail, and its hint as the advice', async () => {
  await db.pool.query(`create table "Sales".t (a int, b text);
    create function "Sales".f() returns trigger language plpgsql as $$ begin
      if new.a = 2 then raise exception 'order 2 is closed' using errcode = 'APP01', detail = 'Closed on Monday.', hint = 'Reopen it first'; end if;
      if new.a = 3 then raise exception 'no sequence yet' using errcode = '55000'; end if;
      if new.a = 4 then raise exception 'parse error' using errcode = 'XX000'; end if;
      if new.a = 5 then raise not_null_violation using message = 'b is missing', column = 'b'; end if;
      return new; end $$;
    create trigger f before insert on "Sales".t for each row execute function "Sales".f()`);
  const { rejected } = await loaded(
    ['a', 'b'],
    ['1', '2', '3', '4', '5', '6'].map((a) => [a, 'x']),
  );
  expect(rejected.map(({ message }) => message)).toEqual([
    'PostgreSQL refused the row (SQLSTATE APP01): order 2 is closed: Closed on Monday',
    'PostgreSQL refused the row (SQLSTATE 55000): no sequence yet',
    'PostgreSQL refused the row (SQLSTATE XX000): parse error',
    'b: PostgreSQL refused the row (SQLSTATE 23502): b is missing',
  ]);
  expect(rejected.map(({ reasons }) => adviceOf(reasons[0]!))).toEqual([
    'Reopen it first.',
    ...Array(3).fill('Correct the row as PostgreSQL’s message says.'),
  ]);
  expect((await db.pool.query('select a from "Sales".t order by a')).rows).toEqual([{ a: 1 }, { a: 6 }]);
});

it('a value too large for an index rejects its row only', async () => {
  await db.pool.query(`create function "Sales".wide(text) returns text immutable language sql as $$
      select string_agg(md5($1 || n), '') from generate_series(1, case when $1 = 'long' then 200 else 1 end) n $$;
    create table "Sales".t (a int, b text generated always as ("Sales".wide(c)) stored, c text);
    create index large on "Sales".t (b)`);
  const { rejected } = await loaded(
    ['a', 'c'],
    [
      ['1', 'x'],
      ['2', 'long'],
      ['3', 'y'],
    ],
  );
  expect(rejected.map(({ message }) => message)).toEqual([
    expect.stringMatching(/^b: PostgreSQL refused the row \(large\): index row size \d+ exceeds .*"large"$/),
  ]);
  expect((await db.pool.query('select a from "Sales".t order by a')).rows).toEqual([{ a: 1 }, { a: 3 }]);
});

it('no partition takes a row: the table that lacks one, and the value', async () => {
  await db.pool.query(`create table "Sales".t (at date, dev int) partition by range (at);
    create table "Sales".t24 partition of "Sales".t for values from ('2024-01-01') to ('2025-01-01') partition by list (dev);
    create table "Sales".t24_1 partition of "Sales".t24 for values in (1)`);
  const { rejected, counted } = await loaded(
    ['at', 'dev'],
    [
      ['2024-03-01', '1'],
      ['2031-03-01', '1'],
      ['2024-03-01', '2'],
    ],
  );
  expect(rejected.map(({ message }) => message)).toEqual([
    'at: t has no partition for at=2031-03-01',
    'dev: t24 has no partition for dev=2',
  ]);
  expect(counted).toEqual({ 'at: t has no partition for it': 1, 'dev: t24 has no partition for it': 1 });
});

it.each([
  ['"Dev id"', '2', 'Dev id: t has no partition for "Dev id"=2'],
  ['"Dev id", b', '2', 't has no partition for ("Dev id", b)=(2, 1)'],
])('no partition takes a row by %s', async (key, dev, message) => {
  await db.pool.query(`create table "Sales".t ("Dev id" int, b int) partition by range (${key})`);
  const { rejected } = await loaded(['Dev id', 'b'], [[dev, '1']]);
  expect(rejected.map(({ message }) => message)).toEqual([message]);
});

it('a rule of a partition is that of its table, also if a trigger runs first', async () => {
  await db.pool.query(`create table "Sales".p (id int primary key); insert into "Sales".p values (1);
    create table "Sales".t (a int constraint t_key primary key, b int not null, c int constraint parent references "Sales".p,
      constraint small check (b < 10)) partition by range (a);
    create table "Sales".t1 partition of "Sales".t (constraint of_part check (c > 0)) for values from (0) to (100);
    create function "Sales".f() returns trigger language plpgsql as $$ begin return new; end $$;
    create trigger f before insert on "Sales".t for each row execute function "Sales".f()`);
  const { rejected } = await loaded(
    ['a', 'b', 'c'],
    [
      ['1', '1', '1'],
      ['1', '1', '1'],
      ['2', '', '1'],
      ['3', '10', '1'],
      ['4', '1', '9'],
      ['5', '1', '-1'],
    ],
  );
  expect(rejected.map(({ message }) => message)).toEqual([
    'a: already in t, perhaps from an earlier row of this file (a=1)',
    'b: a value is required',
    'b: the check small (b < 10) does not hold',
    'c: 9 is not in p.id (parent)',
    'c: PostgreSQL refused the row (of_part): new row for relation "t1" violates check constraint "of_part"',
  ]);
});

it('a rule of another table that a trigger writes: PostgreSQL’s words, and none of the file’s columns', async () => {
  await db.pool.query(`create domain "Sales".mark as text check (value <> 'x');
    create table "Sales".t (id int primary key, total int, mark "Sales".mark); create schema audit;
    create table audit.t (id int primary key, total int not null constraint low check (total < 100));
    create function "Sales".f() returns trigger language plpgsql as $$ begin
      insert into audit.t values (new.id % 10, nullif(new.total, 0)); return new; end $$;
    create trigger f after insert on "Sales".t for each row execute function "Sales".f()`);
  const { rejected } = await loaded(
    ['id', 'total'],
    [
      ['1', '5'],
      ['2', '0'],
      ['11', '5'],
      ['3', '500'],
    ],
  );
  await db.pool.query('drop schema audit cascade');
  expect(rejected.map(({ message, column_name }) => [column_name, message])).toEqual([
    [
      null,
      'PostgreSQL refused the row (SQLSTATE 23502): null value in column "total" of relation "t" violates not-null constraint',
    ],
    [
      null,
      'PostgreSQL refused the row (t_pkey): duplicate key value violates unique constraint "t_pkey": Key (id)=(1) already exists',
    ],
    [null, 'PostgreSQL refused the row (low): new row for relation "t" violates check constraint "low"'],
  ]);
});

it('an error that a trigger raises in the name of a rule of the table: its own words', async () => {
  await db.pool.query(`create table "Sales".p (id int primary key); insert into "Sales".p values (1);
    create domain "Sales".mark as text not null check (value <> 'x');
    create table "Sales".t (a int, b "Sales".mark, c int constraint parent references "Sales".p, constraint small check (a < 10));
    create function "Sales".f() returns trigger language plpgsql as $$ begin
      if new.a = 1 then raise exception 'not today' using schema = 'Sales', table = 't', constraint = 'small'; end if;
      if new.a = 2 then raise exception 'not odd' using detail = 'Key (c)=(9) is odd.', schema = 'Sales', table = 't', constraint = 'parent'; end if;
      if new.a = 3 then raise exception 'an orphan' using errcode = '23503', schema = 'Sales', table = 't', constraint = 'parent'; end if;
      if new.a = 4 then raise exception 'too short' using errcode = '23514', column = 'elsewhere'; end if;
      if new.a = 5 then raise exception 'closed'; end if;
      return new; end $$;
    create trigger f before insert on "Sales".t for each row execute function "Sales".f()`);
  const { rejected } = await loaded(
    ['a', 'b', 'c'],
    ['1', '2', '3', '4', '5'].map((a) => [a, 'y', '1']),
  );
  expect(rejected.map(({ message }) => message)).toEqual([
    'a: PostgreSQL refused the row (small): not today',
    'c: PostgreSQL refused the row (parent): not odd: Key (c)=(9) is odd',
    'c: PostgreSQL refused the row (parent): an orphan',
    'PostgreSQL refused the row (SQLSTATE 23514): too short',
    'refused by a trigger (P0001): closed',
  ]);
});

it('a key with a line end that only the insert finds: its whole value', async () => {
  await db.pool.query(`create table "Sales".t (a int, b text unique);
    create function "Sales".f() returns trigger language plpgsql as $$ begin return new; end $$;
    create trigger f before insert on "Sales".t for each row execute function "Sales".f()`);
  const { rejected } = await loaded(
    ['a', 'b'],
    [
      ['1', 'x\ny'],
      ['2', 'x\ny'],
    ],
  );
  expect(rejected.map(({ reasons }) => reasons)).toMatchObject([[{ params: { key: 'b=x\ny' } }]]);
});

it('a rule of the table under a view: the column of the view', async () => {
  await db.pool.query(
    `create table "Sales".base (a int, b int not null); create view "Sales".t as table "Sales".base`,
  );
  const { rejected } = await loaded(['a', 'b'], [['1', '']]);
  expect(rejected.map(({ column_name }) => column_name)).toEqual(['b']);
});

it.each([
  ['the only column whose domain has a condition', '"Sales".plain', 'a'],
  ['none of two such columns', '"Sales".filled', null],
])('a domain that refuses NULL at the insert: %s', async (_, type, column) => {
  await db.pool.query(`create domain "Sales".filled as text check (value is not null); create domain "Sales".plain as text;
    create table "Sales".t (a "Sales".filled, b ${type})`);
  const { rejected } = await loaded(
    ['a', 'b'],
    [
      ['', 'y'],
      ['x', 'y'],
    ],
  );
  expect(rejected.map(({ column_name }) => column_name)).toEqual([column]);
});

it('NULL that a domain refuses, and a computed column: the column', async () => {
  await db.pool.query(`create domain "Sales".code as text constraint filled check (value is not null);
    create table "Sales".t (a "Sales".code, b int, c int generated always as (b + 1) stored not null)`);
  const { rejected } = await loaded(
    ['a', 'b'],
    [
      ['x', '1'],
      ['', '1'],
      ['x', ''],
    ],
  );
  expect(rejected.map(({ message }) => message)).toEqual([
    'a: PostgreSQL refused the row (filled): value for domain "Sales".code violates check constraint "filled"',
    'c: PostgreSQL refused the row (SQLSTATE 23502): null value in column "c" of relation "t" violates not-null constraint',
  ]);
});

it('a row that a trigger drops leaves nothing in other tables', async () => {
  await db.pool.query(`create table "Sales".t (a int); create table "Sales".other (a int);
    create function "Sales".f() returns trigger language plpgsql as $$ begin
      insert into "Sales".other values (new.a); if new.a = 2 then return null; end if; return new; end $$;
    create trigger f before insert on "Sales".t for each row execute function "Sales".f()`);
  const { rejected } = await loaded(['a'], [['1'], ['2'], ['3']]);
  expect(rejected.map(({ message }) => message)).toEqual([
    'a trigger or a rule of the table dropped the row',
  ]);
  expect((await db.pool.query('select a from "Sales".other order by a')).rows).toEqual([{ a: 1 }, { a: 3 }]);
});
