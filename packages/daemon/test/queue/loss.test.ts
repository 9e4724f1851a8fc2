/**
 * Redis loses a part of what it holds: each job still runs, once, and in the order of upload.
 *
 * @module-tag sized
 */

import type { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createQueue, type Queue } from '../../src/queue/queue.js';
import { recover } from '../../src/queue/recover.js';
import { createConnections } from '../../src/redis/connections.js';
import { claimJob } from '../../src/sql/claimJob.js';
import { advance, beginProcessing, completeJob } from '../../src/sql/jobProgress.js';
import { cancelJob, insertJob } from '../../src/sql/jobs.js';
import { sized } from '../support/form.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import { type TestRedis, useRedis } from '../support/redis.js';
import { startRedis } from '../support/servers.js';

let db: TestDatabase;
let redis: TestRedis;
let client: Redis;
let prefix: string;
let closing: (() => Promise<void> | void)[];

beforeEach(async () => {
  [db, redis] = await Promise.all([createDatabase(), useRedis()]);
  client = await redis.client();
  prefix = `${redis.prefix}:${crypto.randomUUID()}`;
  closing = [];
});
afterEach(async () => {
  for (const close of closing.reverse()) await close();
  await Promise.all([db.drop(), redis.close()]);
});

function openQueue(): Queue {
  const connections = createConnections(redis.options, () => {});
  const opened: Redis[] = [];
  const queue = createQueue({
    prefix,
    createClient: (type) => {
      const options = type === 'client' ? {} : { maxRetriesPerRequest: null, enableReadyCheck: false };
      const each = connections.open(options);
      opened.push(each);
      return each;
    },
    onError: () => {},
  });
  closing.push(async () => {
    queue.stop();
    await queue.close(1_000);
    for (const each of opened) each.disconnect();
  });
  return queue;
}

/** Jobs as uploads leave them, one after the other. */
async function upload(queue: Queue, count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, () => crypto.randomUUID());
  for (const id of ids) {
    const file = { filename: 'f.csv', sizeBytes: 1, sha256: '' };
    await insertJob(db.pool, { id, ...file, overrides: {}, idempotencyKey: null });
    await queue.add(id);
  }
  return ids;
}

/** Works like the worker: claims in PostgreSQL, and writes only while its attempt is the newest. */
function work(queue: Queue, gate: (id: string) => Promise<void> = async () => {}) {
  const claimed: string[] = [];
  const done: string[] = [];
  queue.process(1, async (id) => {
    const job = await claimJob(db.pool, id);
    if (!job) return;
    claimed.push(id);
    const { attempt } = job.job;
    const source = { encoding: 'utf-8', delimiter: ',', compression: 'none' } as const;
    await beginProcessing(db.pool, id, attempt, { totalRows: 1, headerText: 'a', source, notices: [] });
    await gate(id);
    const checkpoint = { byteOffset: 1, line: 1, rowNumber: 1 };
    const counted = await advance(db.pool, id, attempt, { inserted: 1, reasons: {}, checkpoint });
    if (counted && (await completeJob(db.pool, id, attempt))) done.push(id);
  });
  return { claimed, done };
}

function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

async function states(): Promise<string[]> {
  const { rows } = await db.pool.query<{ status: string }>('select status from jobs order by created_at, id');
  return rows.map(({ status }) => status);
}

/** Repeats recovery until all is done. */
async function untilAllCompleted(queue: Queue): Promise<void> {
  await vi.waitFor(async () => {
    await recover(db.pool, queue);
    expect(new Set(await states())).toEqual(new Set(['completed']));
  });
}

const KEYS = [
  'wait',
  'active',
  'delayed',
  'id',
  'stalled',
  'stalled-check',
  'paused',
  'meta-paused',
  'priority',
];
const OF_A_JOB = ['', ':lock'];

test.each(
  sized(
    [['wait'], ['(hashes)'], ['wait', '(hashes)', 'id', 'stalled-check']],
    [
      ...KEYS.map((key) => [key]),
      ['(hashes)'],
      ['wait', 'id'],
      ['wait', '(hashes)'],
      ['wait', '(hashes)', 'id', 'stalled-check'],
    ],
  ),
)('for waiting jobs: %s %s %s %s', async (...keys) => {
  const queue = openQueue();
  const ids = await upload(queue, 5);
  const lost = keys.flatMap((key) => (key === '(hashes)' ? ids : [key]));
  await client.del(...lost.map((key) => `${prefix}:csv:${key}`));
  // Jobs that arrive after the loss and before it is noticed.
  const late = await upload(queue, 2);
  await recover(db.pool, queue);
  const { claimed, done } = work(queue);
  await untilAllCompleted(queue);
  expect(done).toEqual([...ids, ...late]);
  expect(claimed).toEqual(done);
  await vi.waitFor(async () => expect(await left()).toEqual([]));
});

