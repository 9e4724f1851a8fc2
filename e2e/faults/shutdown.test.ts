/** The daemon is asked to stop: it stops cleanly and in time, and running work continues at the next start. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { LONG } from '../../packages/daemon/test/support/form.js';
import { type Bench, openBench } from './support/bench.js';
import { completed, readiness, upload } from './support/client.js';
import type { DaemonProcess } from './support/daemonProcess.js';
import { dirtyFile } from './support/dirtyFile.js';
import { openStream } from './support/eventStream.js';
import { seconds, tell } from './support/figures.js';
import { HELD_FOR_LONG } from './support/heldForLong.js';
import { processesIn } from './support/leftovers.js';
import { customersFirst, LOADS } from './support/loads.js';
import { expectUndisturbed, putKnown, storedJob } from './support/oracle.js';
import { beginUpload } from './support/rawUpload.js';
import { until } from './support/until.js';

let bench: Bench;
afterEach(() => bench.finish());

/**
 * In none of these tests may the daemon's end be late by a clock. What is in its way stays there until it has ended, so a daemon that
 * waits for it never ends; and nothing unfinished is cut within this test's time if it may take an hour.
 */
const AN_HOUR = '3600000';

const small = dirtyFile(62, 300, 'b');

describe.each(LOADS)('$name', (load) => {
  const file = load.file(61, 3_000);
  const other = load.file(62, 300, 'b');

  test(
    'SIGTERM in mid-job, with an open stream and an upload in progress',
    customersFirst(load),
    async (context) => {
      bench = await openBench({ environment: load.environment });
      await putKnown(bench.pool, file);
      await putKnown(bench.pool, other);
      const daemon = bench.daemon({ SHUTDOWN_TIMEOUT: AN_HOUR, BATCH_ROWS: '10' });
      const url = await daemon.url();
      const id = await upload(url, file);
      await until(
        'some of the file is loaded',
        async () => (await storedJob(bench.pool, id)).processed >= 100,
      );
      const stream = await openStream(url, id);
      const inFlight = await beginUpload(url, other.bytes.length, other.table.into);
      await inFlight.write(other.bytes.subarray(0, 1_000));
      const idle = connect(Number(new URL(url).port), '127.0.0.1');
      idle.on('error', () => {});
      const ready = fetch(`${url}/readyz`, { headers: { Connection: 'keep-alive' } });
      await ready;

      const asked = performance.now();
      daemon.signal('SIGTERM');
      await stream.over;
      expect(stream.text()).toMatch(/retry: \d+\n\n$/);
      expect(stream.events.at(-1)?.progress.status).not.toBe('completed');
      await expect(readiness(url)).rejects.toThrow();
      // The upload started before: it may finish, and creates its job.
      await inFlight.write(other.bytes.subarray(1_000));
      await inFlight.finish();
      expect(await inFlight.status).toBe(202);
      expect(await daemon.ended).toBe(0);
      const took = performance.now() - asked;
      expect(daemon.log().at(-1)!.msg).toBe('stopped');
      idle.destroy();
      const { status, processed } = await storedJob(bench.pool, id);
      expect(status).toBe('processing');
      expect(processed).toBeLessThan(file.records);

      const again = performance.now();
      const next = await bench.daemon().url();
      const job = await completed(next, id);
      expect(job.attempt).toBe(2);
      await expectUndisturbed(bench, id, file);
      tell(context, {
        'stopped after': seconds(took),
        'job done after a new start': seconds(performance.now() - again),
      });
      // The requeued job kept its place.
      const { rows } = await bench.pool.query<{ id: string }>(
        `select id from jobs where filename <> 'earlier' order by completed_at nulls last`,
      );
      expect(rows).toHaveLength(2);
      expect(rows[0]!.id).toBe(id);
      await completed(next, rows[1]!.id);
      await expectUndisturbed(bench, rows[1]!.id, other);
    },
  );

  test(
    'a loader that waits for a lock does not keep the daemon beyond its timeout',
    LONG,
    async (context) => {
      bench = await openBench({ environment: load.environment });
      await putKnown(bench.pool, file);
      const id = await upload(await bench.daemon({}, { args: ['--role', 'api'] }).url(), file);
      const holder = await bench.pool.connect();
      await holder.query('begin');
      await holder.query(HELD_FOR_LONG);
      await holder.query(`lock table ${file.table.name} in access exclusive mode`);
      const daemon = bench.daemon({ SHUTDOWN_TIMEOUT: '1500' }, { args: ['--role', 'worker'] });
      await until(
        'the job is under way',
        async () => (await storedJob(bench.pool, id)).status === 'processing',
      );
      const asked = performance.now();
      daemon.signal('SIGTERM');
      expect(await daemon.ended).toBe(0);
      const took = performance.now() - asked;
      tell(context, { 'stopped after': seconds(took) });
      await holder.query('rollback');
      holder.release();
      await completed(await bench.daemon().url(), id);
      await expectUndisturbed(bench, id, file);
    },
  );

  test(
    'PostgreSQL has gone silent under all running work: the daemon stops in time',
    LONG,
    async (context) => {
      bench = await openBench({ environment: load.environment });
      await putKnown(bench.pool, file);
      // Hanging work uses its share of three quarters of it; the rest, ten seconds, is for a few lines of log on a busy machine.
      const daemon = bench.daemon({
        ...{ SHUTDOWN_TIMEOUT: '40000', BATCH_ROWS: '10' },
        CSVJOBS_FAILPOINTS: 'after-rename:2=stop',
      });
      const url = await daemon.url();
      const id = await upload(url, file);
      await until(
        'some of the file is loaded',
        async () => (await storedJob(bench.pool, id)).processed >= 100,
      );
      const hanging = await beginUpload(url, small.bytes.length);
      await hanging.write(small.bytes);
      await hanging.finish();
      const files = () => readdirSync(bench.uploads).filter((name) => /^[0-9a-f-]{36}$/.test(name));
      // Its file is in place; its row will wait for an answer that never comes, like the load and everything that
      // must be closed.
      await daemon.stopped();
      expect(files()).toHaveLength(2);
      bench.database.swallow();
      bench.database.swallowNew();
      daemon.signal('SIGCONT');
      const asked = performance.now();
      daemon.signal('SIGTERM');
      expect(await daemon.ended).toBe(0);
      const took = performance.now() - asked;
      // Cleanly, and not because of the timeout.
      expect(daemon.log().at(-1)!.msg).toBe('stopped');
      tell(context, { 'stopped after': seconds(took) });
      hanging.socket.destroy();
      bench.database.answerNew();
      await completed(await bench.daemon({ ORPHAN_AGE: '300' }).url(), id);
      await expectUndisturbed(bench, id, file);
      await until('the file without a row is removed', () => files().length === 1);
    },
  );
});

