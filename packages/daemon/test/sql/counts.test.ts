/** What is counted of jobs: for monitoring, and what a replacement has removed. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { jobCounts, rejectCounts } from '../../src/sql/jobCounts.js';
import { insertedRows, noteRemoved } from '../../src/sql/jobRemoved.js';
import { insertJobRow } from '../support/jobRow.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import { rowOf } from './support/processing.js';

let db: TestDatabase;
beforeAll(async () => {
  db = await createDatabase();
});
beforeEach(() => db.pool.query('truncate jobs cascade'));
afterAll(() => db.drop());

async function make(columns: object): Promise<string> {
  return insertJobRow(db.pool, columns);
}

test('jobs by status, small ones that wait, and how long the oldest has waited; deleted ones do not count', async () => {
  expect(await jobCounts(db.pool)).toMatchObject({ byStatus: {}, smallPending: 0, oldestPendingSeconds: 0 });
  const ago = (hours: number) => ({ created_at: new Date(Date.now() - hours * 3_600_000) });
  await make({ status: 'pending', ...ago(2) });
  await make({ status: 'pending', small: true, ...ago(1) });
  await make({ status: 'processing', small: true, ...ago(3) });
  await make({ status: 'completed', ...ago(4) });
  await make({ status: 'completed', deleted_at: new Date() });
  const { byStatus, smallPending, oldestPendingSeconds } = await jobCounts(db.pool);
  expect(byStatus).toEqual({ pending: 2, processing: 1, completed: 1 });
  expect(smallPending).toBe(1);
  expect(Math.round(oldestPendingSeconds / 3_600)).toBe(2);
});

test('the rejects of a job by their code', async () => {
  const [id, other] = [await make({}), await make({})];
  for (const [job, row, code] of [
    [id, 1, 'required'],
    [id, 2, 'required'],
    [id, 3, 'duplicate'],
    [other, 1, 'required'],
  ])
    await db.pool.query(
      `insert into job_errors (job_id, row_number, line, code, message, row) values ($1, $2, 1, $3, '', '{}')`,
      [job, row, code],
    );
  expect(await rejectCounts(db.pool, id)).toEqual({ required: 2, duplicate: 1 });
});

test('removed rows are noted for the attempt that has the job only', async () => {
  const counts = { success_count: 9, updated_count: 4, unchanged_count: 2, processed_rows: 9 };
  const [id, other] = [
    await make({ status: 'processing', attempt: 2, ...counts }),
    await make({ status: 'processing', attempt: 2 }),
  ];
  const ended = await make({ status: 'cancelled', attempt: 2 });
  const removed = { removed: 3, first: [{ a: '1' }] };
  expect(await noteRemoved(db.pool, id, 1, removed)).toBe(false);
  expect(await noteRemoved(db.pool, ended, 2, removed)).toBe(false);
  expect(await noteRemoved(db.pool, id, 2, removed)).toBe(true);
  expect(await rowOf(db.pool, id)).toMatchObject({ removed_count: 3, removed_rows: [{ a: '1' }] });
  for (const each of [other, ended]) expect(await rowOf(db.pool, each)).toMatchObject({ removed_count: 0 });
  expect(await insertedRows(db.pool, id)).toBe(3);
});
