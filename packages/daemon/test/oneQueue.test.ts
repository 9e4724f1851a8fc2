/**
 * All daemons on a database share one queue and one store: a daemon with another one is refused, and no loss
 * of data locks daemons out.
 */

import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { Failure } from '../src/failure.js';
import { createLog } from '../src/log.js';
import { joinQueue } from '../src/oneQueue.js';
import { noteAlive } from '../src/sql/daemons.js';
import type { Store } from '../src/storage/store.js';
import { LONG } from './support/form.js';
import { createDatabase, type TestDatabase } from './support/postgres.js';
import { type TestRedis, useRedis } from './support/redis.js';

let db: TestDatabase;
let server: TestRedis;
let redis: Redis;
const leave: (() => Promise<void>)[] = [];

beforeAll(async () => {
  [db, server] = await Promise.all([createDatabase(), useRedis()]);
  redis = await server.client();
});
afterAll(async () => {
  await db.drop();
  await server.close();
});
afterEach(async () => {
  await Promise.all(leave.splice(0).map((each) => each()));
  await db.pool.query('delete from daemons');
});

interface Joined {
  prefix?: string;
  beatMs?: number;
  client?: Redis;
  abortSignal?: AbortSignal;
  store?: Pick<Store, 'name' | 'identity'>;
}

/** The default store of all tests. */
const SHARED = randomUUID();
const storeWith = (id: string) => ({ name: '/srv/uploads', identity: async () => id });

async function join({
  prefix = server.prefix,
  beatMs = 2_000,
  client = redis,
  abortSignal,
  store = storeWith(SHARED),
}: Joined = {}) {
  const lines: string[] = [];
  const lost: Failure[] = [];
  const left = await joinQueue({
    pool: db.pool,
    redis: client,
    prefix,
    alone: false,
    beatMs,
    store,
    log: createLog('debug', { write: (line: string) => void lines.push(line) }),
    onFatal: (failure) => lost.push(failure),
    abortSignal: abortSignal ?? new AbortController().signal,
  });
  leave.push(left);
  return { lines, lost, left };
}

const queues = async () =>
  (await db.pool.query<{ queue_id: string }>('select queue_id from daemons')).rows.map((row) => row.queue_id);

test('a daemon with another queue is refused, by name and with advice; the first one stays', async () => {
  const first = await join();
  await expect(join({ prefix: `${server.prefix}:other` })).rejects.toMatchObject({
    code: 'queue_foreign',
    message: expect.stringMatching(/process \d+; seen \d+ s ago.*\n.*REDIS_URL.*QUEUE_PREFIX.*DATABASE_URL/),
  });
  expect(first.lost).toEqual([]);
  expect(await queues()).toHaveLength(1);
});

test(
  'a daemon with its uploads in another store is refused, with advice; the first one stays',
  LONG,
  async () => {
    const first = await join();
    await expect(join({ store: storeWith(randomUUID()) })).rejects.toMatchObject({
      code: 'uploads_apart',
      message: expect.stringMatching(
        /process \d+; seen \d+ s ago.* another upload store than \/srv\/uploads: .*\n.*UPLOAD_DIR.*UPLOAD_STORE.*DATABASE_URL/,
      ),
    });
    expect(first.lost).toEqual([]);
  },
);

test('a daemon that cannot check its store at the start must end once it turns out to be another one', async () => {
  await join({ beatMs: 300 });
  let away = true;
  const identity = async () => {
    if (away) throw new Error('away');
    return randomUUID();
  };
  const second = await join({ beatMs: 300, store: { name: 's3://b/p/', identity } });
  expect(second.lost).toEqual([]);
  away = false;
  await vi.waitFor(() => expect(second.lost[0]).toMatchObject({ code: 'uploads_apart' }));
});

test('daemons with the same queue work side by side, and one that returns need not wait', async () => {
  await join();
  // Killed, not stopped. Its row is there, and names the same queue.
  const again = await join();
  expect(again.lines.join()).not.toContain('checking whether');
  expect(new Set(await queues()).size).toBe(1);
});

