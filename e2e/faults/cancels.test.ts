/**
 * A cancelled job frees the queue at once, in every phase: what its work waits for never ends in these tests, or
 * only when they release it, and the next job still completes.
 */
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { paths } from '@csvjobs/shared';
import { Redis } from 'ioredis';
import { afterEach, describe, expect, test } from 'vitest';
import { LONG } from '../../packages/daemon/test/support/form.js';
import { type Bench, openBench } from './support/bench.js';
import { completed, getJob, readiness, upload } from './support/client.js';
import type { DaemonProcess } from './support/daemonProcess.js';
import { HELD_FOR_LONG } from './support/heldForLong.js';
import { storedJob } from './support/oracle.js';
import { until } from './support/until.js';

let bench: Bench;
let api: string;
let open: () => unknown;

afterEach(async () => {
  await open?.();
  open = () => {};
  await bench.finish();
});

const rows = (count: number, owner: string) =>
  Buffer.from(
    `name,email,phone,company\n${Array.from({ length: count }, (_, row) => `n,${owner}${row}@x.test,,c\n`).join('')}`,
  );

const stored = (id: string) => join(bench.uploads, id);

async function call(url: string, id: string, what: 'cancel' | 'delete' | 'retry'): Promise<number> {
  const path = what === 'delete' ? paths.job(id) : what === 'cancel' ? paths.cancel(id) : paths.retry(id);
  const answer = await fetch(url + path, { method: what === 'delete' ? 'DELETE' : 'POST' });
  return answer.status;
}

/** The number of a job's backends that have waited for a lock longer than this many seconds. */
async function waiting(id: string, seconds = 0): Promise<number> {
  const { rows: found } = await bench.pool.query(
    `select from pg_locks join pg_stat_activity using (pid)
     where not granted and application_name like $1 and waitstart <= clock_timestamp() - $2 * interval '1 s'`,
    [`csvjobs ${id}%`, seconds],
  );
  return found.length;
}

/** A lane's patience is 2 s at first: then it backs off and checks its job. Only the wait after that is endless. */
const waitsForEver = async (id: string) => (await waiting(id, 3)) > 0;

/** A transaction that ends only on request. */
async function hold(sql: string): Promise<() => Promise<void>> {
  const client = await bench.pool.connect();
  await client.query(`begin; ${HELD_FOR_LONG}; ${sql}`);
  return async () => {
    await client.query('rollback');
    client.release();
  };
}

interface Phase {
  name: string;
  /** Added to the worker's environment. */
  environment?: Record<string, string>;
  /** Blocks the job's work; returns a function that releases it. */
  block(id: string): Promise<() => unknown>;
  /** Whether the work hangs there. */
  hangs(id: string): Promise<boolean>;
}

const PHASES: Phase[] = [
  {
    name: 'surveying four terabytes',
    block: async (id) => {
      writeFileSync(stored(id), rows(50_000, 's'));
      truncateSync(stored(id), 4 * 2 ** 40);
      return () => {};
    },
    hangs: async (id) => (await storedJob(bench.pool, id)).attempt === 1,
  },
  {
    name: 'reading a batch',
    environment: { CSVJOBS_FAILPOINTS: 'before-batch:2=block/2000000000' },
    block: async () => () => {},
    hangs: async (id) => (await storedJob(bench.pool, id)).processed > 0,
  },
  {
    name: "waiting for another transaction's row",
    block: async () =>
      hold(`insert into customers (job_id, name, email, company)
            select id, 'n', 'first900@x.test', 'c' from jobs limit 1`),
    hangs: waitsForEver,
  },
  {
    name: 'waiting for the whole table',
    block: async () => hold('lock table customers in access exclusive mode'),
    hangs: waitsForEver,
  },
];

/** The API without a worker: an uploaded job stays pending until a worker starts. */
async function begin(redis?: string[], environment: Record<string, string> = {}): Promise<void> {
  bench = await openBench(redis ? { redis, environment } : { environment });
  open = () => {};
  api = await bench.daemon({}, { args: ['--role', 'api'] }).url();
}

async function hanging(phase: Phase): Promise<{ id: string; worker: DaemonProcess; url: string }> {
  const id = await upload(api, rows(1_500, 'first'));
  open = await phase.block(id);
  const worker = bench.daemon(phase.environment, { args: ['--role', 'worker'] });
  const url = await worker.url();
  await until('its work hangs', () => phase.hangs(id));
  return { id, worker, url };
}

/** The next job: small enough for one batch. */
const next = () => upload(api, rows(5, 'next'));

