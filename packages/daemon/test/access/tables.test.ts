import { parseTablePatterns, type TableName } from '@csvjobs/shared';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTableAccess } from '../../src/access/tables.js';
import { OWN_TABLES } from '../../src/sql/databaseRights.js';
import { migrate } from '../../src/sql/migrate.js';
import { createPool } from '../../src/sql/pool.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

const table = (text: string): TableName => {
  const [schema, name] = text.split('.') as [string, string];
  return { schema, name };
};

/** Whether callers with these patterns may load into a table. */
async function may(
  text: string,
  targetTables: string | undefined,
  ownServer = false,
  tables: string | null = null,
) {
  const access = await openTableAccess(database.pool, { targetTables, ownServer });
  const caller = { tables: tables === null ? null : parseTablePatterns(tables) };
  return access.refusal(caller, table(text)) === undefined;
}

describe('without TARGET_TABLES', () => {
  it.each([
    ['public.customers', true, true],
    ['public.orders', true, false],
    ['public.Orders', true, false],
    ['shop.orders', false, false],
    ['shop.customers', false, false],
  ])('%s: on a private server %j, elsewhere %j', async (name, own, elsewhere) => {
    expect([await may(name, undefined, true), await may(name, undefined, false)]).toEqual([own, elsewhere]);
  });
});

describe('with TARGET_TABLES and a token’s patterns', () => {
  it.each([
    ['shop.orders', 'shop.*', null, true],
    ['shop.orders', 'shop.*,public.*', 'public.*', false],
    ['shop.orders', 'public.*', 'shop.*', false],
    ['shop.orders', '*.*', 'shop.*', true],
    ['public.customers', 'shop.*', null, false],
  ])('%s in %j for %j: %j', async (name, all, tables, expected) => {
    expect(await may(name, all, true, tables)).toBe(expected);
  });
});

describe('never, for any caller', () => {
  it.each([
    ...OWN_TABLES.map((name) => `public.${name}`),
    'pg_catalog.pg_class',
    'pg_toast.pg_toast_1',
    'pg_temp_3.x',
    'pg_toast_temp_3.x',
    'information_schema.tables',
  ])('%s', async (name) => {
    expect(await may(name, `*.*,public.jobs,public.api_tokens,"${name.replace('.', '"."')}"`, true)).toBe(
      false,
    );
  });

  it('includes all migrated tables but customers', async () => {
    const { rows } = await database.pool.query(
      `select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' and relname <> 'customers'`,
    );
    expect(rows.map(({ relname }) => relname).sort()).toEqual([...OWN_TABLES].sort());
  });

  it('but excludes tables of the same names in other schemas', async () => {
    expect(await may('shop.jobs', 'shop.*')).toBe(true);
  });
});

it('depends on the schema of csvjobs', async () => {
  const other = await createDatabase({ empty: true });
  try {
    await other.plain(
      `create schema loads; alter database ${other.connection.database} set search_path = loads`,
    );
    const { searchPath } = await migrate(other.connection);
    const pool = createPool({ ...other.connection, searchPath }, () => {});
    const access = await openTableAccess(pool, { targetTables: undefined, ownServer: false });
    const everything = await openTableAccess(pool, { targetTables: '*.*', ownServer: false });
    await pool.end();
    expect(access.home).toBe('loads');
    const all = { tables: null };
    expect(access.refusal(all, table('loads.customers'))).toBeUndefined();
    expect(access.refusal(all, table('public.customers'))).toBeDefined();
    expect(everything.refusal(all, table('loads.api_tokens'))).toBeDefined();
    expect(everything.refusal(all, table('public.api_tokens'))).toBeUndefined();
  } finally {
    await other.drop();
  }
});

it('never includes the tables of another csvjobs in another schema of the database', async () => {
  const { connection } = database;
  await migrate({ ...connection, schema: 'team' });
  expect(await may('team.api_tokens', '*.*')).toBe(false);
  expect(await may('team.pgmigrations', '*.*')).toBe(false);
  expect(await may('team.orders', '*.*')).toBe(true);
});
