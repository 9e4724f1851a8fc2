import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createQueue, DeliverAgain, type Queue } from '../../src/queue/queue.js';
import { promoteOverdue, recover } from '../../src/queue/recover.js';
import { cancelJob, insertJob } from '../../src/sql/jobs.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import { type TestRedis, useRedis } from '../support/redis.js';

let db: TestDatabase;
let redis: TestRedis;
let queue: Queue;

beforeAll(async () => {
  [db, redis] = await Promise.all([createDatabase(), useRedis()]);
  const clients = await Promise.all(
    [1, 2, 3].map(() => redis.client({ maxRetriesPerRequest: null, enableReadyCheck: false })),
  );
  queue = createQueue({
    prefix: redis.prefix,
    createClient: () => clients.pop()!,
    onError: () => {},
  });
});
afterAll(async () => {
  await queue.close(1_000);
  await Promise.all([db.drop(), redis.close()]);
});

async function putJob(): Promise<string> {
  const id = crypto.randomUUID();
  await insertJob(db.pool, {
    id,
    filename: 'f.csv',
    sizeBytes: 1,
    sha256: '',
    overrides: {},
    idempotencyKey: null,
  });
  return id;
}

test('recovery finds a lost job even if the queue has a cancelled one in its place', async () => {
  const cancelled = await putJob();
  await queue.add(cancelled);
  await cancelJob(db.pool, cancelled);
  await putJob();
  expect(await recover(db.pool, queue)).toBe(1);
  expect(await recover(db.pool, queue)).toBe(0);
});

test('a job that recovery finds before its upload has queued it is queued once', async () => {
  const [found, next] = [await putJob(), await putJob()];
  await recover(db.pool, queue);
  await queue.add(found);
  await queue.add(next);
  const waiting = await (await redis.client()).lrange(`${redis.prefix}:csv:wait`, 0, -1);
  expect(waiting.filter((id) => id === found || id === next)).toEqual([next, found]);
});

test('a pause that a clock set back would extend by an hour is shortened; others are not', async () => {
  const [late, other] = [await putJob(), await putJob()];
  const delivered: string[] = [];
  queue.process(1, async (jobId) => {
    delivered.push(jobId);
    if (delivered.filter((each) => each === jobId).length === 1)
      throw new DeliverAgain(jobId === late ? 3_600_000 : 50_000);
  });
  await queue.add(late);
  await queue.add(other);
  await vi.waitFor(async () => expect(await promoteOverdue(queue)).toBe(1));
  await vi.waitFor(() => expect(delivered.filter((each) => each === late)).toHaveLength(2));
  expect(delivered.filter((each) => each === other)).toHaveLength(1);
});
