/** The health check runs on a real Redis, and each change is logged once. */
import { expect, onTestFinished, test, vi } from 'vitest';
import { createConnections } from '../../src/redis/connections.js';
import { redisHealth, watchHealth } from '../../src/redis/health.js';
import { startRedis } from '../support/servers.js';

/** The interval of the checks in tests. */
const OFTEN_MS = 20;

async function begin(args: string[] = []) {
  const server = await startRedis(args);
  const connections = createConnections({ path: server.path }, () => {});
  const redis = connections.open({ enableOfflineQueue: false });
  await vi.waitFor(() => expect(redis.status).toBe('ready'));
  onTestFinished(async () => {
    redis.disconnect();
    await server.stop();
  });
  const look = () => redisHealth(redis, { prefix: 'p', refusal: connections.refusal });
  return { server, connections, redis, look };
}

test('a healthy Redis passes writing and publishing, which leaves nothing', async () => {
  const { redis, look } = await begin();
  expect(await look()).toMatch(/^Redis \d+\.\d+\.\d+, noeviction$/);
  await vi.waitFor(async () => expect(await redis.keys('*')).toEqual([]));
});

test('a Redis that is full, read-only, without its primary, or may evict data is unhealthy', async () => {
  const { redis, look } = await begin();
  await redis.config('SET', 'maxmemory', '1');
  await expect(look()).rejects.toThrow(/^OOM .*give Redis more memory/);
  await redis.config('SET', 'maxmemory', '0');
  await redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
  await expect(look()).rejects.toThrow(/allkeys-lru.*noeviction/);
  await redis.config('SET', 'maxmemory-policy', 'noeviction');
  expect(await look()).toMatch(/^Redis/);
  await redis.replicaof('127.0.0.1', 1);
  await vi.waitFor(() => expect(look()).rejects.toThrow(/^READONLY .*point REDIS_URL at the primary/));
});

test('a Redis that refuses another connection is unhealthy, even if this one works', async () => {
  const { connections, redis, look } = await begin();
  await redis.call('ACL', 'SETUSER', 'narrow', 'on', 'nopass', '~*', '&*', '+@all', '-lpush');
  const other = connections.open({ username: 'narrow', password: 'x' });
  onTestFinished(() => other.disconnect());
  // This reply is never read: without connections.ts the rejection would end the process.
  void other.lpush('list', '1');
  await vi.waitFor(() => expect(look()).rejects.toThrow(/^NOPERM .*ACL LOG/));
  await redis.call('ACL', 'SETUSER', 'narrow', '+lpush');
  await other.lpush('list', '1');
  expect(await look()).toMatch(/^Redis/);
});

test('each change is logged once, however many checks run', async () => {
  const said: string[] = [];
  let looks = 0;
  let what: string | undefined;
  const watch = watchHealth(
    async () => {
      looks++;
      if (what !== undefined) throw new Error(what);
    },
    { unwell: (word) => said.push(word), well: () => said.push('well') },
    OFTEN_MS,
  );
  onTestFinished(() => watch.stop());
  const lookedAt = async (word: string | undefined) => {
    what = word;
    const before = looks;
    await vi.waitFor(() => expect(looks).toBeGreaterThan(before + 2));
  };
  await lookedAt(undefined);
  expect(said).toEqual([]);
  await lookedAt('NOAUTH Authentication required');
  await lookedAt('connect ECONNREFUSED 127.0.0.1:1');
  await lookedAt('read ECONNRESET');
  await lookedAt(undefined);
  expect(said).toEqual(['NOAUTH Authentication required', 'connect ECONNREFUSED 127.0.0.1:1', 'well']);
});

test('trouble that never repeats itself twice in a row is logged once, and so is its end', async () => {
  const said: string[] = [];
  let looks = 0;
  let well = false;
  const watch = watchHealth(
    async () => {
      looks++;
      if (!well) throw new Error(looks % 2 === 0 ? 'READONLY a replica' : 'MASTERDOWN no primary');
    },
    { unwell: (word) => said.push(word), well: () => said.push('well') },
    OFTEN_MS,
  );
  onTestFinished(() => watch.stop());
  await vi.waitFor(() => expect(looks).toBeGreaterThan(4));
  expect(said).toHaveLength(1);
  well = true;
  await vi.waitFor(() => expect(said).toHaveLength(2));
  expect(said[1]).toBe('well');
});
