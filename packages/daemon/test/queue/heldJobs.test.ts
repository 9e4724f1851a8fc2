/** Jobs held before their commit: what others see of them, and every way in which the hold ends. */
import { describe, expect, test, vi } from 'vitest';
import { armFailpoints } from '../../src/failpoint.js';
import { createHeldJobs } from '../../src/queue/heldJobs.js';
import { createOwnership } from '../../src/queue/ownership.js';
import { createWorker } from '../../src/queue/worker.js';
import { acceptHeld, discardHeld, failUnheld } from '../../src/sql/heldJobs.js';
import { cancelJob, retryJob, unfinishedJobs } from '../../src/sql/jobs.js';
import { createPool, type Pool } from '../../src/sql/pool.js';
import { never } from '../pipeline/support/loading.js';
import { inShortIf, LONG, sized } from '../support/form.js';
import {
  backendsOf,
  CSV,
  customers,
  daemon,
  db,
  HOLD,
  KINDS,
  loading,
  nothingOpen,
  prices,
  reached,
  rowsIn,
  setMode,
  statusOf,
  useHeldPlace,
} from './support/heldPlace.js';

useHeldPlace();

describe.each(KINDS)('$name', (kind) => {
  // The short form has each test for one of them, in turn.
  const first = inShortIf(kind === KINDS[0]);
  const second = inShortIf(kind === KINDS[1]);

  test(
    'a held job has its counts and its report, and its rows are invisible until it is accepted',
    first,
    async () => {
      const before = await rowsIn(kind.table);
      const { work, held, published, ended } = daemon();
      const id = await kind.make();
      const asked = Date.now();
      await work(id);
      const job = await statusOf(id);
      expect(job).toMatchObject({ status: 'held', completedAt: null, ...kind.counts });
      expect(Date.parse(job.held!.until)).toBeGreaterThanOrEqual(asked + 3_600_000);
      expect(job.held!.answer).toBeUndefined();
      expect(job.errors.length).toBe(job.failedCount);
      expect(await rowsIn(kind.table)).toBe(before);
      // The queue is done with it; one connection holds its rows.
      expect(await unfinishedJobs(db.pool)).toEqual([]);
      expect(await backendsOf(id)).toBe(1);
      expect(published.at(-1)).toMatchObject({ jobId: id, status: 'held' });
      expect(ended).toEqual([]);

      expect(await acceptHeld(db.pool, id, 'ci')).toMatchObject({ status: 'held' });
      const done = await reached(id, 'completed');
      expect(done).toMatchObject({ ...kind.counts, held: { answer: 'accepted', answeredBy: 'ci' } });
      expect(Date.parse(done.completedAt!)).toBeGreaterThanOrEqual(Date.parse(done.held!.answeredAt!));
      expect(await rowsIn(kind.table)).toBe(before + kind.adds);
      await nothingOpen(id);
      expect(published.at(-1)).toMatchObject({ jobId: id, status: 'completed' });
      await vi.waitFor(() => expect(ended).toHaveLength(1));
      expect(await acceptHeld(db.pool, id, 'ci')).toBeNull();
      expect(await discardHeld(db.pool, id, 'ci')).toBeNull();
      await held.close();
      expect((await statusOf(id)).status).toBe('completed');
    },
  );

  test('a discarded job leaves nothing, and its retry is held again', second, async () => {
    const before = await rowsIn(kind.table);
    const { work } = daemon();
    const id = await kind.make();
    await work(id);
    expect(await discardHeld(db.pool, id, 'ci')).toMatchObject({
      status: 'cancelled',
      held: { answer: 'discarded', answeredBy: 'ci' },
    });
    await nothingOpen(id);
    expect(await acceptHeld(db.pool, id, 'ci')).toBeNull();
    expect(await rowsIn(kind.table)).toBe(before);
    expect((await statusOf(id)).errors.length).toBeGreaterThan(0);

    await retryJob(db.pool, id);
    expect((await statusOf(id)).held).toBeUndefined();
    await work(id);
    const again = await statusOf(id);
    expect(again).toMatchObject({ status: 'held', attempt: 2, ...kind.counts });
    expect(again.held!.answer).toBeUndefined();
    await acceptHeld(db.pool, id, 'ci');
    await reached(id, 'completed');
    expect(await rowsIn(kind.table)).toBe(before + kind.adds);
  });

  test(
    'without an answer the job fails after its time limit, and can no longer be accepted',
    first,
    async () => {
      const before = await rowsIn(kind.table);
      const { work, ended } = daemon(1);
      const id = await kind.make();
      await work(id);
      const job = await reached(id, 'failed');
      expect(job.failure).toMatchObject({
        code: 'hold_expired',
        message: expect.stringContaining('csvjobs retry'),
      });
      expect(await acceptHeld(db.pool, id, 'ci')).toBeNull();
      await nothingOpen(id);
      expect(await rowsIn(kind.table)).toBe(before);
      await vi.waitFor(() => expect(ended).toMatchObject([{ id, status: 'failed' }]));
      expect(await retryJob(db.pool, id)).toMatchObject({ status: 'pending' });
    },
  );

  test('a job accepted in time is committed, however late', second, async () => {
    const before = await rowsIn(kind.table);
    const { work } = daemon(3_600_000);
    const id = await kind.make();
    await work(id);
    await acceptHeld(db.pool, id, 'ci');
    await db.pool.query(
      `update jobs set held_until = now() - interval '1 hour' where id = $1 and status = 'held'`,
      [id],
    );
    await reached(id, 'completed');
    expect(await rowsIn(kind.table)).toBe(before + kind.adds);
  });

  test('a job that fails its gate is not held', first, async () => {
    const { work } = daemon();
    const id = await kind.make({ maxErrors: 0 });
    await work(id);
    expect(await statusOf(id)).toMatchObject({ status: 'failed', failure: { code: 'gate_not_met' } });
    await nothingOpen(id);
  });

  test(
    'stopping the daemon rolls the job back and records why; an accepted one is committed',
    second,
    async () => {
      const before = await rowsIn(kind.table);
      const { work, held } = daemon();
      const id = await kind.make();
      await work(id);
      await held.close();
      const job = await statusOf(id);
      expect(job).toMatchObject({ status: 'failed', failure: { code: 'hold_lost' } });
      expect(job.failure!.message).toContain('was stopped');
      expect(await backendsOf(id)).toBe(0);
      expect(await rowsIn(kind.table)).toBe(before);

      const next = daemon();
      await retryJob(db.pool, id);
      await next.work(id);
      await acceptHeld(db.pool, id, 'ci');
      await next.held.close();
      expect((await statusOf(id)).status).toBe('completed');
      expect(await rowsIn(kind.table)).toBe(before + kind.adds);
    },
  );

  test('a job that finishes while its daemon stops is not held', first, async () => {
    const { work, held } = daemon();
    await held.close();
    const id = await kind.make();
    await work(id);
    expect(await reached(id, 'failed')).toMatchObject({ failure: { code: 'hold_lost' } });
    await nothingOpen(id);
  });

  test('a lost connection rolls the job back, and its daemon records that at once', second, async () => {
    const before = await rowsIn(kind.table);
    const { work } = daemon();
    const id = await kind.make();
    await work(id);
    await db.plain(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'csvjobs ${id}/%'`,
    );
    expect(await reached(id, 'failed')).toMatchObject({ failure: { code: 'hold_lost' } });
    expect(await rowsIn(kind.table)).toBe(before);
  });
});

test('a job that is held while the answers to others are read keeps its rows', LONG, async () => {
  let asked = 0;
  let letThrough = () => {};
  const gate = new Promise<void>((resolve) => {
    letThrough = resolve;
  });
  // The real pool, whose answers about held jobs arrive late.
  const late = {
    query: async (text: string, values: unknown[]) => {
      const answer = await db.pool.query(text, values);
      if (text.includes('as accepted')) {
        asked++;
        await gate;
      }
      return answer;
    },
  } as unknown as Pool;
  const { work } = daemon(3_600_000, late);
  const first = await customers.make();
  await work(first);
  await vi.waitFor(() => expect(asked).toBe(1));
  const second = await prices.make();
  await work(second);
  letThrough();
  await acceptHeld(db.pool, first, 'ci');
  await reached(first, 'completed');
  expect(await backendsOf(second)).toBe(1);
  await acceptHeld(db.pool, second, 'ci');
  await reached(second, 'completed');
});

test('another job runs while one is held, and a redelivered held job is unchanged', async () => {
  const { work, logged } = daemon();
  const id = await prices.make();
  await work(id);
  const other = await loading.makeJob(db.pool, CSV);
  await work(other);
  expect((await statusOf(other)).status).toBe('completed');
  await work(id);
  expect((await statusOf(id)).status).toBe('held');
  expect(await backendsOf(id)).toBe(1);
  expect(await failUnheld(db.pool)).toEqual([]);
  await acceptHeld(db.pool, id, 'ci');
  await reached(id, 'completed');
  expect(logged).toContain('job held: its rows wait to be accepted');
});

test('a held job without its holder is found by any daemon; one with its holder is left alone', async () => {
  const lost = daemon();
  const gone = await prices.make();
  const stays = await customers.make();
  const holder = daemon();
  await holder.work(stays);
  // A killed daemon: its connection is cut, and nothing else writes for it.
  const pool = createPool({ ...db.connection, max: 1 }, () => {});
  const dead = createHeldJobs({
    pool,
    timeoutMs: 3_600_000,
    publish: () => {},
    onProgress: () => {},
    log: { info: () => {}, warn: () => {}, error: () => {} },
  });
  const ownership = createOwnership({ pool: db.pool, onProgress: () => {} });
  const log = { info: () => {}, warn: () => {}, error: () => {} };
  const deps = loading.dependencies(db, 1, { keeper: dead });
  await createWorker({ ...deps, refusal: () => undefined, ownership, retryLimit: 2, log }, never)(gone);
  await pool.end();
  expect(await failUnheld(db.pool)).toEqual([]);
  await db.plain(
    `select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'csvjobs ${gone}/%'`,
  );
  await nothingOpen(gone);
  expect(await failUnheld(db.pool, stays)).toEqual([]);
  expect(await failUnheld(db.pool)).toMatchObject([
    {
      id: gone,
      status: 'failed',
      failure: { code: 'hold_lost', message: expect.stringContaining('csvjobs retry') },
    },
  ]);
  expect((await statusOf(stays)).status).toBe('held');
  await retryJob(db.pool, gone);
  await lost.work(gone);
  expect((await statusOf(gone)).status).toBe('held');
  await dead.close();
});

test('what a commit would refuse is refused before the job is held', async () => {
  await db.plain(`create function shop.late() returns trigger language plpgsql as $$ begin
      if new.email = 'a7@b.co' then raise exception 'no sevens'; end if; return null; end $$;
    create constraint trigger late after insert on customers deferrable initially deferred
      for each row execute function shop.late()`);
  const { work } = daemon();
  const id = await customers.make();
  await work(id).catch(() => {});
  const job = await statusOf(id);
  expect(job.status).not.toBe('held');
  expect(job.failure?.message).toContain('no sevens');
  await nothingOpen(id);
});

test('an empty file is held, and can be accepted', LONG, async () => {
  const { work } = daemon();
  const id = await setMode(await loading.makeJob(db.pool, Buffer.from('name,email,phone,company\n')), HOLD);
  await work(id);
  expect(await statusOf(id)).toMatchObject({ status: 'held', held: { rows: [] } });
  await acceptHeld(db.pool, id, 'ci');
  await reached(id, 'completed');
});

test('if an accept meets the time limit, one wins and the rows match it', { tags: ['sized'] }, async () => {
  const { work } = daemon(300);
  for (const round of sized([0, 5], [0, 1, 2, 3, 4, 5, 6, 7])) {
    await db.plain('truncate customers');
    const id = await customers.make();
    await work(id);
    const until = Date.parse((await statusOf(id)).held!.until);
    await vi.waitFor(() => expect(Date.now()).toBeGreaterThan(until - 5 * round));
    const accepted = await acceptHeld(db.pool, id, 'ci');
    const job = await reached(id, accepted ? 'completed' : 'failed');
    await nothingOpen(id);
    expect(await rowsIn('customers')).toBe(accepted ? 190 : 0);
    expect(job.failure?.code).toBe(accepted ? undefined : 'hold_expired');
  }
});

test('an accept in time wins over the time limit, which waits for it', LONG, async () => {
  const { work } = daemon(8_000);
  const id = await prices.make();
  await work(id);
  const client = await db.pool.connect();
  await client.query('begin');
  expect(await acceptHeld(client, id, 'ci')).not.toBeNull();
  await vi.waitFor(async () => {
    const { rows } = await db.pool.query(
      `select from pg_stat_activity where wait_event_type = 'Lock' and query like '%status = ''failed''%'`,
    );
    expect(rows).toHaveLength(1);
  });
  await client.query('commit');
  client.release();
  await reached(id, 'completed');
  expect(await rowsIn('shop.prices')).toBe(103);
});

test('an accept whose commit fails leaves nothing, and says why', async () => {
  const { work } = daemon();
  const id = await prices.make();
  await work(id);
  // The job is taken away between the poll and the commit.
  armFailpoints([{ name: 'before-held-commit', nth: 1, action: 'delay', ms: 1_500 }]);
  await acceptHeld(db.pool, id, 'ci');
  await vi.waitFor(async () => {
    const end = `select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'csvjobs ${id}/%'`;
    expect((await db.plain(end)).rowCount).toBe(1);
  });
  expect(await reached(id, 'failed')).toMatchObject({ failure: { code: 'hold_lost' } });
  expect(await rowsIn('shop.prices')).toBe(3);
});

test('cancelling through the queue has no effect: a held job is discarded instead', async () => {
  const { work } = daemon();
  const id = await prices.make();
  await work(id);
  expect(await cancelJob(db.pool, id)).toBeNull();
});
