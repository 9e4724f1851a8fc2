/** The first rows that a held job shows before its commit: what it would change, and what it would add. */
import { expect, test } from 'vitest';
import { acceptHeld } from '../../src/sql/heldJobs.js';
import { makeTargetJob } from '../pipeline/target/support.js';
import {
  daemon,
  db,
  loading,
  PRICES,
  prices,
  reached,
  rowsIn,
  statusOf,
  useHeldPlace,
} from './support/heldPlace.js';

useHeldPlace();

test('changed rows old → new, and new rows, in their final state', async () => {
  const { work } = daemon();
  const id = await prices.make();
  await work(id);
  const { rows } = (await statusOf(id)).held!;
  expect(rows).toHaveLength(20);
  expect(rows[0]).toEqual({
    old: { sku: 'a1', price: '5.00', note: 'sale' },
    new: { sku: 'a1', price: '6.00', note: 'dearer' },
  });
  expect(Object.keys(rows[0]!.new)).toEqual(['sku', 'price', 'note']);
  expect(rows[1]).toEqual({ old: null, new: { sku: 'n0', price: '2.50', note: 'none' } });
  expect(new Set(rows.slice(1).map((row) => row.old))).toEqual(new Set([null]));
});

test('both kinds are shown if many rows change and a few are new; a row that is twice in the file has its last state', async () => {
  await db.plain(`insert into shop.prices select 'k' || n, 1, 'known' from generate_series(1, 100) n`);
  const { work } = daemon();
  const known = Array.from({ length: 100 }, (_, n) => [`k${n + 1}`, '3.00', '']);
  const records = [...known, ['z1', '1.00', ''], ['z1', '2.00', ''], ['k1', '4.00', ''], ['z2', '1.00', '']];
  const spec = { csvjobs: { mode: 'update' as const, hold: true } };
  const id = await makeTargetJob(loading, db.pool, { ...PRICES, records, spec });
  await work(id);
  const { rows } = (await statusOf(id)).held!;
  const fresh = rows.filter(({ old }) => old === null).map((row) => [row.new.sku, row.new.price]);
  expect(new Set(fresh)).toEqual(
    new Set([
      ['z1', '2.00'],
      ['z2', '1.00'],
    ]),
  );
  expect(rows).toHaveLength(20);
  expect(rows[0]).toEqual({
    old: { sku: 'k1', price: '1.00', note: 'known' },
    new: { sku: 'k1', price: '4.00', note: 'known' },
  });
});

test('long values are cut, and so is their total', async () => {
  const { work } = daemon();
  const records = Array.from({ length: 30 }, (_, n) => [`n${n}`, '1', 'ß'.repeat(300)]);
  const spec = { csvjobs: { hold: true } };
  const long = await makeTargetJob(loading, db.pool, { ...PRICES, records, spec });
  await work(long);
  const { rows } = (await statusOf(long)).held!;
  expect(rows).toHaveLength(20);
  expect(rows[0]!.new.note).toBe(`${'ß'.repeat(199)}…`);
  // 20 of its rows have more than 64 KiB.
  const columns = Array.from({ length: 80 }, (_, n) => `column_${n}_`.padEnd(60, 'x'));
  await db.plain(`create table shop.wide (id int, ${columns.map((name) => `${name} int`).join(', ')})`);
  const into = { table: { schema: 'shop', name: 'wide' }, header: ['id'] };
  const wide = await makeTargetJob(loading, db.pool, {
    ...into,
    records: records.map((_, n) => [String(n)]),
    spec,
  });
  await work(wide);
  const cut = (await statusOf(wide)).held!.rows;
  expect(cut.length).toBeGreaterThan(5);
  expect(cut.length).toBeLessThan(20);
  expect(Buffer.byteLength(JSON.stringify(cut))).toBeLessThan(64 * 1024);
});

test('rows are found in free space in the middle of the table, and in partitions', async () => {
  await db.plain(`
    insert into shop.prices select 'x' || n, 1, repeat('x', 500) from generate_series(1, 2000) n;
    delete from shop.prices where sku like 'x%' and sku <> 'x2000';
    create table shop.parts (id int, v text) partition by range (id);
    create table shop.parts_1 partition of shop.parts for values from (0) to (50);
    create table shop.parts_2 partition of shop.parts for values from (50) to (100)`);
  await db.plain('vacuum shop.prices');
  const { work } = daemon();
  const middle = await prices.make();
  await work(middle);
  expect((await statusOf(middle)).held!.rows.filter(({ old }) => old === null)).toHaveLength(19);
  const records = Array.from({ length: 100 }, (_, n) => [String(n), 'v']);
  const into = { table: { schema: 'shop', name: 'parts' }, header: ['id', 'v'], records };
  const parts = await makeTargetJob(loading, db.pool, { ...into, spec: { csvjobs: { hold: true } } });
  await work(parts);
  expect((await statusOf(parts)).held!.rows[0]).toEqual({ old: null, new: { id: '0', v: 'v' } });
});

test('a view has no first rows; the job is held anyway', async () => {
  await db.plain('create view shop.seen as select sku, price from shop.prices');
  const { work } = daemon();
  const into = {
    table: { schema: 'shop', name: 'seen' },
    header: ['sku', 'price'],
    records: [['v1', '3']],
  };
  const id = await makeTargetJob(loading, db.pool, { ...into, spec: { csvjobs: { hold: true } } });
  await work(id);
  expect(await statusOf(id)).toMatchObject({ status: 'held', held: { rows: [] } });
  await acceptHeld(db.pool, id, 'ci');
  await reached(id, 'completed');
  expect(await rowsIn('shop.prices')).toBe(4);
});
