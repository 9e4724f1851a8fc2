import { afterAll, beforeAll, expect, test } from 'vitest';
import { listJobs } from '../../src/sql/jobList.js';
import type { Db } from '../../src/sql/pool.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await createDatabase();
});

afterAll(() => database.drop());

async function fill(count: number): Promise<void> {
  await database.pool.query(
    `insert into jobs (id, filename, size_bytes, sha256, status, created_at)
     select gen_random_uuid(), 'f', 1, repeat('a', 64), case when n % 5000 = 0 then 'failed' else 'completed' end,
       timestamptz '2026-01-01' + n * interval '1 second' from generate_series(1, $1::int) n`,
    [count],
  );
  await database.plain('vacuum analyze jobs');
}

/** Pages of the database that a page of the list reads, by PostgreSQL's counters. */
async function pagesRead(options: Parameters<typeof listJobs>[1]): Promise<number> {
  let sql = '';
  let values: unknown[] = [];
  const recording = {
    query: (text: string, parameters: unknown[]) => {
      [sql, values] = [text, parameters];
      return database.pool.query(text, parameters);
    },
  } as unknown as Db;
  await listJobs(recording, options);
  const { rows } = await database.pool.query(`explain (analyze, buffers, format json) ${sql}`, values);
  const { Plan: plan } = rows[0]['QUERY PLAN'][0];
  return plan['Shared Hit Blocks'] + plan['Shared Read Blocks'];
}

test('a page of 100,000 jobs reads no more than one of a few hundred, at any position, even for a rare status', async () => {
  await fill(300);
  const few = await pagesRead({ tables: null, limit: 100 });
  await fill(100_000);
  const middle = { at: Date.UTC(2026, 0, 1, 12) * 1_000, id: '80000000-0000-4000-8000-000000000000' };
  // A few more levels of the index, and a page's worth of scattered heap pages.
  const bound = few + 60;
  expect(await pagesRead({ tables: null, limit: 100 })).toBeLessThan(bound);
  expect(await pagesRead({ tables: null, limit: 100, after: middle })).toBeLessThan(bound);
  expect(await pagesRead({ tables: null, limit: 100, status: ['failed'] })).toBeLessThan(bound);
  expect(
    await pagesRead({ tables: null, limit: 100, status: ['failed', 'cancelled'], after: middle }),
  ).toBeLessThan(bound);
});

test('nor if no statistics know of the rare status', async () => {
  await database.pool.query(`delete from jobs where status = 'failed'`);
  await database.plain('vacuum analyze jobs');
  await database.pool.query(
    `insert into jobs (id, filename, size_bytes, sha256, status, created_at)
     select gen_random_uuid(), 'f', 1, repeat('a', 64), 'failed', timestamptz '2026-01-01' + n * interval '1 hour'
     from generate_series(1, 20) n`,
  );
  expect(await pagesRead({ tables: null, limit: 100, status: ['failed'] })).toBeLessThan(60);
  expect(await pagesRead({ tables: null, limit: 100, status: ['cancelled', 'failed'] })).toBeLessThan(60);
});
