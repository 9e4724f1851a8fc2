/** A queue belongs to one database: a daemon of another one is refused while daemons of the first are running. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { Failure } from '../src/failure.js';
import { createLog } from '../src/log.js';
import { claimQueue } from '../src/oneDatabase.js';
import { type TestRedis, useRedis } from './support/redis.js';

let server: TestRedis;
let redis: Redis;
let prefix: string;
const leave: (() => Promise<void>)[] = [];

beforeAll(async () => {
  server = await useRedis();
  redis = await server.client();
});
afterAll(() => server.close());
afterEach(async () => {
  await Promise.all(leave.splice(0).map((each) => each()));
  await redis.del(databases());
});

const databases = () => `${prefix}:databases`;
const reports = () => redis.hgetall(databases());

async function claim(
  identity: string,
  how: { client?: Redis; othersRun?: boolean; abortSignal?: AbortSignal; beatMs?: number } = {},
) {
  prefix = server.prefix;
  const lines: string[] = [];
  const lost: Failure[] = [];
  const left = await claimQueue({
    redis: how.client ?? redis,
    prefix,
    identity,
    log: createLog('debug', { write: (line: string) => void lines.push(line) }),
    onFatal: (failure) => lost.push(failure),
    othersRun: async () => how.othersRun ?? false,
    abortSignal: how.abortSignal ?? new AbortController().signal,
    beatMs: how.beatMs ?? 500,
  });
  leave.push(left);
  return { lines, lost, left };
}

test('a daemon of another database is refused, with the next command; the first one stays', async () => {
  const [one, two] = [randomUUID(), randomUUID()];
  const first = await claim(one, { beatMs: 100 });
  await expect(claim(two, { beatMs: 2_000 })).rejects.toMatchObject({
    code: 'queue_foreign',
    message: expect.stringMatching(
      new RegExp(
        `another database.*process \\d+.*QUEUE_PREFIX=${prefix}: .*\\n.*QUEUE_PREFIX=${prefix}-2 csvjobsd`,
      ),
    ),
  });
  expect(first.lost).toEqual([]);
  expect(Object.keys(await reports())).toEqual([one]);
});

test('daemons of one database, and of its restored dump, work side by side without a wait', async () => {
  const identity = randomUUID();
  await claim(identity);
  const second = await claim(identity);
  expect(second.lines.join()).not.toContain('checking whether');
});

test('an installation that has stopped does not delay another one; one that was killed only until it is silent', async () => {
  const { left } = await claim(randomUUID());
  await left();
  expect((await claim(randomUUID())).lines.join()).not.toContain('checking whether');
  await leave.pop()!();

  await redis.hset(databases(), randomUUID(), `${randomUUID()} killed`);
  const mine = randomUUID();
  const { lines } = await claim(mine, { beatMs: 50 });
  expect(lines.join()).toContain('checking whether they still run');
  expect(Object.keys(await reports())).toEqual([mine]);
});

test('a daemon that stops while others of its database run keeps the queue for them', async () => {
  const identity = randomUUID();
  const { left } = await claim(identity, { othersRun: true });
  await left();
  expect(Object.keys(await reports())).toEqual([identity]);
});

test('of two that came at the same moment, both stay; one that comes back after a FLUSHALL is known again', async () => {
  const first = await claim(randomUUID(), { beatMs: 50 });
  const other = randomUUID();
  await redis.hset(databases(), other, `${randomUUID()} at the same moment`);
  await redis.del(databases());
  await vi.waitFor(async () => expect(Object.keys(await reports())).toHaveLength(1));
  await redis.hset(databases(), other, `${randomUUID()} again`);
  const [{ [other]: _, ...mine }] = [await reports()];
  await vi.waitFor(async () => expect(await reports()).not.toMatchObject(mine));
  expect(first.lost).toEqual([]);
});

test('a daemon that could not reach Redis at its start must end once the queue turns out to be another database’s', async () => {
  const first = await claim(randomUUID(), { beatMs: 100 });
  const away = await server.client({ enableOfflineQueue: false });
  const ended = once(away, 'end');
  away.disconnect();
  await ended;
  const second = await claim(randomUUID(), { beatMs: 1_000, client: away });
  expect(second.lines.join()).toContain('is postponed');
  await away.connect();
  await vi.waitFor(() => expect(second.lost[0]).toMatchObject({ code: 'queue_foreign' }));
  expect(first.lost).toEqual([]);
});

test('the check can be aborted', async () => {
  prefix = server.prefix;
  await redis.hset(databases(), randomUUID(), `${randomUUID()} killed`);
  const abort = new AbortController();
  const claiming = claim(randomUUID(), { beatMs: 60_000, abortSignal: abort.signal });
  abort.abort(new Error('stopped'));
  await expect(claiming).rejects.toThrow('stopped');
});
