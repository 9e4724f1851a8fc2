/** Which tables the lookups of an upload's spec may read. */
import { randomUUID } from 'node:crypto';
import { parseTablePatterns, readSpec } from '@csvjobs/shared';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTableAccess } from '../../../src/access/tables.js';
import { intoTable } from '../../../src/http/uploads/intoTable.js';
import { createPool } from '../../../src/sql/pool.js';
import { createDatabase, type TestDatabase } from '../../support/postgres.js';

const specOf = (table: string, value = 'id', by = 'name') =>
  readSpec({ csvjobs: { lookup: { orders_id: { table, value, by: { [by]: 'Name' } } } } });
let db: TestDatabase;
beforeAll(async () => {
  db = await createDatabase();
  await db.pool.query(`create schema sales; create schema crm; create schema old;
    create table sales.orders (id int primary key, placed date not null);
    create table crm.names (id int primary key, name text);
    create table crm.secrets (id int, name text); create table crm."Cities" (id int, name text);
    create table old.names (id int primary key, name text);
    create table crm.towns (id int primary key, name text);
    create table crm.pairs (id int, part int, name text, primary key (id, part));
    create table sales.visits (orders_id int references crm.names, n int references old.names,
      town int references crm.towns, foreign key (orders_id, n) references crm.pairs)`);
});
afterAll(() => db.drop());

const spec = async (patterns: string | null, given: ReturnType<typeof specOf>) => {
  const tables = await openTableAccess(db.pool, { targetTables: '*.*', ownServer: false });
  const caller = { tables: patterns === null ? null : parseTablePatterns(patterns) };
  return (await intoTable({ pool: db.pool, tables }, caller, 'sales.visits', given))!.spec!.csvjobs!.lookup!
    .orders_id!.table;
};

test.each([
  ['referenced by a foreign key of the column', 'sales.*', specOf('names')],
  ['among the token’s tables', 'sales.*,crm.*', specOf('crm.secrets')],
  ['that the daemon may load into, for a token without tables', null, specOf('CRM.Secrets')],
])('may be one %s', async (_, patterns, given) => {
  expect(await spec(patterns, given)).toMatch(/^crm\.(names|secrets)$/);
});

test.each([
  [
    'outside the token',
    'sales.*',
    specOf('crm.secrets'),
    'table_not_allowed',
    'this token is not for crm.secrets',
  ],
  [
    'for a value without a foreign key',
    'sales.*',
    specOf('crm.names', 'name'),
    'table_not_allowed',
    'not for crm.names',
  ],
  [
    'that another column references',
    'sales.*',
    specOf('crm.towns'),
    'table_not_allowed',
    'not for crm.towns',
  ],
  [
    'that the column references together with another column',
    'sales.*',
    specOf('crm.pairs'),
    'table_not_allowed',
    'not for crm.pairs',
  ],
  [
    'that another column references, with the name of one in another schema',
    'sales.*',
    specOf('old.names'),
    'spec_mismatch',
    'there is no table "old.names"; did you mean crm.names?',
  ],
  [
    'of PostgreSQL itself',
    null,
    specOf('pg_catalog.pg_authid'),
    'table_not_allowed',
    'a table of PostgreSQL itself',
  ],
  [
    'that does not exist',
    null,
    specOf('crm.nobody'),
    'spec_mismatch',
    'csvjobs.lookup of orders_id: there is no table "crm.nobody"',
  ],
  [
    'with small letters for capitals',
    null,
    specOf('cities'),
    'spec_mismatch',
    'csvjobs.lookup of orders_id: there is no table "cities"; did you mean crm."Cities"?',
  ],
  [
    'that is misspelt, and referenced by the column',
    'sales.*',
    specOf('crm."Names"'),
    'spec_mismatch',
    'did you mean crm.names?',
  ],
  [
    'that is misspelt, and outside the token',
    'sales.*',
    specOf('secret'),
    'table_not_allowed',
    'csvjobs tables (GET /api/tables) lists those',
  ],
  [
    'without the column',
    null,
    specOf('crm.secrets', 'id', 'nam'),
    'spec_mismatch',
    'has no column nam; it has id, name',
  ],
  [
    'that is being loaded',
    null,
    specOf('sales.visits', 'n', 'n'),
    'spec_mismatch',
    'is the table that is loaded',
  ],
  [
    'with a hostile name',
    null,
    specOf(`x'); drop table crm.names; --`),
    'spec_mismatch',
    'there is no table',
  ],
  [
    'with a hostile column',
    null,
    specOf('crm.names', `id") from x; --`),
    'spec_mismatch',
    'has no column id")',
  ],
])('may not be one %s', async (_, patterns, given, code, says) => {
  await expect(spec(patterns, given)).rejects.toMatchObject({
    code,
    message: expect.stringContaining(says),
  });
});

test('may not be one that the database role cannot read, until it is granted', async () => {
  const role = `look_${randomUUID().slice(0, 8)}`;
  await db.pool.query(`create role "${role}" login; grant usage on schema sales, crm, public to "${role}";
    grant insert on sales.visits to "${role}"`);
  const pool = createPool({ ...db.connection, user: role }, () => {});
  const tables = await openTableAccess(pool, { targetTables: '*.*', ownServer: false });
  const into = () => intoTable({ pool, tables }, { tables: null }, 'sales.visits', specOf('crm.names'));
  try {
    const grant = `grant select ("id", "name") on "crm"."names" to "${role}"`;
    await expect(into()).rejects.toMatchObject({
      code: 'table_no_rights',
      message: expect.stringContaining(`its owner can grant it: ${grant}; then upload the file again`),
    });
    await db.pool.query(grant);
    await into();
  } finally {
    await pool.end();
    await db.pool.query(`drop owned by "${role}"; drop role "${role}"`);
  }
});

test('a misspelt lookup table is suggested if the role may read it, even if it may not load into it', async () => {
  const role = `r_${randomUUID().slice(0, 8)}`;
  await db.pool.query(`create role ${role} login; grant select on jobs to ${role};
    create schema geo; create table geo."Lakes" (id int, name text); create materialized view geo.rivers as select 1 as id, '' as name;
    create table geo.hills (id int, name text);
    grant usage on schema sales, geo to ${role}; grant insert on sales.orders to ${role};
    grant select on geo."Lakes", geo.rivers to ${role}`);
  const pool = createPool({ ...db.connection, user: role }, () => {});
  const tables = await openTableAccess(pool, { targetTables: '*.*', ownServer: false });
  const messageFor = (table: string) => {
    const spec = readSpec({ csvjobs: { lookup: { id: { table, value: 'id', by: { name: 'Name' } } } } });
    return intoTable({ pool, tables }, { tables: null }, 'sales.orders', spec).catch(
      ({ message }: Error) => message,
    );
  };
  try {
    expect(await messageFor('lakes')).toBe(
      'csvjobs.lookup of id: there is no table "lakes"; did you mean geo."Lakes"?',
    );
    expect(await messageFor('geo."Rivers"')).toContain('did you mean geo.rivers?');
    expect(await messageFor('geo."Hills"')).not.toContain('did you mean');
    // A target must take rows.
    const target = intoTable({ pool, tables }, { tables: null }, 'lakes', undefined);
    expect(await target.catch(({ message }: Error) => message)).not.toContain('did you mean');
  } finally {
    await pool.end();
    await db.pool.query(`drop owned by ${role}; drop role ${role}`);
  }
});
