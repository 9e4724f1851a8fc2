/** `csvjobs create-table --apply` against a real daemon: creates the table once, with its types. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { LONG } from '../../packages/daemon/test/support/form.js';
import { csvjobs } from '../support/cli.js';
import type { RunningDaemon } from '../support/daemon.js';
import { openPlace, type Place } from '../support/place.js';

let place: Place;
let daemon: RunningDaemon;
let file: string;

beforeAll(async () => {
  place = await openPlace();
  daemon = await place.start({ TARGET_TABLES: '*.*' });
  file = join(place.folder, 'orders.csv');
  await writeFile(file, 'Order ID,When,Größe\n1,2024-01-31T10:00Z,0123\n2,,5\n');
});
afterAll(() => place?.close());

const create = (...args: string[]) => csvjobs(daemon.url, 'create-table', file, ...args);

it('a missing schema, then a new table, then an existing one', async () => {
  const args = ['--into', 'Sales."My Orders"', '--key', 'order id', '--apply'];
  const missing = await create(...args);
  expect(missing.code).toBe(2);
  expect(missing.stderr).toContain('create schema "sales";');

  await place.database.pool.query('create schema sales');
  const made = await create(...args);
  expect(made.stderr).toContain(`Load it: csvjobs upload ${file} --into 'sales."My Orders"'`);
  expect(made.code).toBe(0);
  const { rows } = await place.database.pool.query(
    `select attname as name, format_type(atttypid, atttypmod) as type, attnotnull as filled
     from pg_attribute where attrelid = 'sales."My Orders"'::regclass and attnum > 0 order by attnum`,
  );
  expect(rows).toEqual([
    { name: 'order_id', type: 'integer', filled: true },
    { name: 'when', type: 'timestamp with time zone', filled: false },
    { name: 'grosse', type: 'text', filled: false },
  ]);

  const again = await create(...args);
  expect(again.code).toBe(2);
  expect(again.stderr).toContain(`csvjobs describe 'sales."My Orders"'`);
});

it('numbers with a decimal comma: the printed command loads them', async () => {
  const prices = join(place.folder, 'preise.csv');
  await writeFile(prices, 'sku;preis\na;2,50\nb;k.A.\nc;1234,5\n');
  const options = ['--into', 'public.preise', '--decimal', ',', '--null', 'k.A.', '--apply'];
  const made = await csvjobs(daemon.url, 'create-table', prices, ...options);
  const [, command = ''] = /Load it: csvjobs (.*)\n/.exec(made.stderr) ?? [];
  expect(command).toBe(`upload ${prices} --into public.preise --null k.A. --decimal ,`);
  const loaded = await csvjobs(daemon.url, ...command.split(' '), '--watch');
  expect(loaded).toMatchObject({ code: 0 });
  const { rows } = await place.database.pool.query('select sku, preis from preise order by sku');
  expect(rows).toEqual([
    { sku: 'a', preis: '2.50' },
    { sku: 'b', preis: null },
    { sku: 'c', preis: '1234.5' },
  ]);
});

it('headers that a load does not find: the printed command says which field is which', LONG, async () => {
  const long = 'x'.repeat(63);
  const file = join(place.folder, 'twice.csv');
  await writeFile(file, `id,name,name,,${long}1,${long}2,\n1,a,b,c,d,e,f\n`);
  const made = await csvjobs(daemon.url, 'create-table', file, '--into', 'public.twice', '--apply');
  const [, command = ''] = /Load it: csvjobs (.*)\n/.exec(made.stderr) ?? [];
  const loaded = await csvjobs(daemon.url, ...command.replaceAll("'", '').split(' '), '--watch');
  expect(loaded).toMatchObject({ code: 0 });
  const { rows } = await place.database.pool.query('select * from twice');
  expect(rows.map((row) => Object.values(row))).toEqual([[1, 'a', 'b', 'c', 'd', 'e', null]]);
});

it('a table of csvjobs itself: exit 4, nothing is changed', async () => {
  const { code, stderr } = await create('--into', 'jobs', '--apply');
  expect(stderr).toContain('is a table of csvjobs itself');
  expect(code).toBe(4);
});