const ALL_OF_IT = ['wait', 'active', '(its)', '(its):lock', 'stalled', 'id'];

test.each(
  sized(
    [['active'], ['(its):lock'], ALL_OF_IT],
    [
      ...KEYS.map((key) => [key]),
      ...OF_A_JOB.map((end) => [`(its)${end}`]),
      ['(its)', '(its):lock'],
      ['active', '(its)'],
      ['active', '(its):lock'],
      ['active', '(its)', '(its):lock', 'stalled'],
      ALL_OF_IT,
    ],
  ),
)('while one of three is being processed: %s %s %s %s %s %s', async (...keys) => {
  const queue = openQueue();
  const ids = await upload(queue, 3);
  const { opened, open } = gate();
  const { claimed, done } = work(queue, (id) => (id === ids[0] ? opened : Promise.resolve()));
  await vi.waitFor(() => expect(claimed).toEqual([ids[0]]));
  await client.del(...keys.map((key) => `${prefix}:csv:${key.replace('(its)', ids[0]!)}`));
  await recover(db.pool, queue);
  // A second recovery changes nothing.
  expect(await recover(db.pool, queue)).toBe(0);
  open();
  await untilAllCompleted(queue);
  expect(done).toEqual(ids);
});

test('during a pause of the whole queue that is lost, and during one that is not', async () => {
  const queue = openQueue();
  await client.set(`${prefix}:csv:meta-paused`, '1');
  const ids = await upload(queue, 3);
  expect(await client.lrange(`${prefix}:csv:paused`, 0, -1)).toEqual(ids.toReversed());
  expect(await recover(db.pool, queue)).toBe(0);
  await client.del(`${prefix}:csv:meta-paused`);
  expect(await recover(db.pool, queue)).toBe(3);
  expect(await client.lrange(`${prefix}:csv:wait`, 0, -1)).toEqual(ids.toReversed());
  expect(await client.exists(`${prefix}:csv:paused`)).toBe(0);
});

test('some waiting jobs: they return to their places, and no other moves', async () => {
  const queue = openQueue();
  const ids = await upload(queue, 1_200);
  const lost = ids.filter((_, index) => index % 3 === 0);
  const looks = client.pipeline();
  for (const id of lost) looks.lrem(`${prefix}:csv:wait`, 0, id);
  await looks.exec();
  expect(await recover(db.pool, queue)).toBe(lost.length);
  expect(await client.lrange(`${prefix}:csv:wait`, 0, -1)).toEqual(ids.toReversed());
  expect(await recover(db.pool, queue)).toBe(0);
});

test('a full Redis refuses, and keeps its data', async () => {
  const full = await startRedis();
  const connections = createConnections({ path: full.path }, () => {});
  const opened: Redis[] = [];
  const queue = createQueue({
    prefix,
    createClient: (type) => {
      const options = type === 'client' ? {} : { maxRetriesPerRequest: null, enableReadyCheck: false };
      const each = connections.open(options);
      opened.push(each);
      return each;
    },
    onError: () => {},
  });
  closing.push(async () => {
    await queue.close(1_000);
    for (const each of opened) each.disconnect();
    await full.stop();
  });
  const [first, second, third] = await upload(queue, 3);
  const admin = opened[0]!;
  const wait = `${prefix}:csv:wait`;
  await admin.lrem(wait, 0, second!);
  await admin.config('SET', 'maxmemory', '1');
  await expect(recover(db.pool, queue)).rejects.toThrow('OOM');
  expect(await admin.lrange(wait, 0, -1)).toEqual([third, first]);
  await admin.config('SET', 'maxmemory', '0');
  expect(await recover(db.pool, queue)).toBe(1);
  expect(await admin.lrange(wait, 0, -1)).toEqual([third, second, first]);
});

test('jobs that need no more work, or arrived after the poll of PostgreSQL, disturb nothing', async () => {
  const queue = openQueue();
  const ids = await upload(queue, 6);
  const [, lostEarly, cancelled, , lostLate, tooNew] = ids as [
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  await cancelJob(db.pool, cancelled);
  for (const id of [lostEarly, lostLate]) await client.lrem(`${prefix}:csv:wait`, 0, id);
  const unfinished = ids.filter((id) => id !== cancelled && id !== tooNew);
  expect(await queue.putBack(unfinished)).toBe(2);
  const waiting = (await client.lrange(`${prefix}:csv:wait`, 0, -1)).toReversed();
  expect(waiting).toHaveLength(ids.length);
  expect(waiting.filter((id) => id !== cancelled)).toEqual(ids.filter((id) => id !== cancelled));
});

/** What Redis still has of jobs. */
async function left(): Promise<string[]> {
  const keys = await client.keys(`${prefix}:csv:*`);
  return keys.filter((key) => !/:(id|stalled-check|meta-paused)$/.test(key));
}