test('an endless upload is cut at the timeout', LONG, async (context) => {
  bench = await openBench();
  const daemon = bench.daemon({ SHUTDOWN_TIMEOUT: '1500' });
  const url = await daemon.url();
  const hanging = await beginUpload(url, 10_000);
  await hanging.write('name,email,company\n');
  await until('it has begun', async () => (await readiness(url)).ready);
  const asked = performance.now();
  daemon.signal('SIGTERM');
  expect(await daemon.ended).toBe(0);
  const took = performance.now() - asked;
  tell(context, { 'stopped after': seconds(took) });
});

test('a second signal ends the daemon at once', LONG, async (context) => {
  bench = await openBench({ environment: { ORPHAN_AGE: '300' } });
  const daemon = bench.daemon({ SHUTDOWN_TIMEOUT: AN_HOUR });
  const hanging = await beginUpload(await daemon.url(), 10_000);
  await hanging.write('name,email,company\n');
  // On a busy machine the daemon may otherwise be asked to stop before it starts on the upload.
  await until('a part of the upload', () => readdirSync(join(bench.uploads, 'incoming')).length > 0);
  daemon.signal('SIGTERM');
  await daemon.logged('stopping; a second signal exits at once');
  const again = performance.now();
  daemon.signal('SIGTERM');
  expect(await daemon.ended).toBe(143);
  tell(context, { 'ended after': seconds(performance.now() - again) });
  // The next daemon removes what the upload left.
  await bench.daemon().logged('removed partial uploads of a daemon that has exited');
});

