/** Dry runs that can be loaded, and the notice of a load whose outcome is not that of its dry run. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { findDryRun, noteDifference } from '../../src/sql/dryRuns.js';
import { insertJobRow } from '../support/jobRow.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';

let db: TestDatabase;
beforeAll(async () => {
  db = await createDatabase();
});
beforeEach(() => db.pool.query('truncate jobs cascade'));
afterAll(() => db.drop());

const COUNTS = {
  ...{ success_count: 5, updated_count: 2, unchanged_count: 1, skipped_count: 3, failed_count: 2 },
  ...{ processed_rows: 10, removed_count: 4, reasons: { 'name is required': 2 } },
};

async function make(columns: object): Promise<string> {
  return insertJobRow(db.pool, { ...COUNTS, ...columns });
}

/** A dry run, a job that is about to complete, and another job that loads the same file. */
async function makeLoad(columns: object = {}) {
  const dryRun = await make({ status: 'completed', mode: { dryRun: true } });
  const load = { dry_run: dryRun, status: 'processing', attempt: 2 };
  return { dryRun, id: await make({ ...load, ...columns }), other: await make(load) };
}

const noticesOf = async (id: string) =>
  (await db.pool.query<{ notices: string[] }>('select notices from jobs where id = $1', [id])).rows[0]!
    .notices;

test.each<[object, string, string]>([
  [
    { success_count: 4, failed_count: 3, reasons: { 'name is required': 3 } },
    '5 good, 2 updated, 1 unchanged, 3 skipped, 4 removed, 2 rejected',
    '4 good, 2 updated, 1 unchanged, 3 skipped, 4 removed, 3 rejected',
  ],
  [{ updated_count: 3 }, '2 updated, 1 unchanged', '3 updated, 1 unchanged'],
  [{ unchanged_count: 0 }, '2 updated, 1 unchanged, 3', '2 updated, 3'],
  [{ success_count: 7, skipped_count: 1 }, '3 skipped', '1 skipped'],
  [{ removed_count: 5 }, '4 removed', '5 removed'],
  [{ reasons: { 'email is required': 2 } }, '2 rejected', '2 rejected'],
])('has the counts of both, if they differ in %o', async (columns, before, now) => {
  const { id, dryRun, other } = await makeLoad(columns);
  for (const _ of [1, 2]) await noteDifference(db.pool, id, 2);
  const notices = await noticesOf(id);
  expect(notices).toHaveLength(1);
  const [found, loaded] = notices[0]!.split(', and this load ');
  expect(found).toMatch(`the dry run ${dryRun} found 5 good, `);
  expect(found).toContain(before);
  expect(loaded).toContain(now);
  for (const each of [dryRun, other]) expect(await noticesOf(each)).toEqual([]);
});

test('is not written if all counts are the same, or by an attempt that does not have the job any more', async () => {
  const same = await makeLoad();
  await noteDifference(db.pool, same.id, 2);
  expect(await noticesOf(same.id)).toEqual([]);
  const { id } = await makeLoad({ removed_count: 9 });
  await noteDifference(db.pool, id, 1);
  expect(await noticesOf(id)).toEqual([]);
  const ended = await makeLoad({ removed_count: 9, status: 'cancelled' });
  await noteDifference(db.pool, ended.id, 2);
  expect(await noticesOf(ended.id)).toEqual([]);
});

test('is found with all that its load inherits', async () => {
  const inherited = {
    overrides: { delimiter: ';', leaveOut: ['note'] },
    origin: { address: 's3://in/f.csv', etag: '"1"', size: 3 },
    parent: await make({}),
  };
  const id = await make({ mode: { dryRun: true }, spec: { csvjobs: {} }, sha256: 'ab', ...inherited });
  expect(await findDryRun(db.pool, id)).toEqual({
    ...{ filename: 'f.csv', sizeBytes: 1, sha256: 'ab', mode: { dryRun: true } },
    ...{ into: { spec: { csvjobs: {} } }, ...inherited },
  });
});

test('is not written if the dry run was deleted, which cannot be loaded either', async () => {
  const { id, dryRun } = await makeLoad({ removed_count: 9 });
  expect(await findDryRun(db.pool, dryRun)).toMatchObject({ filename: 'f.csv', mode: { dryRun: true } });
  expect(await findDryRun(db.pool, id)).toBeNull();
  await db.pool.query('update jobs set deleted_at = now() where id = $1', [dryRun]);
  expect(await findDryRun(db.pool, dryRun)).toBeNull();
  await noteDifference(db.pool, id, 2);
  expect(await noticesOf(id)).toEqual([]);
});
