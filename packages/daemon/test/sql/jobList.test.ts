import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Cursor, listJobs, someEnded } from '../../src/sql/jobList.js';
import type { Db } from '../../src/sql/pool.js';
import { LONG } from '../support/form.js';
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

test.each<[string, string[]]>([
  ['along an index', []],
  ['without an index', ['indexscan', 'indexonlyscan', 'bitmapscan']],
])('%s, the pages have each job once, in order, also a status that is given twice', async (_, off) => {
  // Seven at a time have the same timestamp: the ID decides their order.
  const { rows: made } = await database.pool.query<{ id: string }>(
    `with made as (
       insert into jobs (id, filename, size_bytes, sha256, status, created_at)
       select gen_random_uuid(), 'f', 1, '', (array['failed', 'cancelled'])[n % 2 + 1], timestamptz '2026-01-01' + (n / 7) * interval '1 s'
       from generate_series(1, 60) n returning id, created_at)
     select id from made order by created_at desc, id desc`,
  );
  const client = await database.pool.connect();
  try {
    await client.query(`begin; ${off.map((way) => `set local enable_${way} = off;`).join(' ')}`);
    for (const status of [undefined, ['failed', 'cancelled', 'failed']] as const)
      for (const limit of [1, 4, 10, 60]) {
        const found: string[] = [];
        let after: Cursor | undefined;
        do {
          const { jobs, next } = await listJobs(client, { tables: null, limit, status, after });
          found.push(...jobs.map(({ id }) => id));
          after = next;
        } while (after);
        expect(found).toEqual(made.map(({ id }) => id));
      }
  } finally {
    await client.query('rollback');
    client.release();
  }
  await database.pool.query('delete from jobs');
});

test('a list has no rows of tables, no spec and no previews of rejects', async () => {
  await database.pool.query(
    `insert into jobs (id, filename, size_bytes, sha256, status, held_until, held_rows, removed_rows, spec, target, errors,
       processed_rows, failed_count)
     values (gen_random_uuid(), 'f', 1, '', 'held', now(), '[{"old":null,"new":{"a":"1"}}]', '[{"a":"2"}]', '{"csvjobs":{}}',
       '{"columns":[{"name":"a"}]}', '[{"row":{"a":"3"}}]', 1, 1)`,
  );
  const { jobs } = await listJobs(database.pool, { tables: null, limit: 10 });
  expect(jobs).toMatchObject([{ status: 'held', errors: [], held: { rows: [] } }]);
  expect(jobs[0]).not.toHaveProperty('removedRows');
  expect(jobs[0]).not.toHaveProperty('spec');
  await database.pool.query('delete from jobs');
});

test('deleted jobs take no place among those to be deleted', async () => {
  await database.pool.query(
    `insert into jobs (id, filename, size_bytes, sha256, status, completed_at, deleted_at)
     select gen_random_uuid(), n::text, 1, '', 'completed', now() - interval '2 hours', case when n > 1 then now() end
     from generate_series(1, 5) n`,
  );
  const { rows } = await database.pool.query<{ id: string }>(`select id from jobs where filename = '1'`);
  expect(await someEnded(database.pool, 3_600_000, 10)).toEqual([rows[0]!.id]);
  await database.pool.query('delete from jobs');
});

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

test('nor if no statistics know of the rare status', LONG, async () => {
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
