/** A claim: which jobs it gets, where they continue, and what is left of their earlier attempts. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { claimJob } from '../../src/sql/claimJob.js';
import { noteFailure } from '../../src/sql/jobProgress.js';
import { cancelJob } from '../../src/sql/jobs.js';
import type { Db } from '../../src/sql/pool.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import { processingJob, rowOf, waitingJob } from './support/processing.js';

let db: TestDatabase;
beforeAll(async () => {
  db = await createDatabase();
});
afterAll(() => db.drop());

/** What an attempt may have left in the job's row. */
const LEFT = {
  processed_rows: 10,
  success_count: 6,
  failed_count: 1,
  updated_count: 2,
  unchanged_count: 1,
  skipped_count: 3,
  removed_count: 4,
  removed_rows: [{ id: '1' }],
  byte_offset: 70,
  line: 8,
  errors: [{ rowNumber: 1, message: 'm', row: {} }],
  reasons: { m: 1 },
  assumed: { a: 1 },
  held_until: new Date('2026-11-01T10:00:00Z'),
  held_rows: [{ id: '1' }],
  held_answer: 'discarded',
  held_answer_at: new Date('2026-11-01T09:00:00Z'),
  held_answer_by: 'ann',
};

const NOTHING = {
  ...{ processed_rows: 0, success_count: 0, failed_count: 0, updated_count: 0, unchanged_count: 0 },
  ...{ skipped_count: 0, removed_count: 0, removed_rows: null, byte_offset: 0, line: 1 },
  ...{ errors: [], reasons: {}, assumed: {} },
  ...{ held_until: null, held_rows: null, held_answer: null, held_answer_at: null, held_answer_by: null },
};

/** Makes a job look like one that an attempt has worked at: counts, and a row of its report. */
async function workedAt(id: string): Promise<string> {
  const names = Object.keys(LEFT);
  const values = Object.values(LEFT).map((value) => (Array.isArray(value) ? JSON.stringify(value) : value));
  const set = names.map((name, at) => `${name} = $${at + 2}`).join(', ');
  await db.pool.query(`update jobs set ${set} where id = $1`, [id, ...values]);
  await db.pool.query(
    `insert into job_errors (job_id, row_number, line, code, message, row) values ($1, 1, 2, 'c', 'm', '{}')`,
    [id],
  );
  return id;
}

async function rejects(id: string): Promise<number> {
  return (await db.pool.query('select from job_errors where job_id = $1', [id])).rowCount!;
}

test('a job whose batches are committed continues after the last one, with all that was counted', async () => {
  const id = await workedAt(await processingJob(db.pool));
  const claimed = await claimJob(db.pool, id);
  expect(claimed).toMatchObject({
    job: { id, attempt: 2, processedRows: 10 },
    checkpoint: { byteOffset: 70, line: 8, rowNumber: 10 },
  });
  expect(await rowOf(db.pool, id)).toMatchObject({ ...LEFT, attempt: 2 });
  expect(await rejects(id)).toBe(1);
});

test.each([
  ['atomic', 'waits', { atomic: true as const }, waitingJob],
  ['a dry run', 'was being loaded', { dryRun: true as const }, processingJob],
])('a job that is %s and %s starts from scratch, without its rejects', async (_kind, _state, mode, make) => {
  const id = await workedAt(await make(db.pool, mode));
  const other = await workedAt(await make(db.pool, mode));
  const before = await rowOf(db.pool, other);
  const claimed = await claimJob(db.pool, id);
  expect(claimed?.checkpoint).toEqual({ byteOffset: 0, line: 1, rowNumber: 0 });
  const row = await rowOf(db.pool, id);
  expect(Object.fromEntries(Object.keys(LEFT).map((name) => [name, row[name]]))).toEqual(NOTHING);
  expect(await rejects(id)).toBe(0);
  expect(await rowOf(db.pool, other)).toEqual(before);
  expect(await rejects(other)).toBe(1);
});

describe('what happens to the job between the claim and the removal of its rejects', () => {
  test.each([
    ['another claim', (id: string) => claimJob(db.pool, id).then(() => workedAt(id)), 1],
    ['a cancellation', (id: string) => cancelJob(db.pool, id), 1],
    ['a failure that is noted', (id: string) => noteFailure(db.pool, id, 1, { code: 'c', message: 'm' }), 0],
  ])('%s', async (_, act, left) => {
    const id = await workedAt(await waitingJob(db.pool, { atomic: true }));
    // Another job in the same state protects nothing, and allows nothing.
    await claimJob(db.pool, await waitingJob(db.pool, { atomic: true }));
    let acted = false;
    const interrupted = {
      query: async (text: string, values: unknown[]) => {
        const result = await db.pool.query(text, values);
        if (!acted) {
          acted = true;
          // The claim of another attempt removes them, and reports its own.
          await act(id);
        }
        return result;
      },
    } as unknown as Db;
    expect(await claimJob(interrupted, id)).not.toBeNull();
    expect(await rejects(id)).toBe(left);
  });
});

test('a job that is finished or held is not claimed', async () => {
  for (const status of ['held', 'completed', 'failed', 'cancelled']) {
    const id = await processingJob(db.pool);
    await db.pool.query('update jobs set status = $2 where id = $1', [id, status]);
    const before = await rowOf(db.pool, id);
    expect(await claimJob(db.pool, id)).toBeNull();
    expect(await rowOf(db.pool, id)).toEqual(before);
  }
});

test('a delivery by the queue of the other size claims nothing', async () => {
  for (const small of [true, false]) {
    const id = await waitingJob(db.pool);
    await db.pool.query('update jobs set small = $2 where id = $1', [id, small]);
    expect(await claimJob(db.pool, id, !small)).toBeNull();
    expect(await claimJob(db.pool, id, small)).not.toBeNull();
    expect(await claimJob(db.pool, id)).not.toBeNull();
  }
});
