/** Jobs held before their commit: what others see of them, and every way in which the hold ends. */
import type { Job, LoadMode, Progress } from '@csvjobs/shared';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { armFailpoints } from '../../src/failpoint.js';
import { createHeldJobs, type HeldJobs } from '../../src/queue/heldJobs.js';
import { createOwnership } from '../../src/queue/ownership.js';
import { createWorker } from '../../src/queue/worker.js';
import { acceptHeld, discardHeld, failUnheld } from '../../src/sql/heldJobs.js';
import { cancelJob, findJob, retryJob, unfinishedJobs } from '../../src/sql/jobs.js';
import { createPool } from '../../src/sql/pool.js';
import { type Loading, never, openLoading } from '../pipeline/support/loading.js';
import { makeTargetJob } from '../pipeline/target/support.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';

let loading: Loading;
let db: TestDatabase;
let daemons: TestDaemon[];
beforeAll(async () => {
  loading = await openLoading();
});
afterAll(() => loading.close());
beforeEach(async () => {
  db = await createDatabase();
  daemons = [];
  await db.plain(`
    create schema shop;
    create table shop.prices (sku text primary key, price numeric(8, 2) not null check (price > 0), note text default 'none');
    insert into shop.prices values ('a1', 5, 'sale'), ('a2', 8, null), ('a9', 1, 'stays')`);
});
afterEach(async () => {
  for (const { held } of daemons) await held.close();
  await db.drop();
});

interface TestDaemon {
  held: HeldJobs;
  work(id: string): Promise<void>;
  published: Progress[];
  logged: string[];
  ended: Job[];
}

/** A worker with its held jobs, as in a daemon. Without Redis: answers are polled. */
function daemon(timeoutMs = 3_600_000): TestDaemon {
  const [published, logged, ended]: [Progress[], string[], Job[]] = [[], [], []];
  const note = (_: object, message: string) => void logged.push(message);
  const log = { info: note, warn: note, error: note };
  const publish = (progress: Progress) => void published.push(progress);
  const observer = { loaded: () => {}, ended: (job: Job) => void ended.push(job) };
  const held = createHeldJobs({ pool: db.pool, timeoutMs, publish, onProgress: () => {}, observer, log });
  const deps = loading.dependencies(db, 2, { publish, observer, keeper: held });
  const ownership = createOwnership({ pool: db.pool, onProgress: () => {} });
  const work = createWorker({ ...deps, refusal: () => undefined, ownership, retryLimit: 2, log }, never);
  const made = { held, work, published, logged, ended };
  daemons.push(made);
  return made;
}

const CSV = Buffer.from(
  [
    'name,email,phone,company',
    ...Array.from({ length: 200 }, (_, n) => `Ann,a${n % 190}@b.co,,Acme`),
    '',
  ].join('\n'),
);
/** 100 new rows; a1 changes, a2 does not; one record is rejected. */
const PRICES = {
  table: { schema: 'shop', name: 'prices' },
  header: ['sku', 'price', 'note'],
  records: [
    ['a1', '6.00', 'dearer'],
    ['a2', '8.00', ''],
    ['a4', '-1', 'wrong'],
    ...Array.from({ length: 100 }, (_, n) => [`n${n}`, '2.50', '']),
  ],
};

interface Kind {
  name: string;
  table: string;
  make(mode?: LoadMode): Promise<string>;
  /** The rows that the job adds. */
  adds: number;
  counts: Partial<Job>;
}

async function setMode(id: string, mode: LoadMode): Promise<string> {
  await db.pool.query('update jobs set mode = mode || $2 where id = $1', [id, JSON.stringify(mode)]);
  return id;
}

const HOLD = { atomic: true, hold: true } as const;
const KINDS: Kind[] = [
  {
    name: 'customers',
    table: 'customers',
    make: async (mode) => setMode(await loading.makeJob(db.pool, CSV), { ...HOLD, ...mode }),
    adds: 190,
    counts: { totalRows: 200, processedRows: 200, successCount: 190, failedCount: 10 },
  },
  {
    name: 'any table, with known rows updated',
    table: 'shop.prices',
    make: async (mode) =>
      setMode(
        await makeTargetJob(loading, db.pool, {
          ...PRICES,
          spec: { csvjobs: { mode: 'update', hold: true } },
        }),
        { ...mode },
      ),
    adds: 100,
    counts: {
      totalRows: 103,
      processedRows: 103,
      successCount: 102,
      failedCount: 1,
      counts: { inserted: 100, updated: 1, unchanged: 1, skipped: 0 },
    },
  },
];

