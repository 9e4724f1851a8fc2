/** The daemon dies at any moment, any number of times: no record is lost, none is loaded twice. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { LONG } from '../../packages/daemon/test/support/form.js';
import { type Bench, type BenchOptions, openBench } from './support/bench.js';
import { completed, getJob, send, upload } from './support/client.js';
import type { DaemonProcess } from './support/daemonProcess.js';
import { dirtyFile } from './support/dirtyFile.js';
import { FULL, seconds, tell } from './support/figures.js';
import { storedIn } from './support/leftovers.js';
import type { DirtyFile } from './support/loadedTable.js';
import { LOADS } from './support/loads.js';
import { expectUndisturbed, putKnown, storedJob } from './support/oracle.js';
import { randomNumbers, SEED } from './support/random.js';
import { until } from './support/until.js';

let bench: Bench;
afterEach(() => bench.finish());

const AROUND_A_COMMIT = {
  'before a batch begins': 'before-begin:4=kill',
  'before a batch is read': 'before-batch:4=kill',
  'before a commit': 'before-commit:4=kill',
  'after a commit': 'after-commit:4=kill',
  'between the last commit and the acknowledgement of the job': 'before-ack=kill',
};

describe.each(LOADS)('$name', (load) => {
  const file = load.file(1, FULL ? 1_500 : 1_000);
  const open = async (options: BenchOptions = {}) => {
    bench = await openBench({ ...options, environment: { ...load.environment, ...options.environment } });
  };

  test('an undisturbed run matches the slow reader', LONG, async () => {
    await open();
    const url = await bench.daemon().url();
    await putKnown(bench.pool, file);
    const id = await upload(url, file);
    expect((await completed(url, id)).attempt).toBe(1);
    await expectUndisturbed(bench, id, file);
  });

  test('killed at random moments', LONG, async (context) => {
    // With a private Redis, a restarted daemon does not wait for a lock to expire, so there is time for many kills.
    await open({ embeddedRedis: true });
    const figures = await killAtRandom(FULL ? 50 : 2, load.file(2, FULL ? 6_000 : 1_000));
    tell(context, figures);
  });

  test(
    'killed at random moments, with a Redis that keeps the lock of the dead daemon',
    LONG,
    async (context) => {
      await open();
      const figures = await killAtRandom(10, load.file(3, 1_500));
      tell(context, figures);
    },
  );

  const short = load.always ? /before-commit/ : /-ack/;

  describe.each(Object.entries(AROUND_A_COMMIT))('killed %s', (where, failpoints) => {
    test('the job continues after its last commit', short.test(failpoints) ? {} : LONG, async (context) => {
      await open({ embeddedRedis: true });
      await putKnown(bench.pool, file);
      const doomed = bench.daemon({ CSVJOBS_FAILPOINTS: failpoints });
      const id = await upload(await doomed.url(), file);
      await killedAtFailpoint(doomed);
      const died = performance.now();
      const { status, processed } = await storedJob(bench.pool, id);
      // Batches grow to 50 records: an eighth of that first, then doubling each time.
      if (where === 'before a commit') expect(processed).toBe(7 + 14 + 28);
      if (where === 'after a commit') expect(processed).toBe(7 + 14 + 28 + 50);
      if (where === 'before a batch begins') expect(processed).toBeLessThanOrEqual(7 + 14 + 28);
      if (failpoints.startsWith('before-ack')) expect(status).toBe('completed');

      const url = await bench.daemon().url();
      const job = await completed(url, id);
      const recovery = seconds(performance.now() - died);
      expect(job.attempt).toBe(failpoints.startsWith('before-ack') ? 1 : 2);
      tell(context, { 'kills survived': 1, recovery });
      await expectUndisturbed(bench, id, file);
    });
  });

  test('killed again and again during the same batch: the job is not given up', LONG, async (context) => {
    // In the full form with a Redis that notices each time that the job stalled, which takes as long as its lock.
    await open({ embeddedRedis: !FULL, environment: { RETRY_LIMIT: '1' } });
    await putKnown(bench.pool, file);
    const crashes = FULL ? 5 : 3;
    let id: string | undefined;
    for (let crash = 0; crash < crashes; crash++) {
      const doomed = bench.daemon({ CSVJOBS_FAILPOINTS: 'before-commit=kill' });
      id ??= await upload(await doomed.url(), file);
      await killedAtFailpoint(doomed);
      expect(await storedJob(bench.pool, id)).toMatchObject({ processed: 0, status: 'processing' });
    }
    const died = performance.now();
    const job = await completed(await bench.daemon().url(), id!);
    const recovery = seconds(performance.now() - died);
    expect(job.attempt).toBe(crashes + 1);
    await expectUndisturbed(bench, id!, file);
    tell(context, { 'kills survived': crashes, recovery });
  });

  test('the reading thread dies alone, again and again', LONG, async (context) => {
    await open();
    await putKnown(bench.pool, file);
    const daemon = bench.daemon({ CSVJOBS_FAILPOINTS: 'before-batch:12=exit' });
    const url = await daemon.url();
    const id = await upload(url, file);
    const job = await completed(url, id);
    expect(job.attempt).toBeGreaterThan(2);
    expect(daemon.log().filter(({ code }) => code === 'reader_broke')).toHaveLength(job.attempt - 1);
    await expectUndisturbed(bench, id, file);
    tell(context, { deaths: job.attempt - 1 });
  });
});

const file = dirtyFile(1, FULL ? 1_500 : 500);

test('killed between the file and its job: the file is an orphan and is removed', async (context) => {
  bench = await openBench({ environment: { ORPHAN_AGE: '300' } });
  const doomed = bench.daemon({ CSVJOBS_FAILPOINTS: 'after-rename=kill' });
  await expect(send(await doomed.url(), file)).rejects.toThrow('fetch failed');
  await killedAtFailpoint(doomed);
  expect(storedIn(bench.uploads)).toHaveLength(2);

  const daemon = bench.daemon();
  const { orphans } = await daemon.logged('removed files without a job');
  expect(orphans).toHaveLength(1);
  expect(storedIn(bench.uploads)).toEqual(['incoming']);
  expect((await bench.pool.query('select 1 from jobs')).rows).toEqual([]);
  tell(context, { 'kills survived': 1 });
});

test('killed between the job and the queue: the job is found and loaded', async (context) => {
  bench = await openBench();
  await putKnown(bench.pool, file);
  const doomed = bench.daemon({ CSVJOBS_FAILPOINTS: 'after-insert=kill' });
  await expect(send(await doomed.url(), file)).rejects.toThrow('fetch failed');
  await killedAtFailpoint(doomed);
  const died = performance.now();
  const { rows } = await bench.pool.query<{ id: string }>(`select id from jobs where status = 'pending'`);

  // It is found at startup: the next sweep is much later.
  const url = await bench.daemon({ RECOVER_INTERVAL: '600000' }).url();
  await completed(url, rows[0]!.id);
  tell(context, { 'kills survived': 1, recovery: seconds(performance.now() - died) });
  await expectUndisturbed(bench, rows[0]!.id, file);
});

/** Kills daemon after daemon during one job, then during another of the same file, until enough kills are done. */
async function killAtRandom(kills: number, large: DirtyFile) {
  const random = randomNumbers(SEED);
  let survived = 0;
  let longest = 0;
  while (survived < kills) {
    await bench.pool.query('truncate resumable_uploads, jobs, customers, job_errors cascade');
    await putKnown(bench.pool, large);
    await large.table.empty(bench.pool);
    await putKnown(bench.pool, large);
    let id: string | undefined;
    for (let over = false; !over; ) {
      const daemon = bench.daemon();
      const url = await daemon.url();
      const started = performance.now();
      id ??= await upload(url, large);
      const job = id;
      const before = await storedJob(bench.pool, job);
      await until('the job continues', async () => {
        const { processed, status } = await storedJob(bench.pool, job);
        return processed > before.processed || status === 'completed';
      });
      longest = Math.max(longest, performance.now() - started);
      const moment = performance.now() + random() * 300;
      await until('the moment has come', () => performance.now() >= moment);
      over = survived === kills || (await getJob(url, job)).status === 'completed';
      if (over) {
        await completed(url, job);
        daemon.signal('SIGTERM');
        expect(await daemon.ended).toBe(0);
      } else {
        daemon.signal('SIGKILL');
        expect(await daemon.ended).toBe('SIGKILL');
        survived++;
      }
    }
    await expectUndisturbed(bench, id!, large);
    // The next round empties the tables, which would make this file an orphan.
    await rm(join(bench.uploads, id!));
  }
  return {
    'kills survived': survived,
    'longest recovery': seconds(longest),
    seed: SEED,
  };
}

async function killedAtFailpoint(daemon: DaemonProcess): Promise<void> {
  expect(await daemon.ended).toBe('SIGKILL');
}
