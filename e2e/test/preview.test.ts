/** A preview with the real command line and daemon: fast for a large file; and a dry run, a gate and an undo as in the README. */
import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OUTPUT_SCHEMAS } from '@csvjobs/shared';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LONG } from '../../packages/daemon/test/support/form.js';
import { csvjobs } from '../support/cli.js';
import { openPlace, type Place } from '../support/place.js';

let place: Place;
let url: string;
beforeAll(async () => {
  place = await openPlace();
  ({ url } = await place.start({ TARGET_TABLES: 'shop.*,public.customers' }));
  await place.database.pool.query(`create schema shop;
    create table shop.prices (id int generated always as identity primary key, sku text unique, price numeric(8,2) check (price < 1000), note text);
    insert into shop.prices (sku, price, note) values ('a1', 5, 'sale'), ('a2', 8, null)`);
});
afterAll(() => place.close());

const run = (...args: string[]) => csvjobs(url, ...args);
const FILE = 'sku,price,note\na1,6.00,\na2,8.00,\na3,9.50,new\na4,cheap,\n';

test('old and new values, errors in place, without any effect on the table', async () => {
  const file = join(place.folder, 'prices.csv');
  await writeFile(file, FILE);
  const options = ['--into', 'shop.prices', '--on-conflict', 'update', '--key', 'sku'];
  const shown = await run('preview', file, ...options);
  expect(shown.code).toBe(3);
  expect(shown.stdout).toMatch(/1 +updated +1 +a1 +5\.00 → 6\.00 +sale/);
  expect(shown.stdout).toMatch(/3 +inserted +generated +a3 +9\.50 +new/);
  expect(shown.stdout).toMatch(/✗ .*"cheap" is not a number/);
  const json = OUTPUT_SCHEMAS.preview!.schema.parse(
    JSON.parse((await run('preview', file, ...options, '--json')).stdout),
  );
  expect(json).toMatchObject({ exitCode: 3, counts: { inserted: 1, updated: 1, unchanged: 1, rejected: 1 } });
  expect(JSON.parse((await run('list', '--json')).stdout)).toEqual([]);
  const { rows } = await place.database.pool.query('select sku, price from shop.prices order by sku');
  expect(rows).toEqual([
    { sku: 'a1', price: '5.00' },
    { sku: 'a2', price: '8.00' },
  ]);
});

test('sends only the start of a 5 GB file', LONG, async () => {
  const file = join(place.folder, 'large.csv');
  const lines = Array.from({ length: 60_000 }, (_, at) => `b${at},1.00,"a note\nof two lines"\n`);
  await writeFile(file, `sku,price,note\n${lines.join('')}`);
  await truncate(file, 5_000_000_000);
  const shown = await run('preview', file, '--into', 'shop.prices', '--rows', '3');
  expect(shown).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/3 +inserted +generated +b2 +1\.00/),
  });
  expect(shown.stderr).toContain('the first 3 records');
  const customers = join(place.folder, 'customers.csv');
  await writeFile(customers, 'name,email,phone,company\nAnn,ann@x.example,,Acme\n');
  expect(await run('preview', customers)).toMatchObject({ code: 0, stdout: expect.stringContaining('Ann') });
});
