/**
 * The fence: every write of a worker names its attempt, and changes nothing once that is no longer the job's
 * current one.
 */
import type { LoadMode } from '@csvjobs/shared';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { claimJob } from '../../src/sql/claimJob.js';
import {
  advance,
  beginProcessing,
  completeJob,
  failJob,
  holdJob,
  noteFailure,
} from '../../src/sql/jobProgress.js';
import { cancelJob, findJob, findProgress } from '../../src/sql/jobs.js';
import type { Db } from '../../src/sql/pool.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import { processingJob, rowOf, SURVEY, waitingJob } from './support/processing.js';

let db: TestDatabase;
let id: string;

beforeAll(async () => {
  db = await createDatabase();
});
afterAll(() => db.drop());

const reason = { code: 'c', message: 'm' };
const batch = (inserted: number, failed: number, rowNumber = inserted + failed) => ({
  inserted,
  reasons: { ...(failed > 0 && { 'name is required': failed }) } as Record<string, number>,
  checkpoint: { byteOffset: 50, line: rowNumber + 1, rowNumber },
});

/** A job of ten records, claimed by its first attempt. */
beforeEach(async () => {
  id = await processingJob(db.pool);
});

const row = () => rowOf(db.pool, id);

/** Every write, and its result when refused. */
const WRITES = {
  beginProcessing: [
    (attempt: number) => beginProcessing(db.pool, id, attempt, { ...SURVEY, totalRows: 5 }),
    null,
  ],
  holdJob: [(attempt: number) => holdJob(db.pool, id, attempt), false],
  advance: [(attempt: number) => advance(db.pool, id, attempt, batch(3, 1)), null],
  failJob: [(attempt: number) => failJob(db.pool, id, attempt, reason), null],
  noteFailure: [(attempt: number) => noteFailure(db.pool, id, attempt, reason), null],
} as const;

describe.each(Object.entries(WRITES))('%s', (_, [write, refused]) => {
  test('is done by the attempt that holds the job, and to no other job', async () => {
    const other = await processingJob(db.pool);
    const before = await rowOf(db.pool, other);
    expect(await write(1)).not.toBe(refused);
    expect(await rowOf(db.pool, other)).toEqual(before);
  });

  test('is refused to an attempt that the job has not had, as after a restore of an older backup', async () => {
    const before = await row();
    expect(await write(2)).toBe(refused);
    expect(await row()).toEqual(before);
  });

  test('is refused to an attempt that lost the job', async () => {
    await claimJob(db.pool, id);
    const before = await row();
    expect(await write(1)).toBe(refused);
    expect(await row()).toEqual(before);
    expect(await write(2)).not.toBe(refused);
  });

  test.each([
    ['cancelled', () => cancelJob(db.pool, id)],
    ['failed', () => failJob(db.pool, id, 1, reason)],
  ])('is refused once the job is %s', async (status, end) => {
    await end();
    const before = await row();
    expect(before.status).toBe(status);
    expect(await write(1)).toBe(refused);
    expect(await row()).toEqual(before);
  });
});

test.each([
  ['failJob', failJob],
  ['noteFailure', noteFailure],
])('%s is also done to a job that is claimed but not surveyed yet', async (_, fail) => {
  const waiting = await waitingJob(db.pool);
  await claimJob(db.pool, waiting);
  expect(await fail(db.pool, waiting, 1, reason)).not.toBeNull();
  expect(await rowOf(db.pool, waiting)).toMatchObject({ failure_code: 'c', failure_message: 'm' });
});

test.each<[string, number, LoadMode, string]>([
  ['none', 0, {}, 'none'],
  ['some', 3, {}, 'some'],
  ['some that are rolled back', 3, { atomic: true }, 'none'],
  ['those of a dry run', 3, { dryRun: true }, 'none'],
])(
  'failJob stores the message that is true for the rows that it finds loaded: %s',
  async (_, rows, mode, message) => {
    const job = await processingJob(db.pool, mode);
    if (rows > 0) await advance(db.pool, job, 1, batch(rows, 0));
    await failJob(db.pool, job, 1, { code: 'c', message: 'none', messageIfLoaded: 'some' });
    expect(await rowOf(db.pool, job)).toMatchObject({ failure_message: message });
  },
);

test('failJob does not take rows that an update has left unchanged for loaded ones', async () => {
  const job = await processingJob(db.pool, { onConflict: 'update' });
  await advance(db.pool, job, 1, { ...batch(0, 0, 3), unchanged: 3 });
  await failJob(db.pool, job, 1, { code: 'c', message: 'none', messageIfLoaded: 'some' });
  expect(await rowOf(db.pool, job)).toMatchObject({ failure_message: 'none' });
});

test('holdJob lets the other lanes count and hold, and keeps the job from deletion', async () => {
  const [lane, other] = [await db.pool.connect(), await db.pool.connect()];
  const lock = (strength: string) =>
    other.query(`select from jobs where id = $1 for ${strength} nowait`, [id]);
  try {
    await lane.query('begin');
    await holdJob(lane, id, 1);
    await lock('no key update');
    await lock('key share');
    // As a delete does.
    await expect(lock('update')).rejects.toMatchObject({ code: '55P03' });
    await lane.query('rollback');
    await lock('update');
  } finally {
    lane.release();
    other.release();
  }
});

