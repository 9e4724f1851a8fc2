/** An atomic load whose daemon or PostgreSQL dies: no row is visible before all are, and the result is correct. */
import { afterEach, describe, expect, type TestContext, test } from 'vitest';
import { LONG } from '../../packages/daemon/test/support/form.js';
import { type Bench, type BenchOptions, openBench } from './support/bench.js';
import { completed, upload } from './support/client.js';
import { FULL, seconds, tell } from './support/figures.js';
import { LOADS } from './support/loads.js';
import { expectUndisturbed, putKnown, storedJob } from './support/oracle.js';
import { until } from './support/until.js';

let bench: Bench;
afterEach(() => bench.finish());

const DEATHS = [
  ['before the end of a batch', 'before-commit:4=kill'],
  ['between two batches', 'after-commit:4=kill'],
  ['before the one commit', 'before-whole-commit=kill'],
  ['behind it', 'after-whole-commit=kill'],
] as const;

describe.each(LOADS)('$name', (load) => {
  const file = load.file(71, FULL ? 1_500 : 700);
  const atomic = { ...file, spec: { csvjobs: { atomic: true } } };

  async function open(options: BenchOptions = {}): Promise<void> {
    bench = await openBench({ ...options, environment: { ...load.environment, ...options.environment } });
  }

  async function rows(): Promise<number> {
    const { rows } = await bench.pool.query(`select count(*) as n from ${file.table.name}`);
    return rows[0].n;
  }

  // In the short form replace.test.ts has the moment before the one commit, crashes.test.ts the one behind the last commit, and
  // whole.test.ts attempts that end without their process.
  describe.each(DEATHS)('killed %s', (where, failpoints) => {
    test('all of its rows are visible, or none', LONG, (context) => killed(where, failpoints, context));
  });

  async function killed(where: string, failpoints: string, context: TestContext): Promise<void> {
    await open({ embeddedRedis: true });
    await putKnown(bench.pool, file);
    const known = await rows();
    const doomed = bench.daemon({ CSVJOBS_FAILPOINTS: failpoints });
    const id = await upload(await doomed.url(), atomic);
    expect(await doomed.ended).toBe('SIGKILL');
    const died = performance.now();
    const over = where === 'behind it';
    expect(await rows()).toBe(known + (over ? file.accepted.length : 0));
    const { status, processed } = await storedJob(bench.pool, id);
    expect(status).toBe(over ? 'completed' : 'processing');
    expect(processed).toBeGreaterThan(0);

    const job = await completed(await bench.daemon().url(), id);
    expect(job.attempt).toBe(over ? 1 : 2);
    tell(context, { 'kills survived': 1, recovery: seconds(performance.now() - died) });
    await expectUndisturbed(bench, id, file);
  }

  // In the short form whole.test.ts has backends that end, and postgres.test.ts a server that is killed and comes back.
  test('PostgreSQL restarts in the middle', LONG, async (context) => {
    await open({ postgres: { synchronous_commit: 'on' } });
    expect(await bench.daemon({}, { args: ['migrate'] }).ended).toBe(0);
    await putKnown(bench.pool, file);
    const known = await rows();
    const url = await bench.daemon({ BATCH_ROWS: '10' }).url();
    const id = await upload(url, atomic);
    await until('some of it is done', async () => (await storedJob(bench.pool, id)).processed >= 100);
    await bench.postgresServer.kill();
    await bench.postgresServer.restart();
    const restarted = performance.now();
    const { status } = await storedJob(bench.pool, id);
    if (status === 'processing') expect(await rows()).toBe(known);
    await completed(url, id);
    tell(context, { recovery: seconds(performance.now() - restarted) });
    await expectUndisturbed(bench, id, file);
  });

  test('stopped past its lock and taken over: the first cannot commit', LONG, async () => {
    await open();
    await putKnown(bench.pool, file);
    const zombie = bench.daemon({ CSVJOBS_FAILPOINTS: 'before-whole-commit=stop' });
    const id = await upload(await zombie.url(), atomic);
    const heir = bench.daemon();
    await heir.logged('job resumed');
    zombie.signal('SIGCONT');
    await zombie.logged(/no longer this worker's|another attempt has taken over the job/);
    const job = await completed(await heir.url(), id);
    expect(job.attempt).toBe(2);
    await expectUndisturbed(bench, id, file);
  });
});
