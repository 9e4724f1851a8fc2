/** Redis fails, or loses everything: it only delivers, so nothing is lost and nothing is done twice. */
import { Redis } from 'ioredis';
import { afterEach, describe, expect, test } from 'vitest';
import { LONG } from '../../packages/daemon/test/support/form.js';
import { type Bench, openBench } from './support/bench.js';
import { completed, getJob, readiness, upload } from './support/client.js';
import type { DaemonProcess } from './support/daemonProcess.js';
import { seconds, tell } from './support/figures.js';
import { customersFirst, LOADS } from './support/loads.js';
import { expectUndisturbed, putKnown, storedJob } from './support/oracle.js';
import { until } from './support/until.js';

let bench: Bench;
let daemon: DaemonProcess;
let url: string;
afterEach(() => bench.finish());

/** Queries the bench's server directly, past the proxy. */
async function ask<T>(work: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis({ path: bench.redisServer.path });
  redis.on('error', () => {});
  try {
    return await work(redis);
  } finally {
    redis.disconnect();
  }
}

describe.each(LOADS)('$name', (load) => {
  const file = load.file(21, 1_500);
  const other = load.file(22, 500, 'b');

  async function begin(redis: string[] = []): Promise<void> {
    bench = await openBench({ redis, environment: load.environment });
    daemon = bench.daemon();
    url = await daemon.url();
    await putKnown(bench.pool, file);
    await putKnown(bench.pool, other);
  }

  async function underWay(): Promise<string> {
    const id = await upload(url, file);
    await until('some of the file is loaded', async () => (await storedJob(bench.pool, id)).processed >= 100);
    return id;
  }

  test('shut down without saving in mid-job, and back empty', LONG, async (context) => {
    await begin();
    const id = await underWay();
    const waiting = await upload(url, other);
    await ask((redis) => redis.shutdown('NOSAVE').catch(() => {}));
    await until('it is seen', async () => !(await readiness(url)).checks.redis!.ok);
    await bench.redisServer.restart();
    const back = performance.now();
    expect((await completed(url, id)).attempt).toBe(1);
    await completed(url, waiting);
    await expectUndisturbed(bench, id, file);
    await expectUndisturbed(bench, waiting, other);
    tell(context, {
      'all done after its return': seconds(performance.now() - back),
    });
    await expectEmptyQueue();
  });

  test('FLUSHALL in mid-job, with another job waiting', customersFirst(load), async (context) => {
    await begin();
    const id = await underWay();
    const waiting = await upload(url, other);
    const struck = performance.now();
    await ask((redis) => redis.flushall());
    expect((await completed(url, id)).attempt).toBe(1);
    await completed(url, waiting);
    await expectUndisturbed(bench, id, file);
    await expectUndisturbed(bench, waiting, other);
    tell(context, { 'all done after': seconds(performance.now() - struck) });
    await expectEmptyQueue();
  });

  /** No job, no lock: what Bull keeps when it is idle. */
  async function expectEmptyQueue(): Promise<void> {
    await until('the queue is empty', async () => {
      const keys = await ask((redis) => redis.keys('*:csv:*'));
      return keys.every((key) => /:(id|stalled-check|meta-paused)$/.test(key));
    });
  }

  test('down at an upload: the job is accepted, and runs when Redis is back', LONG, async (context) => {
    await begin();
    bench.redis.refuse();
    const id = await upload(url, file);
    expect((await getJob(url, id)).status).toBe('pending');
    expect((await readiness(url)).ready).toBe(false);
    bench.redis.admit();
    const back = performance.now();
    await until('the job is taken', async () => (await storedJob(bench.pool, id)).attempt === 1);
    tell(context, { 'taken after its return': seconds(performance.now() - back) });
    await completed(url, id);
    await expectUndisturbed(bench, id, file);
  });

  test('down at the start: the daemon accepts uploads, and works once Redis is up', LONG, async () => {
    bench = await openBench({ redis: [], environment: load.environment });
    bench.redis.refuse();
    daemon = bench.daemon();
    url = await daemon.url();
    await putKnown(bench.pool, file);
    const id = await upload(url, file);
    bench.redis.admit();
    await completed(url, id);
    await expectUndisturbed(bench, id, file);
  });

  test('down at SIGTERM: the daemon still stops in time', LONG, async (context) => {
    await begin();
    await underWay();
    bench.redis.refuse();
    const asked = performance.now();
    daemon.signal('SIGTERM');
    expect(await daemon.ended).toBe(0);
    const took = performance.now() - asked;
    // Redis is still away: a daemon that waits for it does not end.
    tell(context, { 'stopped after': seconds(took) });
    bench.redis.admit();
  });

  test('full: jobs are accepted and wait, and loaded rows stay', LONG, async () => {
    await begin();
    await ask((redis) => redis.config('SET', 'maxmemory', '1'));
    const id = await upload(url, file);
    expect(await storedJob(bench.pool, id)).toMatchObject({ attempt: 0, status: 'pending' });
    await daemon.logged('cannot compare the queue with PostgreSQL; retrying');
    await ask((redis) => redis.config('SET', 'maxmemory', '0'));
    await completed(url, id);
    await expectUndisturbed(bench, id, file);
  });
});

test('silent from the start to SIGTERM: the daemon stops in time, and cleanly', LONG, async () => {
  bench = await openBench({ redis: [] });
  bench.redis.swallowNew();
  daemon = bench.daemon();
  await daemon.url();
  daemon.signal('SIGTERM');
  expect(await daemon.ended).toBe(0);
  bench.redis.admit();
});

test('an eviction policy that may drop jobs: a warning at startup, and not ready', LONG, async () => {
  bench = await openBench({ redis: ['--maxmemory-policy', 'allkeys-lru'] });
  daemon = bench.daemon();
  url = await daemon.url();
  const warning = await daemon.logged(/maxmemory-policy/);
  expect(warning.level).toBe('warn');
  const { ready, checks } = await readiness(url);
  expect(ready).toBe(false);
  expect(checks.redis).toMatchObject({ ok: false, message: expect.stringContaining('noeviction') });
  await ask((redis) => redis.config('SET', 'maxmemory-policy', 'noeviction'));
  expect((await readiness(url)).ready).toBe(true);
});
