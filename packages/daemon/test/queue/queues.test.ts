/** Small and large jobs: which queue a job belongs to, and that each queue keeps its order and its limit. */
import type { LoadMode } from '@csvjobs/shared';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import {
  createQueues,
  enqueueJob,
  QUEUE_SIZES,
  type QueueSize,
  type Queues,
} from '../../src/queue/queues.js';
import { recover } from '../../src/queue/recover.js';
import { claimJob } from '../../src/sql/claimJob.js';
import { cancelJob, insertJob, isSmall, retryJob } from '../../src/sql/jobs.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import { type TestRedis, useRedis } from '../support/redis.js';

let db: TestDatabase;
let redis: TestRedis;
let prefix: string;
let queues: Queues;

beforeEach(async () => {
  [db, redis] = await Promise.all([createDatabase(), useRedis()]);
  prefix = `${redis.prefix}:${crypto.randomUUID()}`;
  const clients = await Promise.all(
    Array.from({ length: 6 }, () => redis.client({ maxRetriesPerRequest: null, enableReadyCheck: false })),
  );
  queues = createQueues({ prefix, createClient: () => clients.pop()!, onError: () => {} });
});
afterEach(async () => {
  for (const size of QUEUE_SIZES) {
    queues[size].stop();
    await queues[size].close(1_000);
  }
  await Promise.all([db.drop(), redis.close()]);
});

async function upload(size: QueueSize, mode: LoadMode = {}): Promise<string> {
  const id = crypto.randomUUID();
  const about = { id, filename: 'f.csv', sizeBytes: 1, sha256: '', overrides: {}, idempotencyKey: null };
  await insertJob(db.pool, { ...about, mode, small: size === 'small' });
  return id;
}

/** The jobs in each queue, next one first. */
async function waiting(): Promise<Record<QueueSize, string[]>> {
  const client = await redis.client();
  const of = async (name: string) => (await client.lrange(`${prefix}:${name}:wait`, 0, -1)).toReversed();
  return { large: await of('csv-2'), small: await of('csv-2-small') };
}

test('a small job runs while a large one occupies its queue; both queues keep their order', async () => {
  const jobs = { large: [] as string[], small: [] as string[] };
  for (const size of ['large', 'large', 'small', 'large', 'small', 'small'] as const) {
    const id = await upload(size);
    jobs[size].push(id);
    await enqueueJob(db.pool, queues, id);
  }
  expect(await waiting()).toEqual(jobs);
  const begun = { large: [] as string[], small: [] as string[] };
  let free: () => void = () => {};
  const first = new Promise<void>((resolve) => {
    free = resolve;
  });
  for (const size of QUEUE_SIZES)
    queues[size].process(1, async (id) => {
      begun[size].push(id);
      if (id === jobs.large[0]) await first;
    });
  await vi.waitFor(() => expect(begun).toEqual({ large: [jobs.large[0]], small: jobs.small }));
  free();
  await vi.waitFor(() => expect(begun).toEqual(jobs));
});

test('recovery puts each job back on its own queue, in upload order', async () => {
  const ids = [];
  for (const size of ['small', 'large', 'small', 'large'] as const) ids.push(await upload(size));
  for (const size of QUEUE_SIZES) expect(await recover(db.pool, queues[size], size)).toBe(2);
  expect(await waiting()).toEqual({ large: [ids[1], ids[3]], small: [ids[0], ids[2]] });
  for (const size of QUEUE_SIZES) expect(await recover(db.pool, queues[size], size)).toBe(0);
});

test('a retried job returns to its queue', async () => {
  for (const size of QUEUE_SIZES) {
    const id = await upload(size);
    await cancelJob(db.pool, id);
    await retryJob(db.pool, id);
    await enqueueJob(db.pool, queues, id);
    expect((await waiting())[size]).toEqual([id]);
  }
});

test('a job retried while its work ends is delivered again', async () => {
  const id = await upload('small');
  await enqueueJob(db.pool, queues, id);
  const found: object[] = [];
  queues.small.process(
    1,
    async () => {
      if (found.length === 0) {
        await cancelJob(db.pool, id);
        await retryJob(db.pool, id);
        // The retried job is on the queue.
        await enqueueJob(db.pool, queues, id);
      } else await cancelJob(db.pool, id);
      found.push(await waiting());
    },
    (ended) => void enqueueJob(db.pool, queues, ended),
  );
  await vi.waitFor(() => expect(found).toEqual(Array(2).fill({ large: [], small: [] })));
});

test('a job delivered by the other queue, as in an earlier version, is left to its own queue', async () => {
  const id = await upload('small');
  expect(await claimJob(db.pool, id, false)).toBeNull();
  expect((await claimJob(db.pool, id, true))?.job.attempt).toBe(1);
});

test('a deleted job is put on no queue', async () => {
  await enqueueJob(db.pool, queues, crypto.randomUUID());
  expect(await waiting()).toEqual({ large: [], small: [] });
});

const UPDATE: LoadMode = { onConflict: 'update', key: ['email'] };
const REPLACE: LoadMode = { replace: true, key: ['email'] };

test.for<[string, LoadMode, LoadMode, boolean]>([
  ['new rows after new rows', {}, {}, true],
  ['skipped rows after new rows', {}, { onConflict: 'skip', key: ['email'] }, true],
  ['an update after an update', UPDATE, UPDATE, false],
  ['an update after new rows', {}, UPDATE, false],
  ['new rows after an update', UPDATE, {}, false],
  ['new rows after a replacement', REPLACE, {}, false],
  ['a replacement after new rows', {}, REPLACE, false],
  ['new rows after one transaction', { atomic: true }, {}, false],
  ['new rows after a dry run', { dryRun: true }, {}, false],
  ['one transaction after new rows', {}, { atomic: true }, true],
])('into the same table, %s', async ([, before, mode, ahead]) => {
  const large = await upload('large', before);
  for (const status of ['pending', 'processing']) {
    await db.pool.query('update jobs set status = $2 where id = $1', [large, status]);
    expect(await isSmall(db.pool, await upload('small', mode))).toBe(ahead);
    await db.pool.query('delete from jobs where id <> $1', [large]);
  }
  // After a final job, or for another table, the order does not matter.
  await db.pool.query(`update jobs set target_table = 'public.other' where id = $1`, [large]);
  await db.pool.query(`update jobs set status = 'cancelled' where id <> $1`, [large]);
  expect(await isSmall(db.pool, await upload('small', mode))).toBe(true);
});

test('a small job that overwrites does not keep the next small one from its queue', async () => {
  for (const _ of [1, 2]) expect(await isSmall(db.pool, await upload('small', UPDATE))).toBe(true);
});
