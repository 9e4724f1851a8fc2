/** RATE_LIMIT of two daemons on one Redis: counted together, and by each alone while Redis is down or hangs. */
import { paths } from '@csvjobs/shared';
import { expect, onTestFinished, test } from 'vitest';
import { startRedis } from '../../packages/daemon/test/support/servers.js';
import type { RunningDaemon } from '../support/daemon.js';
import { openPlace } from '../support/place.js';

/** The statuses of so many requests, one after the other. */
async function ask({ url }: RunningDaemon, times: number): Promise<number[]> {
  const statuses: number[] = [];
  for (let n = 0; n < times; n++) {
    const response = await fetch(url + paths.jobs);
    await response.text();
    statuses.push(response.status);
  }
  return statuses;
}

test('both processes together let as many through as one may', async () => {
  const place = await openPlace();
  onTestFinished(() => place.close());
  const one = await place.start({ RATE_LIMIT: '10' }, '--role', 'api');
  const other = await place.start({ RATE_LIMIT: '10' }, '--role', 'api');
  expect(await ask(one, 6)).toEqual(Array(6).fill(200));
  expect(await ask(other, 6)).toEqual([200, 200, 200, 200, 429, 429]);
  const refused = await fetch(one.url + paths.jobs);
  expect(refused.status).toBe(429);
  expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(60);
});

test.each([
  ['down', 'SIGKILL'],
  ['hanging', 'SIGSTOP'],
] as const)('with Redis %s each holds the bound by itself, and nothing fails', async (_, signal) => {
  const place = await openPlace();
  const redis = await startRedis();
  onTestFinished(async () => {
    if (signal === 'SIGSTOP') process.kill(redis.pid, 'SIGCONT');
    await place.close();
    await redis.stop();
  });
  const own = { RATE_LIMIT: '10', REDIS_URL: `unix://${redis.path}` };
  const one = await place.start(own, '--role', 'api');
  const other = await place.start(own, '--role', 'api');
  if (signal === 'SIGKILL') await redis.kill();
  else process.kill(redis.pid, signal);
  for (const daemon of [one, other]) {
    const started = performance.now();
    expect(await ask(daemon, 12)).toEqual([...Array(10).fill(200), 429, 429]);
    // Only the first waits for it.
    expect(performance.now() - started).toBeLessThan(1_500);
  }
});
