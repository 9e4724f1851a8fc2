/** What the catalog says of the types within a type. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDatabase, type TestDatabase } from '../../support/postgres.js';
import { type ReadTable, tableReader } from './tableReader.js';

let database: TestDatabase;
let target: ReadTable;
beforeAll(async () => {
  database = await createDatabase({ empty: true });
  target = tableReader(database);
});
afterAll(() => database.drop());

it('of arrays of a domain: the type under it, with its modifier', async () => {
  const found =
    await target(`create domain amount as numeric(10,2) check (value > 0); create domain price as amount;
    create domain mark as int[]; create table t (a amount[], b price[], c int[], d mark)`);
  const numeric = { name: 'numeric', system: true, typmod: ((10 << 16) | 2) + 4 };
  expect(found.columns.map(({ type }) => type.item)).toEqual([numeric, numeric, undefined, undefined]);
});

it('of arrays of an enum: its labels', async () => {
  const found = await target(
    `create type mood as enum ('sad', 'very happy'); create domain feeling as mood; create table t (a mood[], b feeling[], c mood)`,
  );
  const mood = { name: 'mood', system: false, typmod: -1, labels: ['sad', 'very happy'] };
  expect(found.columns.map(({ type }) => type.item)).toEqual([mood, mood, undefined]);
});

it('of composite types and arrays of them: their attributes', async () => {
  const found = await target(`create type pair0 as (x int); create domain amount as numeric(10,2);
    create type pair as (a amount, b varchar(3), c pair0);
    create domain pairs as pair; create table t (a pair, b pair[], c pairs, d pairs[])`);
  const attributes = [
    { name: 'numeric', system: true, typmod: ((10 << 16) | 2) + 4 },
    { name: 'varchar', system: true, typmod: 7 },
    {
      name: 'pair0',
      system: false,
      typmod: -1,
      attributes: [{ name: 'int4', system: true, typmod: -1 }],
    },
  ];
  expect(found.columns.map(({ type }) => type.attributes ?? type.item?.attributes)).toEqual(
    Array(4).fill(attributes),
  );
});

it('of row types of tables: the columns that they have; and none of a type that only looks like an array', async () => {
  const found =
    await target(`create table pair (a varchar(3)[], gone int, b point, c numeric(4,1)); alter table pair drop gone;
    create table t (a pair, b pair[], c pg_auth_members[])`);
  const attributes = [
    {
      name: '_varchar',
      system: true,
      typmod: 7,
      item: { name: 'varchar', system: true, typmod: 7 },
    },
    { name: 'point', system: true, typmod: -1 },
    { name: 'numeric', system: true, typmod: ((4 << 16) | 1) + 4 },
  ];
  const [a, b, c] = found.columns.map(({ type }) => type.attributes ?? type.item?.attributes);
  expect([a, b]).toEqual([attributes, attributes]);
  expect(c?.map(({ name }) => name)).toContain('oid');
});

it('of user-defined ranges: the type of their bounds, also within other types', async () => {
  const found =
    await target(`create domain amount as numeric(10,2); create type span as range (subtype = amount);
    create type pair as (x span, y amount[], z int4range);
    create table t (a span, b span_multirange, c span[], d pair, e int4range)`);
  const bound = { name: 'numeric', system: true, typmod: ((10 << 16) | 2) + 4 };
  const span = { name: 'span', system: false, typmod: -1, bound };
  expect(found.columns.map(({ type }) => [type.bound, type.item, type.attributes])).toEqual([
    [bound, undefined, undefined],
    [bound, undefined, undefined],
    [undefined, span, undefined],
    [
      undefined,
      undefined,
      [
        span,
        { name: '_amount', system: false, typmod: -1, item: bound },
        { name: 'int4range', system: true, typmod: -1 },
      ],
    ],
    [undefined, undefined, undefined],
  ]);
});

it('report whether values of a user-defined type contain points in time, at any depth', async () => {
  const found = await target(`create domain moment as timestamptz; create type span as (n int, since moment);
    create type nested as (parts span[]); create type stay as range (subtype = timestamptz);
    create schema other; create type other.timestamptz as enum ('now'); create type pair as (a timestamp, b date, c other.timestamptz);
    create table t (span span, nested nested, list span[], stay stay, stays stay_multirange, moment moment, pair pair, n int)`);
  const has = found.columns.filter(({ type }) => type.timesInside).map(({ name }) => name);
  expect(has).toEqual(['span', 'nested', 'list', 'stay', 'stays']);
});
