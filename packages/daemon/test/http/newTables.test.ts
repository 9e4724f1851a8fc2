/** Admins create tables from validated definitions, and existing objects stay untouched. */
import { createdTableSchema, createdTokenSchema, paths, quoteTableName } from '@csvjobs/shared';
import { afterAll, beforeAll, describe, expect, it, test, vi } from 'vitest';
import { createAccess } from '../../src/access/access.js';
import { connect, createPool } from '../../src/sql/pool.js';
import { readTarget } from '../../src/sql/target/catalog.js';
import { type Harness, problemFrom, startHarness } from './harness.js';

const ROOT = 'the-token-in-the-environment';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
  await harness.pool.query('create schema sales');
});
afterAll(() => harness.stop());

const post = (body: unknown, { url } = harness, headers: Record<string, string> = {}) =>
  fetch(url + paths.tables, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

const COLUMNS = [
  { name: 'id', type: 'bigint' },
  { name: 'note', type: 'text' },
];

test('a table is created with its types, its key and the requested name', async () => {
  const response = await post({ table: 'Sales.Orders', columns: COLUMNS, key: ['id'] });
  expect(response.status).toBe(201);
  expect(createdTableSchema.parse(await response.json())).toEqual({
    table: { schema: 'sales', name: 'orders' },
  });
  const target = (await readTarget(harness.pool, { schema: 'sales', name: 'orders' }))!;
  expect(target.columns.map(({ name, type, notNull }) => [name, type.sql, notNull])).toEqual([
    ['id', 'bigint', true],
    ['note', 'text', false],
  ]);
  expect(target.keys.map(({ primary, columns }) => [primary, columns])).toEqual([[true, ['id']]]);
  const line = harness.logged().find(({ msg }) => msg === 'table created');
  expect(line).toMatchObject({ level: 'info', table: { schema: 'sales', name: 'orders' }, columns: 2 });
});

test('without a schema it goes to public, whatever the search_path; quoted names are exact', async () => {
  const plain = await post({ table: 'plain', columns: COLUMNS });
  expect(createdTableSchema.parse(await plain.json()).table).toEqual({ schema: 'public', name: 'plain' });
  await harness.pool.query('create schema "Sales"');
  const quoted = await post({ table: '"Sales"."Order ""Lines"""', columns: COLUMNS });
  expect(createdTableSchema.parse(await quoted.json()).table).toEqual({
    schema: 'Sales',
    name: 'Order "Lines"',
  });
});

test('1,600 columns with the longest names are accepted', async () => {
  const columns = Array.from({ length: 1_600 }, (_, at) => ({
    name: `${'ü'.repeat(29)}_${String(at).padStart(4, '0')}`,
    type: 'double precision',
  }));
  expect((await post({ table: 'sales.wide', columns })).status).toBe(201);
  expect((await readTarget(harness.pool, { schema: 'sales', name: 'wide' }))?.columns.length).toBe(1_600);
});

describe('refused', () => {
  it('any existing object of that name, with the next command', async () => {
    await harness.pool.query(`create view sales.a_view as select 1; create type sales.a_type as enum ('x');
      create sequence sales.a_sequence`);
    await post({ table: 'sales.there', columns: COLUMNS });
    for (const name of ['there', 'a_view', 'a_type', 'a_sequence']) {
      const problem = await problemFrom(await post({ table: `sales.${name}`, columns: COLUMNS }));
      expect(problem).toMatchObject({ code: 'table_exists', status: 409 });
      expect(problem.detail).toBe(`sales.${name} exists already; csvjobs describe sales.${name} shows it`);
    }
  });

  it('one of two simultaneous requests', async () => {
    for (let round = 0; round < 5; round++) {
      const table = `sales.race_${round}`;
      const answers = await Promise.all([1, 2, 3].map(() => post({ table, columns: COLUMNS, key: ['id'] })));
      expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
    }
  });

  it('a table that another transaction has just created, once that is committed', async () => {
    const other = await connect(harness.database, 'test');
    try {
      await other.query('begin; create table sales.late (id int)');
      const { rows } = await other.query<{ pid: number }>('select pg_backend_pid() as pid');
      const answer = post({ table: 'sales.late', columns: COLUMNS });
      await vi.waitFor(async () => {
        const waiting = 'select from pg_stat_activity where $1 = any (pg_blocking_pids(pid))';
        expect((await harness.pool.query(waiting, [rows[0]!.pid])).rowCount).toBe(1);
      });
      await other.query('commit');
      expect(await problemFrom(await answer)).toMatchObject({ code: 'table_exists', status: 409 });
    } finally {
      await other.end();
    }
  });

  it('a missing schema, with the statement that creates it', async () => {
    const problem = await problemFrom(await post({ table: '"No""thing".t', columns: COLUMNS }));
    expect(problem).toMatchObject({ code: 'schema_not_found', status: 404 });
    expect(problem.detail).toContain('create schema "No""thing";');
  });

  it.each([
    'jobs',
    'public.JOBS',
    'public.api_tokens',
    'pgmigrations',
    'pg_catalog.t',
    'information_schema.t',
    'pg_toast.x',
  ])('%s: a table of csvjobs or of PostgreSQL', async (table) => {
    const problem = await problemFrom(await post({ table, columns: COLUMNS }));
    expect(problem).toMatchObject({ code: 'table_not_allowed', status: 403 });
  });

  it('but not a table of the same name in another schema', async () => {
    expect((await post({ table: 'sales.jobs', columns: COLUMNS })).status).toBe(201);
    expect(await problemFrom(await post({ table: 'customers', columns: COLUMNS }))).toMatchObject({
      code: 'table_exists',
    });
  });

  it('anything that the database role may not do, with the GRANT statement', async () => {
    await harness.pool.query(`create role modest login; grant usage on schema sales to modest;
      grant select on all tables in schema public to modest`);
    const pool = createPool({ ...harness.database, user: 'modest' }, () => {});
    const modest = await startHarness({ deps: { pool } });
    const problem = await problemFrom(await post({ table: 'sales.mine', columns: COLUMNS }, modest));
    expect(problem).toMatchObject({ code: 'table_no_rights', status: 422 });
    const grant = 'grant create on schema "sales" to "modest"';
    expect(problem.detail).toContain(grant);
    await harness.pool.query(grant);
    expect((await post({ table: 'sales.mine', columns: COLUMNS }, modest)).status).toBe(201);
    await modest.stop();
    await pool.end();
    await harness.pool.query('drop owned by modest; drop role modest');
  });

  it('anything that an event trigger of the database refuses, in its words', async () => {
    await harness.pool.query(`create function no_tables() returns event_trigger language plpgsql as
      $$ begin raise exception 'ask the DBA first'; end $$;
      create event trigger no_tables on ddl_command_start when tag in ('CREATE TABLE') execute function no_tables()`);
    const problem = await problemFrom(await post({ table: 'sales.asked', columns: COLUMNS }));
    await harness.pool.query('drop event trigger no_tables; drop function no_tables()');
    expect(problem).toMatchObject({ code: 'table_no_rights' });
    expect(problem.detail).toContain('ask the DBA first');
  });

  it('but not for a right if the database only cannot at the moment', async () => {
    await harness.pool.query(`create function too_many() returns event_trigger language plpgsql as
      $$ begin raise exception 'too many connections' using errcode = 'too_many_connections'; end $$;
      create event trigger too_many on ddl_command_start when tag in ('CREATE TABLE') execute function too_many()`);
    const problem = await problemFrom(await post({ table: 'sales.later', columns: COLUMNS }));
    await harness.pool.query('drop event trigger too_many; drop function too_many()');
    expect(problem).toMatchObject({ code: 'unavailable', status: 503 });
  });

  it.each([
    ['no columns', { table: 't', columns: [] }],
    [
      'too many columns',
      { table: 't', columns: Array.from({ length: 1_601 }, (_, at) => ({ name: `c${at}`, type: 'text' })) },
    ],
    ['a duplicate name', { table: 't', columns: [COLUMNS[0], COLUMNS[0]] }],
    ['a system column', { table: 't', columns: [{ name: 'ctid', type: 'text' }] }],
    ['an empty name', { table: 't', columns: [{ name: '', type: 'text' }] }],
    ['a name that would be truncated', { table: 't', columns: [{ name: 'ü'.repeat(32), type: 'text' }] }],
    ['a NUL', { table: 't', columns: [{ name: 'a\0b', type: 'text' }] }],
    ['a lone surrogate', '{"table":"t","columns":[{"name":"\\ud800","type":"text"}]}'],
    ['an unknown type', { table: 't', columns: [{ name: 'a', type: 'text; drop table jobs' }] }],
    ['a type that is not allowed', { table: 't', columns: [{ name: 'a', type: 'serial' }] }],
    ['a statement', { table: 't', columns: COLUMNS, ddl: 'create table t ()' }],
    ['a key that is not a column', { table: 't', columns: COLUMNS, key: ['x'] }],
    ['a key with a duplicate column', { table: 't', columns: COLUMNS, key: ['id', 'id'] }],
    ['three parts', { table: 'a.b.c', columns: COLUMNS }],
    ['no table', { table: '', columns: COLUMNS }],
    ['a long table name', { table: 'x'.repeat(64), columns: COLUMNS }],
    ['invalid JSON', 'create table t ()'],
    ['too large', JSON.stringify({ table: 't', columns: COLUMNS, more: ' '.repeat(1_100_000) })],
  ])('%s', async (_name, body) => {
    expect(await problemFrom(await post(body))).toMatchObject({ code: 'bad_request', status: 400 });
  });
});

test('names that contain SQL stay names', async () => {
  const evil = `x"; drop table public.customers; --`;
  const columns = [
    { name: `id"); drop table public.customers; --`, type: 'text' },
    { name: `'; drop table public.customers; --`, type: 'jsonb' },
    { name: `$1`, type: 'uuid' },
    { name: '\\', type: 'date' },
    { name: `a\nb`, type: 'time' },
  ];
  const table = `sales."${evil.replaceAll('"', '""')}"`;
  const response = await post({ table, columns, key: [columns[0]!.name] });
  expect(response.status).toBe(201);
  const found = await readTarget(harness.pool, { schema: 'sales', name: evil });
  expect(found?.columns.map(({ name }) => name)).toEqual(columns.map(({ name }) => name));
  expect(quoteTableName(found!.table)).toContain('"x""; drop');
  await harness.pool.query('select from public.customers');
});

test('only an admin may', async () => {
  const { pool } = harness;
  const locked = await startHarness({
    deps: {
      pool,
      access: createAccess({ pool, known: [{ name: 'API_TOKEN', token: ROOT }], anonymous: 'never' }),
    },
  });
  const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });
  const tokenOf = async (scope: string) => {
    const made = await fetch(locked.url + paths.tokens, {
      method: 'POST',
      headers: { ...bearer(ROOT), 'Content-Type': 'application/json' },
      body: JSON.stringify({ name: scope, scope }),
    });
    return createdTokenSchema.parse(await made.json()).token;
  };
  const body = { table: 'sales.guarded', columns: COLUMNS };
  expect(await problemFrom(await post(body, locked))).toMatchObject({ code: 'unauthorised' });
  for (const scope of ['read', 'write']) {
    const problem = await problemFrom(await post(body, locked, bearer(await tokenOf(scope))));
    expect(problem).toMatchObject({ code: 'forbidden', status: 403 });
  }
  expect((await post(body, locked, bearer(await tokenOf('admin')))).status).toBe(201);
  await locked.stop();
});
