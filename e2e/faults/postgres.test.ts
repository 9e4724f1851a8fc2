/** PostgreSQL fails in every possible way: the job waits and continues, and no commit is counted twice. */
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { problemSchema } from '@csvjobs/shared';
import { afterEach, describe, expect, test } from 'vitest';
import { LONG, skipWithout } from '../../packages/daemon/test/support/form.js';
import { onPlain } from '../../packages/daemon/test/support/postgres.js';
import { type Bench, type BenchOptions, openBench } from './support/bench.js';
import { completed, getJob, readiness, send, upload } from './support/client.js';
import type { DaemonProcess } from './support/daemonProcess.js';
import { FULL, seconds, tell } from './support/figures.js';
import { HELD_FOR_LONG } from './support/heldForLong.js';
import { storedIn } from './support/leftovers.js';
import { customersFirst, LOADS } from './support/loads.js';
import { expectUndisturbed, putKnown, storedJob } from './support/oracle.js';
import { until } from './support/until.js';

let bench: Bench;
let daemon: DaemonProcess;
let url: string;

afterEach(() => bench.finish());

/** Commits must survive the server's death: synchronous_commit is off in other tests' servers. */
const OWN = { synchronous_commit: 'on' };

describe.each(LOADS)('$name', (load) => {
  const file = load.file(11, 1_500);

  async function begin(options: BenchOptions = {}, environment: Record<string, string> = {}): Promise<void> {
    bench = await openBench({ ...options, environment: { ...load.environment, ...options.environment } });
    if (options.postgres) {
      const migrating = bench.daemon({}, { args: ['migrate'] });
      expect(await migrating.ended).toBe(0);
    }
    await putKnown(bench.pool, file);
    // Small batches: the job is still running when a delayed test checks it.
    daemon = bench.daemon({ BATCH_ROWS: '10', ...environment });
    url = await daemon.url();
  }

  /** Uploads the file and waits until part of it is loaded. */
  async function underWay(rows = 100): Promise<string> {
    const id = await upload(url, file);
    await until(
      'some of the file is loaded',
      async () => (await storedJob(bench.pool, id)).processed >= rows,
    );
    return id;
  }

  /** Locks the table so that a loader stops in the middle of its batch; returns the loader's backend. */
  async function stoppedInBatch(id: string): Promise<{ pid: number; release: () => Promise<void> }> {
    const holder = await bench.pool.connect();
    const release = async () => {
      await holder.query('rollback').catch(() => {});
      holder.release(true);
    };
    try {
      await holder.query('begin');
      await holder.query(HELD_FOR_LONG);
      await holder.query(`lock table ${file.table.name} in access exclusive mode`);
      const pid = await until('a loader waits with rows of its batch', async () => {
        // Not with the holder: within a transaction pg_stat_activity shows the names of its first read.
        const { rows } = await bench.pool.query<{ pid: number }>(
          `select pid from pg_stat_activity where application_name like $1 and wait_event_type = 'Lock'`,
          [`csvjobs ${id}/%`],
        );
        return rows[0]?.pid;
      });
      return { pid, release };
    } catch (error) {
      await release();
      throw error;
    }
  }

  test('a backend is terminated in the middle of a batch', customersFirst(load), async (context) => {
    await begin();
    const id = await underWay();
    const { pid, release } = await stoppedInBatch(id);
    const struck = performance.now();
    await bench.pool.query('select pg_terminate_backend($1)', [pid]);
    await daemon.logged('job failed and will be tried again');
    await release();
    const job = await completed(url, id);
    tell(context, { recovery: seconds(performance.now() - struck) });
    expect(job.attempt).toBe(2);
    await expectUndisturbed(bench, id, file);
  });

  test('a backend is killed in the middle of a batch: the whole server restarts', LONG, async (context) => {
    await begin({ postgres: OWN });
    const id = await underWay();
    const { pid, release } = await stoppedInBatch(id);
    const struck = performance.now();
    process.kill(pid, 'SIGKILL');
    await release();
    const job = await completed(url, id);
    tell(context, { recovery: seconds(performance.now() - struck) });
    expect(job.attempt).toBeGreaterThan(1);
    await expectUndisturbed(bench, id, file);
  });

  test(
    'the server is killed and comes back later; the API answers 503 in the meantime',
    LONG,
    async (context) => {
      await begin({ postgres: OWN });
      const id = await underWay();
      await bench.postgresServer.kill();
      const down = performance.now();
      const answer = await until('the API notices', async () => {
        const got = await fetch(`${url}/api/jobs/${id}`);
        return got.status === 503 ? got : undefined;
      });
      expect(answer.headers.get('retry-after')).toBe('2');
      expect(problemSchema.parse(await answer.json()).code).toBe('unavailable');
      const ready = await readiness(url);
      expect(ready).toMatchObject({
        ready: false,
        checks: { postgresql: { ok: false }, redis: { ok: true } },
      });
      expect((await send(url, file)).status).toBe(503);
      // The file of the running job, and none of the refused one.
      expect(storedIn(bench.uploads)).toEqual([id, `${id}.emails`, 'incoming'].sort());

      const away = FULL ? 20_000 : 2_000;
      await until('it has been away for long enough', () => performance.now() - down > away);
      await bench.postgresServer.restart();
      const back = performance.now();
      await until(
        'the job is completed',
        async () => (await storedJob(bench.pool, id)).status === 'completed',
      );
      const { attempt } = await getJob(url, id);
      expect(attempt).toBeGreaterThan(1);
      await expectUndisturbed(bench, id, file);
      tell(context, {
        'done after its return': seconds(performance.now() - back),
      });
    },
  );

  test('all idle connections are terminated', LONG, async () => {
    await begin();
    const terminate = () =>
      bench.pool.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and application_name like 'csvjobs%' and pid <> pg_backend_pid()`,
      );
    await Promise.all([getJobs(), getJobs(), getJobs()]);
    expect((await terminate()).rowCount).toBeGreaterThan(0);
    const id = await until('the daemon takes an upload', () => upload(url, file));
    await completed(url, id);
    await expectUndisturbed(bench, id, file);
  });

  async function getJobs(): Promise<void> {
    expect((await fetch(`${url}/api/jobs`)).status).toBe(200);
  }

  test('down at an upload: 503, and nothing is left of the file', LONG, async () => {
    await begin();
    bench.database.refuse();
    const answer = await send(url, file);
    expect(answer.status).toBe(503);
    expect(problemSchema.parse(await answer.json()).code).toBe('unavailable');
    expect((await bench.pool.query(`select from jobs where filename <> 'earlier'`)).rowCount).toBe(0);
    expect(storedIn(bench.uploads)).toEqual(['incoming']);
    expect(await readdir(join(bench.uploads, 'incoming'))).toEqual([]);
    bench.database.admit();
    const id = await upload(url, file);
    await completed(url, id);
    await expectUndisturbed(bench, id, file);
  });

  // For customers nothing is looked up.
  test.skipIf(load.always)('the table is locked at an upload: 503 soon, with the reason', LONG, async () => {
    await begin();
    const holder = await bench.pool.connect();
    await holder.query('begin');
    await holder.query(HELD_FOR_LONG);
    await holder.query(`lock table ${file.table.name} in access exclusive mode`);
    try {
      const answer = await send(url, file);
      expect(answer.status).toBe(503);
      expect(answer.headers.get('retry-after')).toBe('2');
      const { code, detail } = problemSchema.parse(await answer.json());
      expect(code).toBe('unavailable');
      expect(detail).toContain(`has locked the table ${file.table.name}`);
      expect(storedIn(bench.uploads)).toEqual(['incoming']);
    } finally {
      await holder.query('rollback');
      holder.release();
    }
    const id = await upload(url, file);
    await completed(url, id);
    await expectUndisturbed(bench, id, file);
  });

  describe.each(['answered', 'before'] as const)('the connection is cut at a COMMIT, %s', (when) => {
    const short = load.always && when === 'answered';

    test('its outcome is unknown', short ? {} : LONG, async (context) => {
      await begin();
      const cut = bench.database.cutAt('commit\0', 6, when);
      const id = await upload(url, file);
      await cut;
      const struck = performance.now();
      const job = await completed(url, id);
      tell(context, { recovery: seconds(performance.now() - struck) });
      expect(job.attempt).toBe(2);
      await expectUndisturbed(bench, id, file);
    });
  });

  test(
    'every connection goes silent: they are dropped and the job continues over new ones',
    LONG,
    async (context) => {
      const timeout = 1_500;
      await begin({}, { DB_TIMEOUT: String(timeout) });
      const id = await underWay();
      const { release } = await stoppedInBatch(id);
      // Idle pool connections are then as dead as the loader's: the failure cannot be stored at the first try.
      await Promise.all([getJobs(), getJobs(), getJobs(), getJobs()]);
      bench.database.swallow();
      const silent = performance.now();
      await release();
      const { code } = await daemon.logged('job failed and will be tried again');
      expect(code).toBe('database_unreachable');
      tell(context, { 'noticed after': seconds(performance.now() - silent) });
      expect((await completed(url, id)).attempt).toBeGreaterThan(1);
      await expectUndisturbed(bench, id, file);
      tell(context, {
        'completed after': seconds(performance.now() - silent),
      });
    },
  );

  test('the disk under the table is full', LONG, async (context) => {
    if (process.getuid?.() !== 0) skipWithout(context, 'root, who may mount a small disk');
    await begin({ postgres: OWN });
    const disk = join(bench.folder, 'small-disk');
    mkdirSync(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m,mode=0777', 'tmpfs', disk]);
    bench.afterwards(() => execFileSync('umount', [disk]));
    const space = join(disk, 'space');
    mkdirSync(space);
    const server = statSync(bench.postgresServer.connection.host);
    chownSync(space, server.uid, server.gid);
    chmodSync(bench.folder, 0o711);
    await onPlain(bench.address, `create tablespace small location '${space}'`);
    await bench.pool.query(`alter table ${file.table.name} set tablespace small`);
    const filler = join(disk, 'filler');
    expect(() => writeFileSync(filler, Buffer.alloc(4 * 2 ** 20))).toThrow('ENOSPC');
    const id = await upload(url, file);
    const { code } = await daemon.logged('job failed and will be tried again');
    expect(code).toBe('database_disk_full');
    expect((await getJob(url, id)).failure?.code).toBe('database_disk_full');
    rmSync(filler);
    const room = performance.now();
    await completed(url, id);
    tell(context, { 'recovery once there is room': seconds(performance.now() - room) });
    await expectUndisturbed(bench, id, file);
  });
});

test('down at the start: the daemon waits and says so', LONG, async () => {
  bench = await openBench();
  bench.database.refuse();
  daemon = bench.daemon();
  await daemon.logged('PostgreSQL is not available yet; waiting');
  bench.database.admit();
  url = await daemon.url();
  expect((await readiness(url)).ready).toBe(true);
});