describe('completeJob', () => {
  test('is refused while a record is unaccounted for', async () => {
    await advance(db.pool, id, 1, batch(8, 1));
    expect(await completeJob(db.pool, id, 1)).toBeNull();
    await advance(db.pool, id, 1, batch(0, 1, 10));
    expect(await completeJob(db.pool, id, 1)).toMatchObject({ status: 'completed', processedRows: 10 });
  });

  test('is refused if more records are counted than the last survey found', async () => {
    await advance(db.pool, id, 1, batch(9, 1));
    await beginProcessing(db.pool, id, 1, { ...SURVEY, totalRows: 9 });
    expect(await completeJob(db.pool, id, 1)).toBeNull();
  });

  test('completes no other job', async () => {
    const other = await processingJob(db.pool);
    for (const each of [id, other]) await advance(db.pool, each, 1, batch(9, 1));
    expect(await completeJob(db.pool, id, 1)).not.toBeNull();
    expect(await rowOf(db.pool, other)).toMatchObject({ status: 'processing' });
  });

  test('is refused to an attempt that lost the job, and once the job is cancelled', async () => {
    await advance(db.pool, id, 1, batch(9, 1));
    await claimJob(db.pool, id);
    expect(await completeJob(db.pool, id, 1)).toBeNull();
    await cancelJob(db.pool, id);
    expect(await completeJob(db.pool, id, 2)).toBeNull();
    expect((await row()).status).toBe('cancelled');
  });
});

test('a batch is counted only directly after the previous one: neither twice nor after a gap', async () => {
  expect(await advance(db.pool, id, 1, batch(3, 1))).not.toBeNull();
  expect(await advance(db.pool, id, 1, batch(3, 1))).toBeNull();
  expect(await advance(db.pool, id, 1, batch(3, 1, 9))).toBeNull();
  expect(await row()).toMatchObject({ processed_rows: 4, success_count: 3, failed_count: 1 });
});

test('a commit and a poll of a watched job read few numbers, and no preview of rejects', async () => {
  const columns: string[][] = [];
  const recording = {
    query: async (text: string, values: unknown[]) => {
      const result = await db.pool.query(text, values);
      columns.push(result.fields.map(({ name }) => name));
      return result;
    },
  } as unknown as Db;
  const few = [
    'id',
    'target_table',
    'status',
    'total_rows',
    'processed_rows',
    'success_count',
    'failed_count',
    'mode',
    'updated_count',
    'unchanged_count',
    'skipped_count',
    'removed_count',
  ];
  const progress = {
    jobId: id,
    status: 'processing',
    totalRows: 10,
    processedRows: 4,
    successCount: 3,
    failedCount: 1,
  };
  expect(await advance(recording, id, 1, batch(3, 1))).toEqual(progress);
  expect(await findProgress(recording, id)).toEqual({ progress, attempt: 1 });
  expect(columns).toEqual([few, [...few, 'attempt']]);
});

test('rejects are counted by reason over all batches, the most frequent first', async () => {
  const none = await findJob(db.pool, id);
  expect(none?.reasons).toEqual([]);
  await advance(db.pool, id, 1, { ...batch(0, 0, 3), reasons: { b: 1, a: 1, c: 1 } });
  await advance(db.pool, id, 1, batch(1, 0, 4));
  await advance(db.pool, id, 1, { ...batch(0, 0, 7), reasons: { c: 2, 'it\'s "d"': 1 } });
  expect((await findJob(db.pool, id))?.reasons).toEqual([
    { message: 'c', rows: 3 },
    { message: 'a', rows: 1 },
    { message: 'b', rows: 1 },
    { message: 'it\'s "d"', rows: 1 },
  ]);
  expect(await row()).toMatchObject({ success_count: 1, failed_count: 6 });
});

test('incomplete reason counts are hidden: an older daemon rejected some records', async () => {
  await advance(db.pool, id, 1, batch(1, 2));
  await db.pool.query('update jobs set failed_count = 3, processed_rows = 4 where id = $1', [id]);
  await advance(db.pool, id, 1, batch(0, 1, 5));
  const job = await findJob(db.pool, id);
  expect(job).toMatchObject({ failedCount: 4 });
  expect(job).not.toHaveProperty('reasons');
});

test('consecutive failures are counted: a batch in between resets the count', async () => {
  expect(await noteFailure(db.pool, id, 1, reason)).toBe(1);
  await claimJob(db.pool, id);
  expect(await noteFailure(db.pool, id, 2, reason)).toBe(2);
  await claimJob(db.pool, id);
  await advance(db.pool, id, 3, batch(1, 0));
  expect(await noteFailure(db.pool, id, 3, reason)).toBe(1);
});

test('the preview has the first hundred rejects in file order, each value cut at 200 characters', async () => {
  await db.pool.query(
    `insert into job_errors (job_id, row_number, line, column_name, code, message, row)
     select $1, n, n + 1, 'name', 'required', 'name is required', jsonb_build_object('email', repeat('ä', 300), 'n', n::text)
     from generate_series(150, 1, -1) n`,
    [id],
  );
  await db.pool.query('update jobs set total_rows = 200 where id = $1', [id]);
  await advance(db.pool, id, 1, batch(0, 150));
  const job = await findJob(db.pool, id);
  expect(job!.errors.map(({ rowNumber }) => rowNumber)).toEqual(
    Array.from({ length: 100 }, (_, at) => at + 1),
  );
  expect(job!.errors[0]!.row).toEqual({ email: 'ä'.repeat(200), n: '1' });
});
