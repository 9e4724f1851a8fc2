/** A file replaces the content of its table while the daemon or PostgreSQL dies: the table has either the old or the new content. */
import type { SpecInput } from '@csvjobs/shared';
import { afterEach, expect, test } from 'vitest';
import { LONG } from '../../packages/daemon/test/support/form.js';
import { type Bench, type BenchOptions, openBench } from './support/bench.js';
import { completed, upload } from './support/client.js';
import type { LoadedTable } from './support/loadedTable.js';
import { storedJob } from './support/oracle.js';
import { until } from './support/until.js';

let bench: Bench;
afterEach(() => bench.finish());

const OLD = 1_000;
const FIRST = 501;
const RECORDS = 1_000;
/** Half of the old rows are removed, and as many are added; every tenth of the others changes. */
const lines = Array.from({ length: RECORDS }, (_, at) => {
  const k = FIRST + at;
  return `${k},${k % 10 === 0 ? 'new' : 'old'}`;
});
const bytes = Buffer.from(`k,b\n${lines.join('\n')}\n`);

async function open(options: BenchOptions): Promise<void> {
  bench = await openBench(options);
  expect(await bench.daemon({}, { args: ['migrate'] }).ended).toBe(0);
  await bench.pool.query(`create schema shop; create table shop.t (k int primary key, b text);
    insert into shop.t select i, 'old' from generate_series(1, ${OLD}) i`);
}

const send = (url: string, how: NonNullable<SpecInput['csvjobs']>) =>
  upload(url, {
    bytes,
    table: { into: 'shop.t' } as LoadedTable,
    spec: { csvjobs: { replace: true, maxRemoved: '50%', ...how } },
  });

async function content() {
  const { rows } = await bench.pool.query(
    `select min(k) as first, max(k) as last, count(*) as rows, count(*) filter (where b = 'new') as changed from shop.t`,
  );
  return rows[0];
}

const BEFORE = { first: 1, last: OLD, rows: OLD, changed: 0 };
const AFTER = { first: FIRST, last: FIRST + RECORDS - 1, rows: RECORDS, changed: 100 };

async function expectReplaced(url: string, id: string): Promise<void> {
  const job = await completed(url, id);
  expect(job.counts).toEqual({ inserted: 500, updated: 50, unchanged: 450, skipped: 0, removed: 500 });
  expect(await content()).toEqual(AFTER);
  await bench.pool.query('drop schema shop cascade');
}

// The last moment before the commit is more telling than one between two batches.
test('killed between two batches', LONG, () => killed('after-commit:3=kill'));
test('killed before the one commit', () => killed('before-whole-commit=kill'));
// The short form has this with a load in batches (crashes.test.ts).
test('killed behind it', LONG, () => killed('after-whole-commit=kill'));

async function killed(failpoints: string): Promise<void> {
  await open({ embeddedRedis: true });
  const doomed = bench.daemon({ CSVJOBS_FAILPOINTS: failpoints, BATCH_ROWS: '100' });
  const id = await send(await doomed.url(), {});
  expect(await doomed.ended).toBe('SIGKILL');
  expect(await content()).toEqual(failpoints.startsWith('after-whole') ? AFTER : BEFORE);
  await expectReplaced(await bench.daemon().url(), id);
}

// As with an atomic load (atomic.test.ts), which a replacement is.
test('PostgreSQL restarts in the middle', LONG, async () => {
  await open({ postgres: { synchronous_commit: 'on' } });
  const url = await bench.daemon({ BATCH_ROWS: '10' }).url();
  const id = await send(url, {});
  await until('some of it is done', async () => (await storedJob(bench.pool, id)).processed >= 100);
  await bench.postgresServer.kill();
  await bench.postgresServer.restart();
  const { status } = await storedJob(bench.pool, id);
  if (status === 'processing') expect(await content()).toEqual(BEFORE);
  await expectReplaced(url, id);
});