test('a stopped daemon with another queue does not delay others, a killed one only until it is silent', async () => {
  const { left } = await join({ prefix: `${server.prefix}:left` });
  await left();
  expect((await join({ prefix: `${server.prefix}:next` })).lines.join()).not.toContain('checking whether');
  await leave.pop()!();

  const killed = { id: randomUUID(), queueId: randomUUID(), name: 'killed' };
  await noteAlive(db.pool, killed, 1_000);
  const { lines } = await join({ beatMs: 100 });
  expect(lines.join()).toContain('checking whether it still runs');
});

test('a row that the database clock dated in the future blocks no daemon forever', async () => {
  await noteAlive(db.pool, { id: randomUUID(), queueId: randomUUID(), name: 'killed' }, 1_000);
  await db.pool.query(`update daemons set seen_at = now() + interval '1 hour'`);
  await join({ beatMs: 100 });
});

test('after Redis loses everything the queue keeps its name, its daemons continue, and others may join', async () => {
  const prefix = `${server.prefix}:flushed`;
  const daemons = [await join({ prefix, beatMs: 100 }), await join({ prefix, beatMs: 100 })];
  const [name] = await queues();
  await redis.del(`${prefix}:queue-identity`);
  await vi.waitFor(async () => expect(await redis.get(`${prefix}:queue-identity`)).toBe(name));

  // A daemon that starts at that moment gives it another name: the others adopt it.
  await redis.set(`${prefix}:queue-identity`, randomUUID());
  const third = await join({ prefix, beatMs: 100 });
  const taken = await redis.get(`${prefix}:queue-identity`);
  await vi.waitFor(async () => expect(await queues()).toEqual([taken, taken, taken]));
  expect([...daemons, third].flatMap(({ lost }) => lost)).toEqual([]);
});

test('a single report of the old queue does not count: it may predate the queue’s name', async () => {
  const { left } = await join();
  const [name] = await queues();
  await left();
  const other = { id: randomUUID(), queueId: randomUUID(), name: 'between two beats' };
  await noteAlive(db.pool, other, 1_000);
  const joining = join({ beatMs: 1_000 });
  const seen = async () =>
    (await db.pool.query('select id, seen_at::text as at from daemons order by seen_at')).rows as {
      id: string;
      at: string;
    }[];
  const looked = async (times: number) => {
    for (let last = ''; times > 0; ) {
      const at = (await seen()).find(({ id }) => id !== other.id)?.at ?? '';
      if (at !== last) times--;
      last = at;
    }
  };
  await looked(2);
  await noteAlive(db.pool, other, 1_000);
  await looked(2);
  await noteAlive(db.pool, { ...other, queueId: name! }, 1_000);
  expect((await joining).lost).toEqual([]);
});

test('a daemon that could not reach Redis at its start must end once its queue turns out to be the wrong one', async () => {
  const first = await join({ beatMs: 300 });
  const away = await server.client({ enableOfflineQueue: false });
  const ended = once(away, 'end');
  away.disconnect();
  await ended;
  const second = await join({ prefix: `${server.prefix}:late`, beatMs: 300, client: away });
  expect(second.lines.join()).toContain('is postponed');
  await away.connect();
  await vi.waitFor(() => expect(second.lost[0]).toMatchObject({ code: 'queue_foreign' }));
  expect(first.lost).toEqual([]);
});

test('a slow check can be aborted', async () => {
  await join({ beatMs: 60_000 });
  const abort = new AbortController();
  const joining = join({ prefix: `${server.prefix}:late`, beatMs: 60_000, abortSignal: abort.signal });
  await vi.waitFor(async () => expect(await queues()).toHaveLength(2));
  abort.abort(new Error('stopped'));
  await expect(joining).rejects.toThrow('stopped');
  expect(await queues()).toHaveLength(1);
});
