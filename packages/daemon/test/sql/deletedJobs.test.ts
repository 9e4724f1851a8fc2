import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sweep } from '../../src/retention.js';
import { deleteJob, reportsToGo } from '../../src/sql/deletedJobs.js';
import type { Db, Pool } from '../../src/sql/pool.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

/** A completed job with this many customers and rejects. */
async function jobWith(rows: number, rejects = rows): Promise<string> {
  const id = randomUUID();
  await database.pool.query(
    `insert into jobs (id, filename, size_bytes, sha256, status, processed_rows, success_count, failed_count)
     values ($1, 'secret.csv', 1, repeat('a', 64), 'completed', $2::int + $3::int, $2, $3)`,
    [id, rows, rejects],
  );
  await database.pool.query(
    `insert into customers (job_id, row_number, name, email, company)
     select $1::uuid, n, 'N', n || '@' || $1::uuid, 'C' from generate_series(1, $2::int) n`,
    [id, rows],
  );
  await database.pool.query(
    `insert into job_errors (job_id, row_number, line, code, message, row)
     select $1::uuid, n, n, 'required', '', '{}' from generate_series(1, $2::int) n`,
    [id, rejects],
  );
  return id;
}

const count = async (table: string) =>
  (await database.pool.query<{ n: number }>(`select count(*)::int as n from ${table}`)).rows[0]!.n;

/** Pages of the database that a statement reads. */
async function pagesOf(work: (db: Db) => Promise<unknown>): Promise<number> {
  let pages = 0;
  const explaining = {
    connect: async () => ({ ...explaining, release: () => {} }),
    query: async (text: string, values: unknown[]) => {
      if (/^(begin|commit)$/.test(text)) return {};
      const { rows } = await database.pool.query(`explain (analyze, buffers, format json) ${text}`, values);
      const { Plan: plan } = rows[0]['QUERY PLAN'][0];
      pages += plan['Shared Hit Blocks'] + plan['Shared Read Blocks'];
      return { rows: [], rowCount: text.startsWith('update jobs set') ? 1 : 0 };
    },
  };
  await work(explaining as unknown as Db);
  return pages;
}

test('deleting a job reads none of its customers, however many there are', async () => {
  const id = await jobWith(20_000, 0);
  // The customers table alone has some 250 pages.
  expect(await pagesOf((db) => deleteJob(db as Pool, id))).toBeLessThan(60);
  expect(await count('customers')).toBe(20_000);
});

test('a report of more than one portion is deleted completely', async () => {
  const id = await jobWith(0, 50_001);
  expect(await deleteJob(database.pool, id)).toBe(true);
  expect(await count('job_errors')).toBe(0);
  expect(await deleteJob(database.pool, id)).toBe(false);
});

test('a deletion removes the rejects of its job only', async () => {
  const other = await jobWith(0, 3);
  const id = await jobWith(2, 3);
  await database.pool.query(
    'update jobs set skipped_count = 4, processed_rows = processed_rows + 4 where id = any($1)',
    [[id, other]],
  );
  expect(await deleteJob(database.pool, id)).toBe(true);
  const { rows } = await database.pool.query('select job_id, row_number from job_errors order by row_number');
  expect(rows).toEqual([1, 2, 3].map((row_number) => ({ job_id: other, row_number })));
  const counts = `select success_count as loaded, failed_count as rejected, skipped_count as skipped, processed_rows as processed
    from jobs where id = $1`;
  expect((await database.pool.query(counts, [id])).rows).toEqual([
    { loaded: 2, rejected: 0, skipped: 4, processed: 6 },
  ]);
  expect((await database.pool.query(counts, [other])).rows).toEqual([
    { loaded: 0, rejected: 3, skipped: 4, processed: 7 },
  ]);
  // It is not deleted, so no sweep takes its report for one that was left behind.
  expect(await reportsToGo(database.pool)).toEqual([]);
  await deleteJob(database.pool, other);
});

/** What stays of a deleted job: what customers, chains of fixes, the undo and the webhooks refer to, times and counts. */
const KEPT = [
  ...['id', 'status', 'mode', 'target_table', 'parent', 'dry_run', 'small', 'worker_level', 'claimed_level'],
  ...['created_at', 'started_at', 'completed_at', 'phase_since', 'queued_ms', 'reading_ms', 'loading_ms'],
  ...['total_rows', 'processed_rows', 'success_count', 'updated_count', 'unchanged_count', 'skipped_count'],
  ...['removed_count', 'attempt', 'failures', 'byte_offset', 'line', 'undone_at', 'undone_by'],
  ...['undo_swept_at', 'held_until', 'held_answer', 'held_answer_at', 'held_answer_by'],
];

