/** Which jobs count as fixes of a job's rejected records. How they are counted is in packages/shared (chainOf). */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deleteJob } from '../../src/sql/deletedJobs.js';
import { findChain, findFileKept } from '../../src/sql/jobFixes.js';
import { insertJobRow } from '../support/jobRow.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';

let db: TestDatabase;
beforeAll(async () => {
  db = await createDatabase();
});
afterAll(() => db.drop());

let minutes = 0;

/** Makes a job with this many loaded and rejected records. Each job is a minute younger than the one before. */
async function make(
  loaded: number,
  rejected: number,
  columns: Record<string, unknown> = {},
): Promise<string> {
  return insertJobRow(db.pool, {
    ...{ status: 'completed', header: 'name' },
    ...{ success_count: loaded, failed_count: rejected },
    ...{ total_rows: loaded + rejected, processed_rows: loaded + rejected },
    created_at: new Date(Date.UTC(2026, 0, 1, 0, minutes++)),
    ...columns,
  });
}

test('fixes of fixes count, from the oldest to the newest; a job without any has no chain', async () => {
  const parent = await make(90, 10);
  expect(await findChain(db.pool, parent)).toBeUndefined();
  const first = await make(4, 2, { parent });
  const again = await make(1, 1, { parent: first });
  const second = await make(3, 0, { parent });
  expect(await findChain(db.pool, parent)).toEqual({
    ...{ rows: 100, loaded: 90, fixed: 8, left: 1, leftOut: 1 },
    jobs: [first, second, again],
  });
  expect(await findChain(db.pool, first)).toMatchObject({ rows: 6, loaded: 4, fixed: 1, jobs: [again] });
});

test('a job that has put nothing into the table fixes nothing', async () => {
  const parent = await make(90, 10);
  await make(10, 0, { parent, mode: { dryRun: true } });
  await make(10, 0, { parent, mode: { atomic: true }, status: 'failed' });
  await make(10, 0, { parent, mode: { atomic: true, hold: true }, status: 'held' });
  expect(await findChain(db.pool, parent)).toBeUndefined();
  const atomic = await make(6, 0, { parent, mode: { atomic: true } });
  const stopped = await make(1, 0, { parent, status: 'cancelled' });
  expect(await findChain(db.pool, parent)).toMatchObject({ fixed: 7, jobs: [atomic, stopped] });
});

test('an undone fix fixes no records; an undone job still has its chain', async () => {
  const parent = await make(90, 10);
  const child = await make(10, 0, { parent, status: 'undone' });
  expect(await findChain(db.pool, parent)).toMatchObject({ fixed: 0, left: 10, jobs: [child] });
  const undone = await make(90, 10, { status: 'undone' });
  await make(10, 0, { parent: undone });
  expect(await findChain(db.pool, undone)).toMatchObject({ rows: 100, fixed: 10, left: 0 });
});

test('a deleted fix counts, because its rows are loaded; nothing about its file is known any more', async () => {
  const parent = await make(90, 10);
  const child = await make(10, 0, { parent });
  expect(await findFileKept(db.pool, child)).toMatchObject({ header: 'name' });
  await deleteJob(db.pool, child);
  expect(await findChain(db.pool, parent)).toMatchObject({ fixed: 10, left: 0, jobs: [child] });
  expect(await findFileKept(db.pool, child)).toBeNull();
});
