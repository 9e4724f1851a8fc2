/** Which jobs count as an earlier upload of the same file: those that have loaded rows of it, or may still. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { findEarlier } from '../../src/sql/earlierJob.js';
import { insertJobRow } from '../support/jobRow.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';

let db: TestDatabase;
beforeAll(async () => {
  db = await createDatabase();
});
beforeEach(() => db.pool.query('truncate jobs cascade'));
afterAll(() => db.drop());

const FILE = { sha256: 'ab', table: 'public.t' };
const ATOMIC = { atomic: true };

async function make(loaded: number, rejected: number, columns: object = {}): Promise<string> {
  return insertJobRow(db.pool, {
    ...{ sha256: FILE.sha256, target_table: FILE.table },
    ...{ success_count: loaded, failed_count: rejected, processed_rows: loaded + rejected },
    ...columns,
  });
}

const earlier = async (besides?: string) => (await findEarlier(db.pool, FILE, besides))?.jobId ?? null;

test.each<[boolean, string, number, number, object?]>([
  [true, 'pending', 0, 0],
  [true, 'processing', 0, 3],
  [true, 'held', 2, 1, ATOMIC],
  [true, 'completed', 2, 1],
  [true, 'completed', 0, 0],
  [false, 'completed', 0, 3],
  [true, 'failed', 2, 1],
  [true, 'cancelled', 2, 1],
  [false, 'failed', 0, 3],
  [false, 'cancelled', 0, 0],
  [false, 'failed', 2, 1, ATOMIC],
  [true, 'completed', 2, 1, ATOMIC],
  [false, 'undone', 2, 1],
  [false, 'completed', 2, 1, { dryRun: true }],
  [false, 'pending', 0, 0, { dryRun: true }],
])('%s: %s with %i rows and %i rejects %o', async (counts, status, loaded, rejected, mode = {}) => {
  const id = await make(loaded, rejected, { status, mode });
  expect(await earlier()).toBe(counts ? id : null);
});

test('the newest counts, but none that came after the job that asks, and no deleted one', async () => {
  const at = (day: number) => ({ status: 'completed', created_at: `2026-01-0${day}` });
  const [first, second, third] = [await make(1, 0, at(1)), await make(1, 0, at(2)), await make(1, 0, at(3))];
  await make(1, 0, { ...at(4), deleted_at: new Date() });
  await make(1, 0, { ...at(5), target_table: 'public.other' });
  await make(1, 0, { ...at(6), sha256: 'cd' });
  expect(await earlier()).toBe(third);
  expect(await earlier(randomUUID())).toBe(third);
  expect(await earlier(third)).toBe(second);
  expect(await earlier(second)).toBe(first);
  expect(await earlier(first)).toBeNull();
});