test('a deletion removes the undo data of its job only', async () => {
  const [id, other] = [await jobWith(1, 0), await jobWith(1, 0)];
  await database.pool.query(
    `with ids as (insert into job_transactions (job_id, xid, inserted, updated, database) select unnest($1::uuid[]), 1, 1, 1, 1)
     insert into job_journal (job_id, was, key_columns, before) select unnest($1::uuid[]), '{1}', '{a}', '{(1)}'`,
    [[id, other]],
  );
  await deleteJob(database.pool, id);
  for (const table of ['job_transactions', 'job_journal']) {
    const { rows } = await database.pool.query(`select job_id from ${table}`);
    expect(rows).toEqual([{ job_id: other }]);
  }
  await deleteJob(database.pool, other);
});

test('nothing of a file, its table or its rows stays in the row of a deleted job', async () => {
  const [id, empty] = [await jobWith(1, 1), await jobWith(0, 0)];
  const { rows: columns } = await database.pool.query<{ name: string; value: string }>(
    `select column_name as name, case data_type when 'text' then 'Content' when 'json' then '[{"a":"Content"}]'
       when 'jsonb' then '["Content"]' end as value
     from information_schema.columns where table_schema = current_schema() and table_name = 'jobs'`,
  );
  const content = columns.filter(({ name }) => !KEPT.includes(name));
  const filled = content.filter(({ value }) => value !== null);
  await database.pool.query(
    `update jobs set ${filled.map(({ name }, index) => `${name} = $${index + 2}`)}, size_bytes = 7 where id = $1`,
    [id, ...filled.map(({ name, value }) => (name === 'reasons' ? '{"Content":1}' : value))],
  );
  await deleteJob(database.pool, id);
  const { rows } = await database.pool.query(
    `select ${content.map(({ name }) => name)} from jobs where id = any($1) order by id = $2`,
    [[id, empty], id],
  );
  expect(rows[1]).toEqual({
    ...rows[0],
    ...{ filename: '', sha256: '0'.repeat(64), size_bytes: 0, deleted_at: expect.any(Date) },
  });
});

test('a deletion interrupted in the middle of a report is continued by the next sweep', async () => {
  const id = await jobWith(10, 1);
  const dying = {
    query: (text: string, values: unknown[]) => {
      if (text.includes('delete from job_errors')) throw new Error('ended here');
      return database.pool.query(text, values);
    },
  } as unknown as Pool;
  await expect(deleteJob(dying, id)).rejects.toThrow('ended here');
  expect(await reportsToGo(database.pool)).toEqual([id]);
  const storage = { list: async () => [], remove: async () => {} };
  await sweep(database.pool, storage, { filesMs: undefined, jobsMs: undefined, undoMs: undefined });
  expect(await count('job_errors')).toBe(0);
  expect(await reportsToGo(database.pool)).toEqual([]);
});

test('a job with an idempotency key is not deleted, and a sweep skips it, while a transaction has rows that name it', async () => {
  const id = await jobWith(3, 0);
  const free = await jobWith(1, 0);
  await database.pool.query(
    `update jobs set idempotency_key = id::text, completed_at = now() - interval '1 day' where id in ($1, $2)`,
    [id, free],
  );
  const other = await database.pool.connect();
  await other.query(
    `begin; insert into customers (job_id, row_number, name, email, company) values ('${id}', 9, 'N', 'n@n.example', 'C')`,
  );
  await expect(deleteJob(database.pool, id)).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining(id),
  });
  const storage = { list: async () => [], remove: async () => {} };
  const swept = await sweep(database.pool, storage, { filesMs: undefined, jobsMs: 1000, undoMs: undefined });
  expect(swept.jobs).toBe(1);
  await other.query('rollback');
  other.release();
  expect(await deleteJob(database.pool, id)).toBe(true);
});

test('another failure of the deletion is not taken for a lock', async () => {
  const id = await jobWith(0, 0);
  await database.pool.query('update jobs set idempotency_key = id::text where id = $1', [id]);
  await database.plain(`create function refuse() returns trigger language plpgsql as $$ begin raise 'no'; end $$;
    create trigger refuse before update on jobs for each row execute function refuse()`);
  await expect(deleteJob(database.pool, id)).rejects.toMatchObject({ code: 'P0001' });
  await database.plain('drop trigger refuse on jobs');
  expect(await deleteJob(database.pool, id)).toBe(true);
});
