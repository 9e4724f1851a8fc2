/** Jobs that workers hold, in a database with prices: each test has its own. */
import type { Job, LoadMode, Progress } from '@csvjobs/shared';
import { afterAll, afterEach, beforeAll, beforeEach, expect, vi } from 'vitest';
import { createHeldJobs, type HeldJobs } from '../../../src/queue/heldJobs.js';
import { createOwnership } from '../../../src/queue/ownership.js';
import { createWorker } from '../../../src/queue/worker.js';
import { findJob } from '../../../src/sql/jobs.js';
import type { Pool } from '../../../src/sql/pool.js';
import { type Loading, never, openLoading } from '../../pipeline/support/loading.js';
import { makeTargetJob } from '../../pipeline/target/support.js';
import { createDatabase, type TestDatabase } from '../../support/postgres.js';

export let loading: Loading;
export let db: TestDatabase;
let daemons: TestDaemon[];

/** Opens and closes them around the tests of a file. */
export function useHeldPlace(): void {
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
}

export interface TestDaemon {
  held: HeldJobs;
  work(id: string): Promise<void>;
  published: Progress[];
  logged: string[];
  ended: Job[];
}

/**
 * A worker with its held jobs, as in a daemon. Without Redis: answers are polled.
 * @param looking the pool by which held jobs look for answers
 */
export function daemon(timeoutMs = 3_600_000, looking: Pick<Pool, 'query'> = db.pool): TestDaemon {
  const [published, logged, ended]: [Progress[], string[], Job[]] = [[], [], []];
  const note = (_: object, message: string) => void logged.push(message);
  const log = { info: note, warn: note, error: note };
  const publish = (progress: Progress) => void published.push(progress);
  const observer = { loaded: () => {}, ended: (job: Job) => void ended.push(job) };
  const held = createHeldJobs({
    pool: looking as Pool,
    timeoutMs,
    publish,
    onProgress: () => {},
    observer,
    log,
  });
  const deps = loading.dependencies(db, 2, { publish, observer, keeper: held });
  const ownership = createOwnership({ pool: db.pool, onProgress: () => {} });
  const work = createWorker({ ...deps, refusal: () => undefined, ownership, retryLimit: 2, log }, never);
  const made = { held, work, published, logged, ended };
  daemons.push(made);
  return made;
}

export const CSV = Buffer.from(
  [
    'name,email,phone,company',
    ...Array.from({ length: 200 }, (_, n) => `Ann,a${n % 190}@b.co,,Acme`),
    '',
  ].join('\n'),
);
/** 100 new rows; a1 changes, a2 does not; one record is rejected. */
export const PRICES = {
  table: { schema: 'shop', name: 'prices' },
  header: ['sku', 'price', 'note'],
  records: [
    ['a1', '6.00', 'dearer'],
    ['a2', '8.00', ''],
    ['a4', '-1', 'wrong'],
    ...Array.from({ length: 100 }, (_, n) => [`n${n}`, '2.50', '']),
  ],
};

export interface Kind {
  name: string;
  table: string;
  make(mode?: LoadMode): Promise<string>;
  /** The rows that the job adds. */
  adds: number;
  counts: Partial<Job>;
}

export async function setMode(id: string, mode: LoadMode): Promise<string> {
  await db.pool.query('update jobs set mode = mode || $2 where id = $1', [id, JSON.stringify(mode)]);
  return id;
}

export const HOLD = { atomic: true, hold: true } as const;
export const KINDS: Kind[] = [
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

export const [customers, prices] = KINDS as [Kind, Kind];

export async function rowsIn(table: string): Promise<number> {
  return (await db.pool.query<{ n: number }>(`select count(*) as n from ${table}`)).rows[0]!.n;
}

export async function statusOf(id: string): Promise<Job> {
  return (await findJob(db.pool, id))!;
}

/** The job, once it has a status. */
export async function reached(id: string, status: Job['status']): Promise<Job> {
  return vi.waitFor(async () => {
    const job = await statusOf(id);
    expect(job.status).toBe(status);
    return job;
  });
}

/** Backends that hold anything of a job open. */
export async function backendsOf(id: string): Promise<number> {
  const { rows } = await db.pool.query<{ n: number }>(
    `select count(*) as n from pg_stat_activity where application_name like 'csvjobs ${id}/%'`,
  );
  return rows[0]!.n;
}

export async function nothingOpen(id: string): Promise<void> {
  await vi.waitFor(async () => expect(await backendsOf(id)).toBe(0));
}
