/** RATE_LIMIT of two daemons on one Redis: counted together, and separately while Redis is down or hangs. */
import { get } from 'node:http';
import { paths } from '@csvjobs/shared';
import { Redis } from 'ioredis';
import { expect, onTestFinished, test, vi } from 'vitest';
import { inShortIf } from '../../packages/daemon/test/support/form.js';
import { type PrivateRedis, startRedis } from '../../packages/daemon/test/support/servers.js';
import type { RunningDaemon } from '../support/daemon.js';
import { openPlace } from '../support/place.js';

/** The pause after a hang of Redis (rateLimit.ts). */
const LEFT_ALONE_MS = 2_000;

/** The statuses of this many requests in sequence. */
async function ask({ url }: RunningDaemon, times: number): Promise<number[]> {
  const statuses: number[] = [];
  for (let n = 0; n < times; n++) {
    const response = await fetch(url + paths.jobs);
    await response.text();
    statuses.push(response.status);
  }
  return statuses;
}

/** The number of requests counted in Redis, for all callers. */
async function counted(redis: PrivateRedis): Promise<number> {
  const client = new Redis({ path: redis.path });
  try {
    const keys = await client.keys('*:rate:*');
    const counts = keys.length === 0 ? [] : await client.mget(keys);
    return counts.reduce((sum, each) => sum + Number(each), 0);
  } finally {
    client.disconnect();
  }
}

/** Waits until a daemon counts in Redis: it does not wait for its connection. Sends requests as another caller of this machine. */
async function countsThere({ url }: RunningDaemon, redis: PrivateRedis): Promise<void> {
  await vi.waitFor(async () => {
    const before = await counted(redis);
    await new Promise((resolve, reject) => {
      const options = { localAddress: '127.0.0.2' };
      get(url + paths.jobs, options, (response) => response.resume().on('end', resolve)).on('error', reject);
    });
    expect(await counted(redis)).toBeGreaterThan(before);
  });
}

async function twoDaemons() {
  const place = await openPlace();
  const redis = await startRedis();
  onTestFinished(async () => {
    await place.close();
    await redis.stop();
  });
  const own = { RATE_LIMIT: '10', REDIS_URL: `unix://${redis.path}` };
  const one = await place.start(own, '--role', 'api');
  const other = await place.start(own, '--role', 'api');
  return { redis, one, other };
}

test('both processes together allow as many requests as one', async () => {
  const { redis, one, other } = await twoDaemons();
  await countsThere(one, redis);
  await countsThere(other, redis);
  expect(await ask(one, 6)).toEqual(Array(6).fill(200));
  expect(await ask(other, 6)).toEqual([200, 200, 200, 200, 429, 429]);
  const refused = await fetch(one.url + paths.jobs);
  expect(refused.status).toBe(429);
  expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(60);
});

const TEN_OF_TWELVE = [...Array(10).fill(200), 429, 429];

// The short form has a Redis that hangs, which is the harder case.
test('with Redis down each enforces the limit on its own, and nothing fails', inShortIf(false), async () => {
  const { redis, one, other } = await twoDaemons();
  await redis.kill();
  for (const daemon of [one, other]) expect(await ask(daemon, 12)).toEqual(TEN_OF_TWELVE);
});

test('with Redis hanging each enforces the limit on its own, and retries Redis only occasionally', async () => {
  const { redis, one, other } = await twoDaemons();
  process.kill(redis.pid, 'SIGSTOP');
  let mayAsk = 0;
  for (const daemon of [one, other]) {
    const started = performance.now();
    expect(await ask(daemon, 12)).toEqual(TEN_OF_TWELVE);
    mayAsk += 1 + (performance.now() - started) / LEFT_ALONE_MS;
  }
  // It still has to read the earlier requests.
  process.kill(redis.pid, 'SIGCONT');
  const asked = await counted(redis);
  expect(asked).toBeGreaterThan(0);
  expect(asked).toBeLessThanOrEqual(mayAsk);
});
