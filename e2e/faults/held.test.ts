/** Held jobs whose daemon or PostgreSQL dies or is stopped, or whose answer goes to another daemon: nothing is loaded unless accepted. */
import { type Job, paths } from '@csvjobs/shared';
import { afterEach, describe, expect, test } from 'vitest';
import { LONG } from '../../packages/daemon/test/support/form.js';
import { type Bench, type BenchOptions, openBench } from './support/bench.js';
import { completed, getJob, upload } from './support/client.js';
import { customersFirst, LOADS } from './support/loads.js';
import { expectUndisturbed, putKnown } from './support/oracle.js';
import { until } from './support/until.js';

let bench: Bench;
afterEach(() => bench.finish());

describe.each(LOADS)('$name', (load) => {
  const file = load.file(72, 600);
  const held = { ...file, spec: { csvjobs: { hold: true } } };

  async function open(options: BenchOptions = {}): Promise<void> {
    bench = await openBench({ ...options, environment: { ...load.environment, ...options.environment } });
  }

  async function rows(): Promise<number> {
    const { rows } = await bench.pool.query(`select count(*) as n from ${file.table.name}`);
    return rows[0].n;
  }

  /** A job once it reaches a status. */
  function reached(url: string, id: string, status: Job['status']): Promise<Job> {
    return until(`the job is ${status}`, async () => {
      const job = await getJob(url, id);
      return job.status === status && job;
    });
  }

  const answer = (url: string, id: string, what: 'accept' | 'discard') =>
    fetch(url + paths[what](id), { method: 'POST' });

  /** Expects that no row is loaded, that the job says why, and that an accepted retry loads it. */
  async function lostAndRunAgain(url: string, id: string, known: number, why: RegExp): Promise<void> {
    const lost = await reached(url, id, 'failed');
    expect(lost.failure).toMatchObject({ code: 'hold_lost', message: expect.stringMatching(why) });
    expect(await rows()).toBe(known);
    expect((await answer(url, id, 'accept')).status).toBe(409);
    expect((await fetch(url + paths.retry(id), { method: 'POST' })).status).toBe(202);
    await reached(url, id, 'held');
    expect(await rows()).toBe(known);
    expect((await answer(url, id, 'accept')).status).toBe(200);
    await completed(url, id);
    await expectUndisturbed(bench, id, file);
  }

  // In the short form queue/heldJobs.test.ts stops a daemon with a held job.
  test('SIGTERM while held', LONG, async () => {
    await open({ embeddedRedis: true });
    await putKnown(bench.pool, file);
    const known = await rows();
    const stopped = bench.daemon();
    const url = await stopped.url();
    const id = await upload(url, held);
    await reached(url, id, 'held');
    expect(await rows()).toBe(known);
    stopped.signal('SIGTERM');
    expect(await stopped.ended).toBe(0);
    const next = await bench.daemon().url();
    await lostAndRunAgain(next, id, known, /was stopped/);
  });

  describe.each([
    ['while it is held', 'after-hold=kill', undefined],
    ['before it is held', 'before-hold=kill', undefined],
    ['during the accept, before the commit', 'before-held-commit=kill', 'accept'],
  ] as const)('killed %s', (where, failpoints, asked) => {
    const options = asked === undefined ? LONG : customersFirst(load);

    test('nothing is loaded unless accepted', options, () => killed(where, failpoints, asked));
  });

  async function killed(where: string, failpoints: string, asked: 'accept' | undefined): Promise<void> {
    await open({ embeddedRedis: true });
    await putKnown(bench.pool, file);
    const known = await rows();
    const doomed = bench.daemon({ CSVJOBS_FAILPOINTS: failpoints });
    const url = await doomed.url();
    const id = await upload(url, held);
    if (asked) {
      await reached(url, id, 'held');
      await answer(url, id, asked).catch(() => {});
    }
    expect(await doomed.ended).toBe('SIGKILL');
    expect(await rows()).toBe(known);
    const next = await bench.daemon().url();
    if (where !== 'before it is held') return lostAndRunAgain(next, id, known, /held the job ended/);
    expect(await reached(next, id, 'held')).toMatchObject({ attempt: 2 });
    expect((await answer(next, id, 'accept')).status).toBe(200);
    await expectUndisturbed(bench, id, file);
  }

  // The short form has this with a load in batches (crashes.test.ts).
  test('killed after the commit of an accept: the job is completed', LONG, async () => {
    await open({ embeddedRedis: true });
    await putKnown(bench.pool, file);
    const doomed = bench.daemon({ CSVJOBS_FAILPOINTS: 'after-held-commit=kill' });
    const url = await doomed.url();
    const id = await upload(url, held);
    await reached(url, id, 'held');
    await answer(url, id, 'accept').catch(() => {});
    expect(await doomed.ended).toBe('SIGKILL');
    expect(await completed(await bench.daemon().url(), id)).toMatchObject({ attempt: 1 });
    await expectUndisturbed(bench, id, file);
  });

  test('PostgreSQL restarts while held', LONG, async () => {
    await open({ postgres: { synchronous_commit: 'on' } });
    expect(await bench.daemon({}, { args: ['migrate'] }).ended).toBe(0);
    await putKnown(bench.pool, file);
    const known = await rows();
    const url = await bench.daemon().url();
    const id = await upload(url, held);
    await reached(url, id, 'held');
    await bench.postgresServer.kill();
    await bench.postgresServer.restart();
    await lostAndRunAgain(url, id, known, /lost its connection/);
  });

  const twoDaemons = 'a daemon answers for another one; a third finds the jobs of one that was killed';

  test(twoDaemons, LONG, async () => {
    await open();
    await putKnown(bench.pool, file);
    const known = await rows();
    const holder = bench.daemon({}, { args: ['--role', 'worker'] });
    const url = await bench.daemon({}, { args: ['--role', 'api'] }).url();
    const id = await upload(url, held);
    const job = await reached(url, id, 'held');
    expect(await rows()).toBe(known);
    expect(job.held?.rows.length).toBeGreaterThan(0);
    expect((await answer(url, id, 'accept')).status).toBe(200);
    await completed(url, id);
    await expectUndisturbed(bench, id, file);

    const again = await upload(url, held);
    await reached(url, again, 'held');
    holder.signal('SIGKILL');
    await holder.ended;
    const lost = await reached(url, again, 'failed');
    expect(lost.failure?.code).toBe('hold_lost');
  });

  test('stopped while held, and discarded by another daemon: no lock stays', LONG, async () => {
    await open();
    await putKnown(bench.pool, file);
    const known = await rows();
    const zombie = bench.daemon();
    const id = await upload(await zombie.url(), held);
    const url = await bench.daemon().url();
    await reached(url, id, 'held');
    zombie.signal('SIGSTOP');
    expect((await answer(url, id, 'discard')).status).toBe(200);
    // Every lock on the table is gone.
    await bench.pool.query(`begin; set local lock_timeout = '60s'; lock table ${file.table.name}; commit`);
    expect(await rows()).toBe(known);
    zombie.signal('SIGCONT');
    await zombie.logged('held job released: its rows are rolled back');
    expect(await getJob(url, id)).toMatchObject({ status: 'cancelled' });
    expect(await rows()).toBe(known);
  });
});
