/** What a batch adds to its job: the counts of its mode, its assumptions, and the preview of its rejects. */
import type { LoadMode } from '@csvjobs/shared';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { claimJob } from '../../src/sql/claimJob.js';
import { advance, beginProcessing, noteFailure } from '../../src/sql/jobProgress.js';
import { findJob } from '../../src/sql/jobs.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import { processingJob, rowOf, SURVEY } from './support/processing.js';

let db: TestDatabase;
beforeAll(async () => {
  db = await createDatabase();
});
afterAll(() => db.drop());

const reason = { code: 'c', message: 'm' };
const to = (rowNumber: number) => ({ byteOffset: rowNumber * 10, line: rowNumber + 1, rowNumber });

test('updated, unchanged and skipped rows are counted separately', async () => {
  const id = await processingJob(db.pool, { onConflict: 'update' });
  const first = { inserted: 1, updated: 2, unchanged: 4, skipped: 8, reasons: { a: 16 }, checkpoint: to(31) };
  expect(await advance(db.pool, id, 1, first)).toMatchObject({
    processedRows: 31,
    successCount: 7,
    failedCount: 16,
    counts: { inserted: 1, updated: 2, unchanged: 4, skipped: 8 },
  });
  // The checkpoint counts skipped rows as well.
  const gap = { inserted: 1, skipped: 2, reasons: {} };
  for (const wrong of [32, 33, 35])
    expect(await advance(db.pool, id, 1, { ...gap, checkpoint: to(wrong) })).toBeNull();
  const second = { inserted: 3, updated: 5, unchanged: 7, skipped: 9, reasons: { a: 1 }, checkpoint: to(56) };
  expect(await advance(db.pool, id, 1, second)).toMatchObject({
    processedRows: 56,
    successCount: 22,
    failedCount: 17,
    counts: { inserted: 4, updated: 7, unchanged: 11, skipped: 17 },
  });
  expect(await rowOf(db.pool, id)).toMatchObject({ byte_offset: 560, line: 57 });
});

test('values read differently from how they are written are counted by assumption, over all batches', async () => {
  const id = await processingJob(db.pool);
  const assumed = async () => (await rowOf(db.pool, id)).assumed;
  await advance(db.pool, id, 1, { inserted: 3, reasons: {}, assumed: { a: 2, b: 1 }, checkpoint: to(3) });
  await advance(db.pool, id, 1, { inserted: 1, reasons: {}, checkpoint: to(4) });
  expect(await assumed()).toEqual({ a: 2, b: 1 });
  await advance(db.pool, id, 1, { inserted: 3, reasons: {}, assumed: { b: 2, c: 1 }, checkpoint: to(7) });
  expect(await assumed()).toEqual({ a: 2, b: 3, c: 1 });
});

test('the preview grows batch by batch, and has no rejects of other jobs', async () => {
  const [id, other] = [await processingJob(db.pool), await processingJob(db.pool)];
  const report = (job: string, row: number, message: string) =>
    db.pool.query(
      `insert into job_errors (job_id, row_number, line, code, message, row) values ($1, $2, $2, 'c', $3, '{"a":"x"}')`,
      [job, row, message],
    );
  await report(other, 1, 'other');
  const preview = async () => (await findJob(db.pool, id))?.errors;
  const fault = (rowNumber: number, message: string) => ({ rowNumber, message, row: { a: 'x' } });
  // Rejected without a report, as an older daemon may have left it.
  await advance(db.pool, id, 1, { inserted: 0, reasons: { m: 1 }, checkpoint: to(1) });
  expect(await preview()).toEqual([]);
  await report(id, 2, 'first');
  await advance(db.pool, id, 1, { inserted: 0, reasons: { m: 1 }, checkpoint: to(2) });
  expect(await preview()).toEqual([fault(2, 'first')]);
  await report(id, 4, 'second');
  await advance(db.pool, id, 1, { inserted: 1, reasons: { m: 1 }, checkpoint: to(4) });
  expect(await preview()).toEqual([fault(2, 'first'), fault(4, 'second')]);
});

test('a batch ends what was noted of a failure, as the next survey does', async () => {
  const id = await processingJob(db.pool);
  const none = { failure_code: null, failure_message: null };
  await noteFailure(db.pool, id, 1, reason);
  expect(await rowOf(db.pool, id)).toMatchObject({ failure_code: 'c', failure_message: 'm', failures: 1 });
  await claimJob(db.pool, id);
  await beginProcessing(db.pool, id, 2, SURVEY);
  expect(await rowOf(db.pool, id)).toMatchObject({ ...none, failures: 1 });
  await noteFailure(db.pool, id, 2, reason);
  await advance(db.pool, id, 2, { inserted: 1, reasons: {}, checkpoint: to(1) });
  expect(await rowOf(db.pool, id)).toMatchObject({ ...none, failures: 0 });
});

test.each<LoadMode>([{ atomic: true }, { dryRun: true }])(
  'a batch of a job whose rows are one transaction commits nothing, so the failed attempts still count: %o',
  async (mode) => {
    const id = await processingJob(db.pool, mode);
    await noteFailure(db.pool, id, 1, reason);
    await advance(db.pool, id, 1, { inserted: 1, reasons: {}, checkpoint: to(1) });
    expect(await noteFailure(db.pool, id, 1, reason)).toBe(2);
  },
);
