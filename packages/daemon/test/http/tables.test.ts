/**
 * GET /api/tables and /api/tables/{table}: the tables a token may load into, under any name, with a
 * restricted role.
 */
import { randomBytes } from 'node:crypto';
import {
  createdTokenSchema,
  paths,
  readSpec,
  type TableDescription,
  tableDescriptionSchema,
  tableListSchema,
} from '@csvjobs/shared';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAccess } from '../../src/access/access.js';
import { openTableAccess } from '../../src/access/tables.js';
import { createPool } from '../../src/sql/pool.js';
import { createDatabase, onPlain, type TestDatabase } from '../support/postgres.js';
import { type Harness, problemFrom, startHarness } from './harness.js';

const ROOT = 'the-token-in-the-environment';
const role = `clerk_${randomBytes(6).toString('hex')}`;
const HOSTILE = `x"; drop table shop.orders; --`;
const LONGEST = 'ö'.repeat(31);

let database: TestDatabase;
let harness: Harness;
let shopOnly: string;

beforeAll(async () => {
  database = await createDatabase();
  await database.plain(`
    create role ${role} login;
    grant usage, create on schema public to ${role};
    grant all on all tables in schema public to ${role};
    create schema shop authorization ${role};
    create schema sales authorization ${role};
    create schema "Mixed" authorization ${role};
    create schema closed;
    create table closed.secrets (a int);
    create table shop.locked (a int);
    create materialized view shop.cached as select 1 as a;
    create sequence shop.numbers;
    -- PostgreSQL raises an error if it is asked whether these take rows.
    create foreign data wrapper no_handler;
    create server nowhere foreign data wrapper no_handler;
    create foreign table shop.broken (a int) server nowhere;
    create view shop.broken_view as select a from shop.broken;
    create view shop.broken_view_of_view as select a from shop.broken_view;
    grant all on shop.broken, shop.broken_view, shop.broken_view_of_view to ${role};
    set role ${role};
    create table public.notes (body text);
    create table shop.orders (
      id bigint generated always as identity primary key, customer int not null, code varchar(5) unique,
      total numeric(10,2) default 0, twice numeric generated always as (total * 2) stored);
    comment on column shop.orders.customer is 'who pays';
    create table shop.order_lines (order_id bigint references shop.orders, line int, primary key (line, order_id));
    create table sales.orders (a int);
    create table sales.returns (a int unique nulls not distinct, b int, unique (b));
    create table sales.parted (a int) partition by range (a);
    create table sales.parted_1 partition of sales.parted for values from (0) to (9);
    create view sales.plain as select a from sales.orders;
    create view sales.sums as select sum(a) as total from sales.orders;
    create table "Mixed"."Case" (a int);
    create table "Mixed"."case" (a int);
    create table "Mixed"."a/b%2F?#.c" (a int);
    create table "Mixed"."tab\there" (a int);
    create table "Mixed".${quoted(HOSTILE)} (a int);
    create table "Mixed".${quoted(LONGEST)} (a int);
    insert into shop.orders (customer) select generate_series(1, 100);
    reset role;
    analyze shop.orders;`);
  const pool = createPool({ ...database.connection, user: role }, () => {});
  const tables = await openTableAccess(pool, { targetTables: '*.*', ownServer: false });
  const access = createAccess({ pool, known: [{ name: 'API_TOKEN', token: ROOT }], anonymous: 'never' });
  harness = await startHarness({ deps: { pool, tables, access } });
  shopOnly = await tokenFor('shop.*');
  return () => pool.end();
});
afterAll(async () => {
  await harness.stop();
  await database.drop();
  // Roles are shared by all databases.
  const { database: _, ...server } = database.connection;
  await onPlain({ ...server, database: 'postgres' }, `drop role ${role}`);
});

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

const get = (path: string, token = ROOT) =>
  fetch(harness.url + path, { headers: { Authorization: `Bearer ${token}` } });
const ask = (name: string, token?: string) => get(paths.table(encodeURIComponent(name)), token);