test('asked during startup while it waits for PostgreSQL: it stops, and leaves no private server behind', async () => {
  bench = await openBench({ embeddedRedis: true });
  bench.database.refuse();
  const daemon = bench.daemon();
  await daemon.logged('PostgreSQL is not available yet; waiting');
  daemon.signal('SIGTERM');
  expect(await daemon.ended).toBe(0);
  bench.database.admit();
});

test(
  'asked during startup while PostgreSQL is silent: it is cut off at the timeout',
  LONG,
  async (context) => {
    bench = await openBench();
    bench.database.swallowNew();
    const daemon = bench.daemon({ SHUTDOWN_TIMEOUT: '1500' });
    await until('it asks PostgreSQL', () => bench.database.open() > 0);
    const asked = performance.now();
    daemon.signal('SIGTERM');
    expect(await daemon.ended).toBe(0);
    const took = performance.now() - asked;
    expect(daemon.log().at(-1)!.msg).toMatch(/^shutdown timed out/);
    tell(context, { 'stopped after': seconds(took) });
  },
);

test('asked while it creates its private servers: it stops, and leaves none behind', async () => {
  bench = await openBench({ embeddedRedis: true });
  const daemon = bench.daemon({ DB_HOST: '', SHUTDOWN_TIMEOUT: AN_HOUR });
  await until('PostgreSQL is being made', () => existsSync(join(bench.folder, 'data', 'postgres')));
  daemon.signal('SIGTERM');
  expect(await daemon.ended).toBe(0);
  expect(daemon.log().map(({ msg }) => msg)).not.toContain('listening');
});

test(
  'a private PostgreSQL that cannot end yet does not delay the daemon, and the next start waits for it',
  LONG,
  async (context) => {
    bench = await openBench({ embeddedRedis: true, environment: { DB_HOST: '' } });
    const daemon = bench.daemon({ SHUTDOWN_TIMEOUT: '1500' });
    await daemon.url();
    // A stop ends with a checkpoint, which takes as long as the disk needs.
    const checkpointer = processOf(bench.folder, 'postgres: checkpointer');
    process.kill(checkpointer, 'SIGSTOP');
    let next: DaemonProcess;
    try {
      const asked = performance.now();
      daemon.signal('SIGTERM');
      expect(await daemon.ended).toBe(0);
      const took = performance.now() - asked;
      tell(context, { 'stopped after': seconds(took) });
      next = bench.daemon();
      await next.logged('stopping the embedded PostgreSQL left behind by a killed daemon');
    } finally {
      process.kill(checkpointer, 'SIGCONT');
    }
    expect((await readiness(await next.url())).ready).toBe(true);
  },
);

/** The process with this title whose working folder is this one. */
function processOf(folder: string, title: string): number {
  const found = processesIn(folder).find((pid) =>
    readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith(title),
  );
  if (found === undefined) throw new Error(`no process of ${folder} is called ${title}`);
  return Number(found);
}

test('an idle daemon with private servers stops at once', LONG, async (context) => {
  bench = await openBench({ embeddedRedis: true });
  const daemon = bench.daemon({ DB_HOST: '' });
  await daemon.url();
  const asked = performance.now();
  daemon.signal('SIGINT');
  expect(await daemon.ended).toBe(0);
  tell(context, { 'stopped after': seconds(performance.now() - asked) });
});
