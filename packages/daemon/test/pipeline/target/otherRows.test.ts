/**
 * Keys and references as PostgreSQL sees them, not as a query would: without the rows of inheritance children, without
 * regard to row security, and by periods. The result equals that of inserting record by record.
 */
import { randomBytes } from 'node:crypto';
import { beforeEach, expect, it } from 'vitest';
import { createPool } from '../../../src/sql/pool.js';
import type { TestDatabase } from '../../support/postgres.js';
import { TESTED_VERSION } from '../../support/versions.js';
import { openTestLoad } from '../support/testLoad.js';
import { expectCounters, insertEach, makeTargetJob, rejected, runToEnd, type TargetFile } from './support.js';

const { loading, db } = await openTestLoad();
beforeEach(async () => {
  await db.plain('drop schema if exists sales cascade; create schema sales');
});

const TABLE = { schema: 'sales', name: 't' };

/** Loads a file into the tables that `ddl` creates, and compares the table and the refused rows. */
async function loadsAsOneByOne(ddl: string, file: TargetFile, as: TestDatabase = db): Promise<string[]> {
  const make = () =>
    db.plain(`drop schema sales cascade; create schema sales; set search_path = sales, public; ${ddl}`);
  const tableNow = async () => (await db.plain('select t::text as row from only sales.t t order by 1')).rows;
  await make();
  const expected = { refused: await insertEach(as.pool, file), table: await tableNow() };
  await make();
  const id = await makeTargetJob(loading, as.pool, file);
  await runToEnd(loading, as, id, { lanes: 2 });
  expect({ refused: await rejected(as.pool, id), table: await tableNow() }).toEqual(expected);
  await expectCounters(as.pool, id, file.records.length, expected.refused.length);
  return expected.refused.map(({ rowNumber, why }) => `${rowNumber} ${why}`);
}

it('a key covers no rows of inheritance children', async () => {
  const ddl = `create table t (a int primary key, b int check (b < 9)); insert into t values (3, 1);
    create table child () inherits (t); insert into child values (1, 1), (2, 1)`;
  const records = [
    ['1', '1'],
    ['2', '9'],
    ['3', '2'],
    ['4', '1'],
  ];
  expect(await loadsAsOneByOne(ddl, { table: TABLE, header: ['a', 'b'], records })).toEqual([
    '2 23514',
    '3 23505',
  ]);
});

it('a foreign key references no rows of inheritance children', async () => {
  const ddl = `create table p (id int primary key); insert into p values (1);
    create table child () inherits (p); insert into child values (2);
    create table t (a int, b int constraint parent references p)`;
  const records = [
    ['1', '1'],
    ['2', '2'],
    ['3', '3'],
  ];
  expect(await loadsAsOneByOne(ddl, { table: TABLE, header: ['a', 'b'], records })).toEqual([
    '2 23503',
    '3 23503',
  ]);
  const { rows } = await db.pool.query(
    "select message from job_errors where message like '%(parent)' order by row_number desc",
  );
  expect(rows.map(({ message }) => message)).toEqual([
    'b: 3 is not in p.id (parent)',
    'b: 2 is not in p.id (parent)',
  ]);
});

it('a foreign key references the rows of partitions', async () => {
  const ddl = `create table p (id int primary key) partition by range (id);
    create table p1 partition of p for values from (1) to (9); insert into p values (1), (2);
    create table t (a int, b int references p)`;
  const records = [
    ['1', '1'],
    ['2', '2'],
    ['3', '3'],
  ];
  expect(await loadsAsOneByOne(ddl, { table: TABLE, header: ['a', 'b'], records })).toEqual(['3 23503']);
});

it.skipIf(TESTED_VERSION < 18)(
  'a foreign key with a PERIOD references rows that together cover it',
  async () => {
    const ddl = `create extension if not exists btree_gist schema public;
    create table p (id int, valid daterange, primary key (id, valid without overlaps));
    insert into p values (1, '[2024-01-01,2025-01-01)'), (2, '[2024-01-01,2024-06-01)'), (2, '[2024-06-01,2025-01-01)');
    create table t (a int, b int, during daterange, n int check (n > 0),
      constraint booked foreign key (b, period during) references p (id, period valid))`;
    const records = [
      ['1', '1', '[2024-02-01,2024-03-01)', '1'],
      ['2', '2', '[2024-05-01,2024-07-01)', '1'],
      ['3', '1', '[2023-05-01,2024-07-01)', '1'],
      ['4', '3', '[2024-05-01,2024-07-01)', '1'],
      ['5', '1', '[2024-02-01,2024-03-01)', '0'],
      ['6', '', '[2024-02-01,2024-03-01)', '1'],
      ['7', '1', '', '1'],
      ['8', '1', '[2023-05-01,2024-07-01)', '0'],
      ['9', '3', '[2024-05-01,2024-07-01)', '0'],
    ];
    const header = ['a', 'b', 'during', 'n'];
    expect(await loadsAsOneByOne(ddl, { table: TABLE, header, records })).toEqual([
      '3 23503',
      '4 23503',
      '5 23514',
      '8 23514',
      '9 23514',
    ]);
    const { rows } = await db.pool.query(
      `select (select array_agg(r ->> 'code') from jsonb_array_elements(reasons) r) as codes
       from job_errors where row_number in (8, 9) and row ? 'during'`,
    );
    expect(rows).toEqual(Array(2).fill({ codes: ['check_failed', 'foreign_key_missing'] }));
  },
);

it('a foreign key sees rows that row security hides from the role', async () => {
  const role = `role_${randomBytes(6).toString('hex')}`;
  await db.plain(`create role ${role} login; grant all on all tables in schema public to ${role}`);
  const connection = { ...db.connection, user: role };
  const modest = { ...db, connection, pool: createPool(connection, () => {}) };
  try {
    const ddl = `create table p (id int primary key); insert into p values (1), (2);
      alter table p enable row level security; create policy one on p using (id = 1);
      create table t (a int, b int references p);
      grant usage on schema sales to ${role}; grant select, insert on all tables in schema sales to ${role}`;
    const records = [
      ['1', '1'],
      ['2', '2'],
      ['3', '3'],
    ];
    expect(await loadsAsOneByOne(ddl, { table: TABLE, header: ['a', 'b'], records }, modest)).toEqual([
      '3 23503',
    ]);
  } finally {
    await modest.pool.end();
    await db.plain(`drop owned by ${role}; drop role ${role}`);
  }
});