async function rowsIn(table: string): Promise<number> {
  return (await db.pool.query<{ n: number }>(`select count(*) as n from ${table}`)).rows[0]!.n;
}

async function statusOf(id: string): Promise<Job> {
  return (await findJob(db.pool, id))!;
}

/** The job, once it has a status. */
async function reached(id: string, status: Job['status']): Promise<Job> {
  return vi.waitFor(async () => {
    const job = await statusOf(id);
    expect(job.status).toBe(status);
    return job;
  }, 60_000);
}

/** Backends that hold anything of a job open. */
async function backendsOf(id: string): Promise<number> {
  const { rows } = await db.pool.query<{ n: number }>(
    `select count(*) as n from pg_stat_activity where application_name like 'csvjobs ${id}/%'`,
  );
  return rows[0]!.n;
}

async function nothingOpen(id: string): Promise<void> {
  await vi.waitFor(async () => expect(await backendsOf(id)).toBe(0), 60_000);
}

describe.each(KINDS)('$name', (kind) => {
  test('a held job has its counts and its report, and its rows are invisible until it is accepted', async () => {
    const before = await rowsIn(kind.table);
    const { work, held, published, ended } = daemon();
    const id = await kind.make();
    await work(id);
    const job = await statusOf(id);
    expect(job).toMatchObject({ status: 'held', completedAt: null, ...kind.counts });
    expect(Date.parse(job.held!.until) - Date.now()).toBeGreaterThan(3_500_000);
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
  });

  test('a discarded job leaves nothing, and its retry is held again', async () => {
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

  test('without an answer the job fails after its time limit, and can no longer be accepted', async () => {
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
  });

  test('a job accepted in time is committed, however late', async () => {
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

  test('a job that fails its gate is not held', async () => {
    const { work } = daemon();
    const id = await kind.make({ maxErrors: 0 });
    await work(id);
    expect(await statusOf(id)).toMatchObject({ status: 'failed', failure: { code: 'gate_not_met' } });
    await nothingOpen(id);
  });

  test('stopping the daemon rolls the job back and records why; an accepted one is committed', async () => {
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
  });

  test('a job that finishes while its daemon stops is not held', async () => {
    const { work, held } = daemon();
    await held.close();
    const id = await kind.make();
    await work(id);
    expect(await reached(id, 'failed')).toMatchObject({ failure: { code: 'hold_lost' } });
    await nothingOpen(id);
  });

  test('a lost connection rolls the job back, and its daemon records that at once', async () => {
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

const [customers, prices] = KINDS as [Kind, Kind];

describe('first rows', () => {
  test('changed rows old → new, and new rows, in their final state', async () => {
    const { work } = daemon();
    const id = await prices.make();
    await work(id);
    const { rows } = (await statusOf(id)).held!;
    expect(rows).toHaveLength(20);
    expect(rows[0]).toEqual({
      old: { sku: 'a1', price: '5.00', note: 'sale' },
      new: { sku: 'a1', price: '6.00', note: 'dearer' },
    });
    expect(Object.keys(rows[0]!.new)).toEqual(['sku', 'price', 'note']);
    expect(rows[1]).toEqual({ old: null, new: { sku: 'n0', price: '2.50', note: 'none' } });
    expect(new Set(rows.slice(1).map((row) => row.old))).toEqual(new Set([null]));
  });

  test('both kinds are shown if many rows change and a few are new; a row that is twice in the file has its last state', async () => {
    await db.plain(`insert into shop.prices select 'k' || n, 1, 'known' from generate_series(1, 100) n`);
    const { work } = daemon();
    const known = Array.from({ length: 100 }, (_, n) => [`k${n + 1}`, '3.00', '']);
    const records = [
      ...known,
      ['z1', '1.00', ''],
      ['z1', '2.00', ''],
      ['k1', '4.00', ''],
      ['z2', '1.00', ''],
    ];
    const spec = { csvjobs: { mode: 'update' as const, hold: true } };
    const id = await makeTargetJob(loading, db.pool, { ...PRICES, records, spec });
    await work(id);
    const { rows } = (await statusOf(id)).held!;
    const fresh = rows.filter(({ old }) => old === null).map((row) => [row.new.sku, row.new.price]);
    expect(new Set(fresh)).toEqual(
      new Set([
        ['z1', '2.00'],
        ['z2', '1.00'],
      ]),
    );
    expect(rows).toHaveLength(20);
    expect(rows[0]).toEqual({
      old: { sku: 'k1', price: '1.00', note: 'known' },
      new: { sku: 'k1', price: '4.00', note: 'known' },
    });
  });

  test('long values are cut, and so is their total', async () => {
    const { work } = daemon();
    const records = Array.from({ length: 30 }, (_, n) => [`n${n}`, '1', 'ß'.repeat(300)]);
    const spec = { csvjobs: { hold: true } };
    const long = await makeTargetJob(loading, db.pool, { ...PRICES, records, spec });
    await work(long);
    const { rows } = (await statusOf(long)).held!;
    expect(rows).toHaveLength(20);
    expect(rows[0]!.new.note).toBe(`${'ß'.repeat(199)}…`);
    // 20 of its rows have more than 64 KiB.
    const columns = Array.from({ length: 80 }, (_, n) => `column_${n}_`.padEnd(60, 'x'));
    await db.plain(`create table shop.wide (id int, ${columns.map((name) => `${name} int`).join(', ')})`);
    const into = { table: { schema: 'shop', name: 'wide' }, header: ['id'] };
    const wide = await makeTargetJob(loading, db.pool, {
      ...into,
      records: records.map((_, n) => [String(n)]),
      spec,
    });
    await work(wide);
    const cut = (await statusOf(wide)).held!.rows;
    expect(cut.length).toBeGreaterThan(5);
    expect(cut.length).toBeLessThan(20);
    expect(Buffer.byteLength(JSON.stringify(cut))).toBeLessThan(64 * 1024);
  });

  test('rows are found in free space in the middle of the table, and in partitions', async () => {
    await db.plain(`
      insert into shop.prices select 'x' || n, 1, repeat('x', 500) from generate_series(1, 2000) n;
      delete from shop.prices where sku like 'x%' and sku <> 'x2000';
      create table shop.parts (id int, v text) partition by range (id);
      create table shop.parts_1 partition of shop.parts for values from (0) to (50);
      create table shop.parts_2 partition of shop.parts for values from (50) to (100)`);
    await db.plain('vacuum shop.prices');
    const { work } = daemon();
    const middle = await prices.make();
    await work(middle);
    expect((await statusOf(middle)).held!.rows.filter(({ old }) => old === null)).toHaveLength(19);
    const records = Array.from({ length: 100 }, (_, n) => [String(n), 'v']);
    const into = { table: { schema: 'shop', name: 'parts' }, header: ['id', 'v'], records };
    const parts = await makeTargetJob(loading, db.pool, { ...into, spec: { csvjobs: { hold: true } } });
    await work(parts);
    expect((await statusOf(parts)).held!.rows[0]).toEqual({ old: null, new: { id: '0', v: 'v' } });
  });

  test('a view has no first rows; the job is held anyway', async () => {
    await db.plain('create view shop.seen as select sku, price from shop.prices');
    const { work } = daemon();
    const into = {
      table: { schema: 'shop', name: 'seen' },
      header: ['sku', 'price'],
      records: [['v1', '3']],
    };
    const id = await makeTargetJob(loading, db.pool, { ...into, spec: { csvjobs: { hold: true } } });
    await work(id);
    expect(await statusOf(id)).toMatchObject({ status: 'held', held: { rows: [] } });
    await acceptHeld(db.pool, id, 'ci');
    await reached(id, 'completed');
    expect(await rowsIn('shop.prices')).toBe(4);
  });
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

test('an empty file is held, and can be accepted', async () => {
  const { work } = daemon();
  const id = await setMode(await loading.makeJob(db.pool, Buffer.from('name,email,phone,company\n')), HOLD);
  await work(id);
  expect(await statusOf(id)).toMatchObject({ status: 'held', held: { rows: [] } });
  await acceptHeld(db.pool, id, 'ci');
  await reached(id, 'completed');
});

test('if an accept meets the time limit, one wins and the rows match it', async () => {
  const { work } = daemon(300);
  for (let round = 0; round < 8; round++) {
    await db.plain('truncate customers');
    const id = await customers.make();
    await work(id);
    const until = Date.parse((await statusOf(id)).held!.until);
    await vi.waitFor(() => expect(Date.now()).toBeGreaterThan(until - 5 * round), {
      timeout: 60_000,
      interval: 1,
    });
    const accepted = await acceptHeld(db.pool, id, 'ci');
    const job = await reached(id, accepted ? 'completed' : 'failed');
    await nothingOpen(id);
    expect(await rowsIn('customers')).toBe(accepted ? 190 : 0);
    expect(job.failure?.code).toBe(accepted ? undefined : 'hold_expired');
  }
});

test('an accept in time wins over the time limit, which waits for it', async () => {
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
  }, 60_000);
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
