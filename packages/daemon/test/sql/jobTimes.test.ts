/** The times of a job: each hour since its upload counts once, and for the phase that it was spent in. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { claimJob } from '../../src/sql/claimJob.js';
import { advance, beginProcessing, completeJob, failJob, noteFailure } from '../../src/sql/jobProgress.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import { processingJob, rowOf, SURVEY, waitingJob } from './support/processing.js';

let db: TestDatabase;
beforeAll(async () => {
  db = await createDatabase();
});
afterAll(() => db.drop());

const reason = { code: 'c', message: 'm' };
const batch = (rowNumber: number) => ({
  inserted: 5,
  reasons: {},
  checkpoint: { byteOffset: rowNumber, line: rowNumber + 1, rowNumber },
});

/** Moves the start of the present phase back, as if these hours had passed. */
const pass = (id: string, hours: number) =>
  db.pool.query(`update jobs set phase_since = phase_since - $2 * interval '1 hour' where id = $1`, [
    id,
    hours,
  ]);

/** Whole hours: those of each phase, and those that are not counted yet. */
async function hours(id: string): Promise<Record<string, number>> {
  const { rows } = await db.pool.query(
    `select div(queued_ms, 3600000)::int as queued, div(reading_ms, 3600000)::int as reading,
       div(loading_ms, 3600000)::int as loading, div(extract(epoch from clock_timestamp() - phase_since), 3600)::int as since
     from jobs where id = $1`,
    [id],
  );
  return rows[0];
}

test('a job waits, is read and is loaded', async () => {
  const id = await waitingJob(db.pool);
  await pass(id, 1);
  await claimJob(db.pool, id);
  expect(await hours(id)).toEqual({ queued: 1, reading: 0, loading: 0, since: 0 });
  await pass(id, 2);
  await beginProcessing(db.pool, id, 1, SURVEY);
  expect(await hours(id)).toEqual({ queued: 1, reading: 2, loading: 0, since: 0 });
  await pass(id, 4);
  await advance(db.pool, id, 1, batch(5));
  await pass(id, 8);
  await advance(db.pool, id, 1, batch(10));
  expect(await hours(id)).toEqual({ queued: 1, reading: 2, loading: 12, since: 0 });
  await pass(id, 16);
  await completeJob(db.pool, id, 1);
  expect(await hours(id)).toMatchObject({ queued: 1, reading: 2, loading: 28 });
});

test('a later attempt adds to the times of the earlier ones', async () => {
  const id = await processingJob(db.pool);
  await pass(id, 1);
  await noteFailure(db.pool, id, 1, reason);
  await pass(id, 2);
  await claimJob(db.pool, id);
  await pass(id, 4);
  await beginProcessing(db.pool, id, 2, SURVEY);
  expect(await hours(id)).toEqual({ queued: 2, reading: 4, loading: 1, since: 0 });
  await pass(id, 8);
  // Killed: what it did since its last commit counts as waiting.
  await claimJob(db.pool, id);
  await pass(id, 16);
  await beginProcessing(db.pool, id, 3, SURVEY);
  expect(await hours(id)).toEqual({ queued: 10, reading: 20, loading: 1, since: 0 });
});

test.each([
  ['noteFailure', noteFailure],
  ['failJob', failJob],
])('%s: what the attempt has taken is reading until the file is surveyed, then loading', async (_, end) => {
  const spent = `update jobs set reading_ms = 10 * 3600000, loading_ms = 20 * 3600000 where id = $1`;
  const reading = await waitingJob(db.pool);
  await claimJob(db.pool, reading);
  const loading = await processingJob(db.pool);
  for (const id of [reading, loading]) {
    await db.pool.query(spent, [id]);
    await pass(id, 1);
    await end(db.pool, id, 1, reason);
  }
  expect(await hours(reading)).toEqual({ queued: 0, reading: 11, loading: 20, since: 0 });
  expect(await hours(loading)).toEqual({ queued: 0, reading: 10, loading: 21, since: 0 });
});

test('in a transaction, as for an atomic job, a phase and the job end when they do, not when it began', async () => {
  const id = await waitingJob(db.pool);
  const client = await db.pool.connect();
  try {
    await client.query('begin');
    const ends = async (column: string) =>
      (await client.query(`select ${column} > now() as later from jobs where id = $1`, [id])).rows[0].later;
    await claimJob(client, id);
    expect(await ends('phase_since')).toBe(true);
    for (const write of [
      () => beginProcessing(client, id, 1, SURVEY),
      () => advance(client, id, 1, batch(5)),
      () => advance(client, id, 1, batch(10)),
    ]) {
      await client.query('update jobs set phase_since = now() where id = $1', [id]);
      await write();
      expect(await ends('phase_since')).toBe(true);
    }
    await completeJob(client, id, 1);
    expect(await ends('completed_at')).toBe(true);
  } finally {
    await client.query('rollback');
    client.release();
  }
});

test('the start is that of the first attempt; the end is set, also of a failed job', async () => {
  const id = await processingJob(db.pool);
  const { started_at } = await rowOf(db.pool, id);
  expect(started_at).toBeInstanceOf(Date);
  await db.pool.query(`update jobs set started_at = started_at - interval '1 hour' where id = $1`, [id]);
  await claimJob(db.pool, id);
  await beginProcessing(db.pool, id, 2, SURVEY);
  expect((await rowOf(db.pool, id)).started_at).toEqual(new Date(Number(started_at) - 3_600_000));
  expect((await rowOf(db.pool, id)).completed_at).toBeNull();
  await failJob(db.pool, id, 2, reason);
  expect((await rowOf(db.pool, id)).completed_at).toBeInstanceOf(Date);
});