async function tokenFor(...tables: string[]): Promise<string> {
  const response = await fetch(harness.url + paths.tokens, {
    method: 'POST',
    headers: { Authorization: `Bearer ${ROOT}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ name: `t${randomBytes(4).toString('hex')}`, tables }),
  });
  return createdTokenSchema.parse(await response.json()).token;
}

async function list(query = '', token?: string): Promise<string[]> {
  const response = await get(paths.tables + query, token);
  return tableListSchema.parse(await response.json()).map(({ schema, name }) => `${schema}.${name}`);
}

async function described(name: string, token?: string): Promise<TableDescription> {
  const response = await ask(name, token);
  expect(response.status, name).toBe(200);
  return tableDescriptionSchema.parse(await response.json());
}

const ALL = [
  `Mixed.Case`,
  `Mixed.a/b%2F?#.c`,
  'Mixed.case',
  'Mixed.tab\there',
  `Mixed.${HOSTILE}`,
  `Mixed.${LONGEST}`,
  'public.customers',
  'public.notes',
  'sales.orders',
  'sales.parted',
  'sales.plain',
  'sales.returns',
  'shop.order_lines',
  'shop.orders',
];

describe('the list', () => {
  it('has the tables the role may insert into, by schema and name: none of csvjobs or PostgreSQL, no partitions', async () => {
    expect(await list()).toEqual(ALL);
  });

  it('has kind, row estimate and key', async () => {
    const all = tableListSchema.parse(await (await get(paths.tables)).json());
    const of = (schema: string, name: string) =>
      all.find((each) => each.schema === schema && each.name === name);
    expect(of('shop', 'orders')).toEqual({
      schema: 'shop',
      name: 'orders',
      kind: 'table',
      rowEstimate: 100,
      key: ['id'],
    });
    expect(of('shop', 'order_lines')).toMatchObject({ rowEstimate: null, key: ['line', 'order_id'] });
    expect(of('sales', 'returns')).toMatchObject({ key: ['a'] });
    expect(of('sales', 'plain')).toMatchObject({ kind: 'view', rowEstimate: null, key: null });
    expect(of('sales', 'parted')).toMatchObject({ kind: 'partitioned table', rowEstimate: null });
  });

  it('is split into pages without gaps', async () => {
    const found: string[] = [];
    let path: string | undefined = `${paths.tables}?limit=3`;
    let pages = 0;
    while (path !== undefined) {
      const response: Response = await get(path);
      const page = tableListSchema.parse(await response.json());
      expect(page.length).toBeLessThanOrEqual(3);
      found.push(...page.map(({ schema, name }) => `${schema}.${name}`));
      path = /<(.*)>; rel="next"/.exec(response.headers.get('link') ?? '')?.[1];
      pages++;
    }
    expect(found).toEqual(ALL);
    expect(pages).toBe(5);
  });

  it('has only the tables that match the token’s patterns', async () => {
    expect(await list('', shopOnly)).toEqual(['shop.order_lines', 'shop.orders']);
    expect(await list('', await tokenFor('"Mixed"."Case"', 'public.*', 'pg_catalog.*'))).toEqual([
      'Mixed.Case',
      'public.customers',
      'public.notes',
    ]);
  });

  it.each(['limit=0', 'limit=1001', 'limit=x', 'cursor=x', 'cursor=%00'])('refuses ?%s', async (query) => {
    expect(await problemFrom(await get(`${paths.tables}?${query}`))).toMatchObject({ code: 'bad_request' });
  });
});

describe('a table', () => {
  it('is described as in PostgreSQL, with an equivalent spec', async () => {
    const found = await described('shop.orders');
    expect(found).toMatchObject({
      table: { schema: 'shop', name: 'orders' },
      kind: 'table',
      rowEstimate: 100,
    });
    expect(found.columns.map(({ name, insertable }) => [name, insertable])).toEqual([
      ['id', false],
      ['customer', true],
      ['code', true],
      ['total', true],
      ['twice', false],
    ]);
    expect(found.spec).toEqual({
      schema: {
        fields: [
          { name: 'customer', type: 'integer', description: 'who pays', constraints: { required: true } },
          { name: 'code', type: 'string', constraints: { maxLength: 5 } },
          { name: 'total', type: 'number' },
        ],
        uniqueKeys: [['code']],
      },
      csvjobs: { into: 'shop.orders' },
    });
    expect(() => readSpec(found.spec)).not.toThrow();
  });

  it.each([
    ['Shop.Orders', 'shop', 'orders'],
    ['NOTES', 'public', 'notes'],
    ['"shop"."orders"', 'shop', 'orders'],
    ['Mixed.Case', 'Mixed', 'Case'],
    ['Mixed.CASE', 'Mixed', 'case'],
    ['"Mixed"."a/b%2F?#.c"', 'Mixed', 'a/b%2F?#.c'],
    ['"Mixed"."tab\there"', 'Mixed', 'tab\there'],
    [`Mixed.${quoted(HOSTILE)}`, 'Mixed', HOSTILE],
    [`Mixed.${LONGEST}`, 'Mixed', LONGEST],
    ['sales.parted_1', 'sales', 'parted_1'],
    ['returns', 'sales', 'returns'],
    ['customers', 'public', 'customers'],
  ])('is found as %s', async (written, schema, name) => {
    expect((await described(written)).table).toEqual({ schema, name });
  });

  it('whose name several schemas share is ambiguous, with both names; tables outside the token do not count', async () => {
    expect(await problemFrom(await ask('orders'))).toMatchObject({
      code: 'table_ambiguous',
      detail: '"orders" may be sales.orders or shop.orders; name the schema too',
    });
    expect((await described('orders', shopOnly)).table).toEqual({ schema: 'shop', name: 'orders' });
  });

  it.each([
    ['shop.ordres', 'there is no table "shop.ordres"; did you mean shop.orders or sales.orders?'],
    ['Order Lines', 'there is no table "Order Lines"; did you mean shop.order_lines?'],
    ['custommers', 'there is no table "custommers"; did you mean public.customers?'],
    [
      'zzz',
      'there is no table "zzz"; csvjobs tables (GET /api/tables) lists those that may be loaded into, and csvjobs create-table <file> --into zzz creates one from a file',
    ],
    [HOSTILE.replace('"', "'"), expect.stringContaining('there is no table')],
    ["orders'; drop table shop.orders; --", expect.stringContaining('there is no table')],
    ['orders); delete from customers; --', expect.stringContaining('there is no table')],
    ['\u001b[2J', expect.stringContaining('there is no table')],
    ['x'.repeat(5_000), expect.stringContaining('there is no table')],
  ])('is not found: %j', async (name, detail) => {
    expect(await problemFrom(await ask(name))).toMatchObject({
      status: 404,
      code: 'table_not_found',
      detail,
    });
  });

  it.each(['a.b.c', '"', 'a..b', '""', 'a\0b', '"a"b', ' ', `${HOSTILE}.`, 'a.b; delete from c.d'])(
    'has an invalid name: %j',
    async (name) => {
      expect(await problemFrom(await ask(name))).toMatchObject({ code: 'table_name_invalid' });
    },
  );

  it('suggests only names that the token may see', async () => {
    expect(await problemFrom(await ask('retuns', shopOnly))).toMatchObject({
      code: 'table_not_allowed',
      detail: expect.stringMatching(
        /^this token is not for public\.retuns; .*; csvjobs tables \(GET \/api\/tables\) lists/,
      ),
    });
  });

  it('outside the token is refused by name, whether it exists or not', async () => {
    const answers = await Promise.all(
      ['sales.returns', 'sales.nothing'].map(async (name) => problemFrom(await ask(name, shopOnly))),
    );
    for (const [index, name] of ['sales.returns', 'sales.nothing'].entries()) {
      expect(answers[index]).toMatchObject({
        status: 403,
        code: 'table_not_allowed',
        detail: expect.stringContaining(`this token is not for ${name}`),
      });
    }
    // Without a schema, a name means a table of csvjobs' own schema, and has its answer; one in `sales` is not looked at.
    for (const name of ['returns', 'nothing', 'customers'])
      expect(await problemFrom(await ask(name, shopOnly))).toMatchObject({
        code: 'table_not_allowed',
        detail: expect.stringContaining(`this token is not for public.${name}`),
      });
    for (const name of ['ordrs', 'public.ordrs'])
      expect((await problemFrom(await ask(name, shopOnly))).code).toBe(
        name === 'ordrs' ? 'table_not_found' : 'table_not_allowed',
      );
  });

  it.each([
    ['jobs', 'table_not_allowed'],
    ['Jobs', 'table_not_allowed'],
    ['public.jobs', 'table_not_allowed'],
    ['public.api_tokens', 'table_not_allowed'],
    ['"public"."pgmigrations"', 'table_not_allowed'],
    ['pg_catalog.pg_class', 'table_not_allowed'],
    ['PG_TOAST.x', 'table_not_allowed'],
    ['pg_class', 'table_not_found'],
    ['information_schema.sql_features', 'table_not_allowed'],
  ])('of csvjobs or of PostgreSQL is always refused: %s', async (name, code) => {
    const token = await tokenFor('*.*', 'public.jobs', 'pg_catalog.pg_class');
    expect(await problemFrom(await ask(name))).toMatchObject({ code });
    expect(await problemFrom(await ask(name, token))).toMatchObject({ code });
  });

  it.each([
    ['shop.locked', 'table_no_rights', `grant insert on "shop"."locked" to "${role}"`],
    ['closed.secrets', 'table_no_rights', `grant usage on schema "closed" to "${role}"`],
    ['secrets', 'table_no_rights', `grant usage on schema "closed" to "${role}"`],
    ['sales.sums', 'table_takes_no_rows', 'sales.sums is a view that accepts no rows'],
    ['shop.cached', 'table_takes_no_rows', 'shop.cached is a materialized view'],
    ['shop.numbers', 'table_takes_no_rows', 'shop.numbers is a sequence'],
  ])('%s is refused with advice: %s', async (name, code, says) => {
    expect(await problemFrom(await ask(name))).toMatchObject({ code, detail: expect.stringContaining(says) });
  });
});

it('with SQL as its name ran no statement', async () => {
  expect(await list()).toEqual(ALL);
});