async function expectFreed(phase: Phase, id: string, waits: string): Promise<void> {
  // With the whole table locked it gets no further.
  if (phase.name === 'waiting for the whole table')
    await until('the next job waits there', async () => (await waiting(waits)) > 0);
  else await completed(api, waits);
  await until('no backend of the cancelled job waits', async () => (await waiting(id)) === 0);
  expect((await getJob(api, id)).status).toBe('cancelled');
}

/** What a cancel cuts in each phase does not depend on its sender, so one or two phases suffice in the shorter form. */
const inShort = (phase: Phase, ...places: number[]) => (places.includes(PHASES.indexOf(phase)) ? {} : LONG);

describe.each(PHASES)('$name', (phase) => {
  test('cancelled in another daemon', LONG, async () => {
    await begin();
    const { id, worker } = await hanging(phase);
    const waits = await next();
    expect(await call(api, id, 'cancel')).toBe(200);
    await worker.logged(/no longer this worker's/);
    await expectFreed(phase, id, waits);
    await open();
    open = () => {};
    await completed(api, waits);
  });

  test('cancelled there and deleted', inShort(phase, 0), async () => {
    await begin();
    const { id, url, worker } = await hanging(phase);
    const waits = await next();
    expect(await call(url, id, 'cancel')).toBe(200);
    expect(await call(url, id, 'delete')).toBe(204);
    // Its file may be gone before the thread opens it: then the attempt fails, and nothing waits for it.
    await worker.logged(/no longer this worker's|has taken over the job/);
    if (phase.name !== 'waiting for the whole table') await completed(api, waits);
    await until('no backend of the deleted job waits', async () => (await waiting(id)) === 0);
    await open();
    open = () => {};
    await completed(api, waits);
  });

  // The last phase does not differ in anything that involves Redis.
  test.skipIf(phase === PHASES.at(-1))('cancelled while Redis is away', LONG, async () => {
    await begin([]);
    const { id, worker } = await hanging(phase);
    const waits = await next();
    bench.redis.refuse();
    await until('Redis is away', async () => !(await readiness(api)).checks.redis!.ok);
    expect(await call(api, id, 'cancel')).toBe(200);
    await worker.logged(/no longer this worker's/);
    await until('no backend of the cancelled job waits', async () => (await waiting(id)) === 0);
    bench.redis.admit();
    await expectFreed(phase, id, waits);
  });
});

const NO_RECOVERY = { RECOVER_INTERVAL: '86400000' };

test('cancelled while surveyed and retried at once: it does not wait for recovery', LONG, async () => {
  await begin(undefined, NO_RECOVERY);
  const { id, worker } = await hanging(PHASES[0]!);
  expect(await call(api, id, 'cancel')).toBe(200);
  await worker.logged(/no longer this worker's/);
  writeFileSync(stored(id), rows(1_500, 'first'));
  expect(await call(api, id, 'retry')).toBe(202);
  expect((await completed(api, id)).attempt).toBe(2);
});

test('cancelled and retried before its work ends: it is delivered again', LONG, async () => {
  await begin(undefined, NO_RECOVERY);
  const { id } = await hanging(PHASES[2]!);
  // Neither message arrives, so the attempt finds the job still its own, except for its state.
  await bench.pool.query(`update jobs set status = 'cancelled', completed_at = now() where id = $1`, [id]);
  expect(await call(api, id, 'retry')).toBe(202);
  await until('no backend of the cancelled attempt waits', async () => (await waiting(id)) === 0);
  await open();
  open = () => {};
  expect((await completed(api, id)).attempt).toBe(2);
});

test('another attempt takes over while the file is surveyed: the first one ends', LONG, async () => {
  await begin();
  const { id, worker } = await hanging(PHASES[0]!);
  await bench.pool.query(
    'update jobs set attempt = attempt + 1, claimed_level = worker_level where id = $1',
    [id],
  );
  await worker.logged(/no longer this worker's/);
  expect(await call(api, id, 'cancel')).toBe(200);
  await completed(api, await next());
});

test('stopped while a file is surveyed: the job is put back at once', LONG, async () => {
  await begin();
  const { id, worker } = await hanging(PHASES[0]!);
  worker.signal('SIGTERM');
  expect(await worker.ended).toBe(0);
  expect(worker.log().map(({ msg }) => msg)).toContain('job requeued: this daemon is stopping');
  const redis = new Redis({ port: bench.redis.port, host: '127.0.0.1' });
  redis.on('error', () => {});
  const keys = await redis.keys(`*:csv:${id}:lock`);
  redis.disconnect();
  expect(keys).toEqual([]);
  expect(await call(api, id, 'cancel')).toBe(200);
});
