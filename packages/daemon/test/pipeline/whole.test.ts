/**
 * Jobs whose rows are one transaction: an atomic load is visible completely or not at all, and a dry run has
 * the same result as its load.
 */
import type { LoadMode, Progress } from '@csvjobs/shared';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { armFailpoints } from '../../src/failpoint.js';
import { type RunDependencies, run } from '../../src/pipeline/run.js';
import { claimJob } from '../../src/sql/claimJob.js';
import { cancelJob, findJob } from '../../src/sql/jobs.js';
import { inShortIf, LONG, sized, sizedIf } from '../support/form.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import { dirtyFile } from './support/dirtyFile.js';
import { type Loading, never, openLoading } from './support/loading.js';
import { makeTargetJob, randomOf, type TargetFile } from './target/support.js';

let loading: Loading;
let db: TestDatabase;
beforeAll(async () => {
  loading = await openLoading();
});
afterAll(() => loading.close());
beforeEach(async () => {
  db = await createDatabase();
});
afterEach(() => db.drop());

/** A table that rejects rows in every way: by value, key, check, foreign key, trigger. */
const MAKE_TABLE = `
  create schema sales;
  create table sales.regions (code text primary key);
  insert into sales.regions values ('n'), ('s');
  create table sales.t (a int primary key, b numeric(4, 1) check (b < 900), c text, d text references sales.regions);
  create unique index on sales.t (lower(c));
  insert into sales.t values (3, 1, 'known', 'n'), (170, 1, 'also known', 's');
  create function sales.no_sevens() returns trigger language plpgsql as $$ begin
    if new.a % 97 = 0 then raise exception 'no % here', new.a; end if; return new; end $$;
  create trigger no_sevens before insert on sales.t for each row execute function sales.no_sevens()`;

/** Records with all of these, from a seed. */
function tableFile(seed: number, records: number): TargetFile {
  const random = randomOf(seed);
  const one = (row: number) => [
    random() < 0.02 ? 'x' : random() < 0.05 ? String(Math.floor(random() * row)) : String(row),
    random() < 0.03 ? '950' : (random() * 800).toFixed(1),
    random() < 0.04 ? `c${Math.floor(random() * row)}` : `C${row}`,
    random() < 0.03 ? 'z' : random() < 0.5 ? 'n' : 's',
  ];
  return {
    table: { schema: 'sales', name: 't' },
    header: ['a', 'b', 'c', 'd'],
    records: Array.from({ length: records }, (_, row) => one(row + 1)),
  };
}

interface Kind {
  name: string;
  table: string;
  /** Creates the tables for the files, with existing rows. */
  prepare(): Promise<unknown>;
  make(seed: number, records: number): Promise<string>;
}

const KINDS: Kind[] = [
  {
    name: 'customers',
    table: 'customers',
    prepare: async () => loading.load(db, await loading.makeJob(db.pool, dirtyFile(90, 150)), 2),
    make: (seed, records) => loading.makeJob(db.pool, dirtyFile(seed, records)),
  },
  {
    name: 'any table',
    table: 'sales.t',
    prepare: () => db.plain(MAKE_TABLE),
    make: (seed, records) => makeTargetJob(loading, db.pool, tableFile(seed, records)),
  },
];

/** The second is loaded atomically. */
const FILES = [
  [1, 30],
  [2, sized(200, 400)],
  [3, 900],
] as const;

async function setMode(id: string, mode: LoadMode): Promise<void> {
  await db.pool.query('update jobs set mode = $2 where id = $1', [id, JSON.stringify(mode)]);
}

async function attempt(id: string, lanes = 2, more: Partial<RunDependencies> = {}, drain = never) {
  return run((await claimJob(db.pool, id))!, loading.dependencies(db, lanes, more), drain);
}

async function rowsIn(table: string): Promise<number> {
  const { rows } = await db.pool.query<{ n: number }>(`select count(*) as n from ${table}`);
  return rows[0]!.n;
}

/** A job's report, with the source of all its formats. */
async function report(id: string) {
  const { rows } = await db.pool.query(
    `select row_number, line, column_name, code, message, row, reasons, encode(original, 'hex') as original
     from job_errors where job_id = $1 order by row_number`,
    [id],
  );
  return rows;
}

/** The job's data about its rows. */
async function verdict(id: string) {
  const { status, totalRows, processedRows, successCount, failedCount, errors, reasons, notices } =
    (await findJob(db.pool, id))!;
  return { status, totalRows, processedRows, successCount, failedCount, errors, reasons, notices };
}

/** Runs something once, after a number of rows, or all. */
function whenDone(rows: number | 'all', act: () => unknown): Pick<RunDependencies, 'publish'> {
  let acted = false;
  return {
    publish: ({ processedRows, totalRows }: Progress) => {
      const wanted = rows === 'all' ? totalRows : rows;
      if (processedRows < wanted || processedRows === 0 || acted) return;
      acted = true;
      act();
    },
  };
}

describe.each(KINDS)('$name', (kind) => {
  beforeEach(() => kind.prepare());
  const isTable = kind.name === 'any table';

  it(
    'a dry run leaves nothing, and its verdict and report equal those of the load',
    sizedIf(isTable),
    async () => {
      for (const [seed, records] of FILES.slice(0, sized(2, 3))) {
        const before = await rowsIn(kind.table);
        const dry = await kind.make(seed, records);
        await setMode(dry, { dryRun: true });
        expect(await attempt(dry)).toBe('completed');
        expect(await rowsIn(kind.table)).toBe(before);

        const atomic = await kind.make(seed, records);
        await setMode(atomic, { atomic: true, dryRun: true });
        expect(await attempt(atomic)).toBe('completed');
        expect(await rowsIn(kind.table)).toBe(before);

        const load = await kind.make(seed, records);
        if (seed === 2) await setMode(load, { atomic: true });
        expect(await attempt(load)).toBe('completed');
        const told = await verdict(load);
        expect(told.failedCount).toBeGreaterThan(0);
        expect(await rowsIn(kind.table)).toBe(before + told.successCount);
        for (const id of [dry, atomic]) {
          expect(await verdict(id)).toEqual(told);
          expect(await report(id)).toEqual(await report(load));
        }
      }
    },
  );

  it(
    'rows of an atomic job are invisible until its end, but rejects and progress are visible at once',
    inShortIf(isTable),
    async () => {
      const before = await rowsIn(kind.table);
      const id = await kind.make(5, 400);
      await setMode(id, { atomic: true });
      const seen: Promise<[number, number, number | undefined]>[] = [];
      const publish = ({ status, processedRows, failedCount }: Progress) => {
        if (status !== 'processing' || processedRows === 0) return;
        const reports = report(id).then(({ length }) => length - failedCount);
        seen.push(
          Promise.all([rowsIn(kind.table), reports, findJob(db.pool, id).then((job) => job?.processedRows)]),
        );
      };
      // The end waits for the checks.
      const { storage } = loading.dependencies(db, 1);
      const forgetEmails = async () => void (await Promise.all(seen));
      await attempt(id, 4, { publish, storage: { ...storage, forgetEmails } });
      const looks = await Promise.all(seen);
      expect(looks.length).toBeGreaterThan(3);
      expect(new Set(looks.map(([rows]) => rows))).toEqual(new Set([before]));
      for (const [, more, processed] of looks) {
        expect(more).toBeGreaterThanOrEqual(0);
        expect(processed).toBeGreaterThan(0);
      }
      const { successCount } = await verdict(id);
      expect(await rowsIn(kind.table)).toBe(before + successCount);
    },
  );

  describe.each([
    ['fails', 'before-commit', 4, undefined],
    ['fails after a batch', 'after-commit', 3, undefined],
    ['fails before its commit', 'before-whole-commit', 1, false],
  ] as const)('an attempt that %s', (_, name, nth, ofTable) => {
    it('leaves nothing, and the next one starts over', sizedIf(isTable === ofTable), () =>
      failing(name, nth),
    );
  });

  async function failing(name: string, nth: number): Promise<void> {
    const other = await kind.make(6, sized(150, 300));
    await setMode(other, { dryRun: true });
    await attempt(other);
    const before = await rowsIn(kind.table);
    const id = await kind.make(6, sized(150, 300));
    await setMode(id, { atomic: true });
    armFailpoints([{ name, nth, action: 'throw', ms: 0 }]);
    await expect(attempt(id)).rejects.toMatchObject({ code: 'failpoint' });
    expect(await rowsIn(kind.table)).toBe(before);
    expect((await report(id)).length).toBeGreaterThan(0);

    const claimed = (await claimJob(db.pool, id))!;
    expect(claimed).toMatchObject({
      checkpoint: { byteOffset: 0, line: 1, rowNumber: 0 },
      job: { processedRows: 0, successCount: 0, failedCount: 0, errors: [], reasons: [] },
    });
    expect(await report(id)).toEqual([]);
    expect(await run(claimed, loading.dependencies(db, 2), never)).toBe('completed');
    expect(await verdict(id)).toEqual(await verdict(other));
    expect(await report(id)).toEqual(await report(other));
    expect(await rowsIn(kind.table)).toBe(before + (await verdict(id)).successCount);
  }

  it(
    'a stopping daemon, or one whose backends are terminated, leaves nothing',
    inShortIf(isTable),
    async () => {
      const before = await rowsIn(kind.table);
      const id = await kind.make(7, 400);
      await setMode(id, { atomic: true });
      const drain = new AbortController();
      expect(
        await attempt(
          id,
          1,
          whenDone(60, () => drain.abort()),
          drain.signal,
        ),
      ).toBe('drained');
      expect(await rowsIn(kind.table)).toBe(before);
      const end = `select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'csvjobs ${id}/%'`;
      await expect(
        attempt(
          id,
          1,
          whenDone(60, () => db.pool.query(end)),
        ),
      ).rejects.toThrow();
      expect(await rowsIn(kind.table)).toBe(before);
      expect(await attempt(id)).toBe('completed');
      expect(await rowsIn(kind.table)).toBe(before + (await verdict(id)).successCount);
    },
  );

  it(
    'a cancelled atomic job leaves nothing, and its connections are closed',
    inShortIf(!isTable),
    async () => {
      const before = await rowsIn(kind.table);
      const id = await kind.make(8, 400);
      await setMode(id, { atomic: true });
      const lost = new AbortController();
      const cancel = () => void cancelJob(db.pool, id).then(() => lost.abort());
      const deps = loading.dependencies(db, 1, whenDone(60, cancel));
      const running = run((await claimJob(db.pool, id))!, deps, never, { lost: lost.signal, loading() {} });
      await expect(running).rejects.toMatchObject({ code: 'superseded' });
      const backends = `select from pg_stat_activity where application_name like 'csvjobs ${id}/%'`;
      await vi.waitFor(async () => expect((await db.pool.query(backends)).rowCount).toBe(0));
      expect(await rowsIn(kind.table)).toBe(before);
      expect(await verdict(id)).toMatchObject({ status: 'cancelled' });
    },
  );

  for (const rows of [60, 'all'] as const)
    it(
      `an attempt that lost its job after ${rows} rows cannot commit`,
      inShortIf(isTable && rows === 'all'),
      async () => {
        const before = await rowsIn(kind.table);
        const id = await kind.make(9, 400);
        await setMode(id, { atomic: true });
        let taken: Promise<unknown> | undefined;
        const { storage } = loading.dependencies(db, 1);
        const forgetEmails = async () => void (await taken);
        const more = whenDone(rows, () => {
          taken = claimJob(db.pool, id);
        });
        const zombie = attempt(id, 1, { ...more, storage: { ...storage, forgetEmails } });
        await expect(zombie).rejects.toMatchObject({ code: 'superseded' });
        await taken;
        expect(await rowsIn(kind.table)).toBe(before);
        expect(await attempt(id)).toBe('completed');
        expect(await rowsIn(kind.table)).toBe(before + (await verdict(id)).successCount);
      },
    );

  it(
    'the gate: the allowed number of rejects loads; one more ends the run at once, and only the report stays',
    sizedIf(!isTable),
    async () => {
      const RECORDS = sized(200, 400);
      const dry = await kind.make(10, RECORDS);
      await setMode(dry, { dryRun: true });
      await attempt(dry);
      const { failedCount, successCount } = await verdict(dry);
      const before = await rowsIn(kind.table);
      const run = async (mode: LoadMode) => {
        const id = await kind.make(10, RECORDS);
        await setMode(id, mode);
        return { id, error: await attempt(id).catch((reason) => reason) };
      };

      for (const maxErrors of [failedCount - 1, `${((failedCount - 1) / RECORDS) * 100}%`, 0]) {
        const { id, error } = await run({ atomic: true, maxErrors });
        expect(error).toMatchObject({ code: 'gate_not_met', retryable: false });
        expect(await rowsIn(kind.table)).toBe(before);
        const job = await verdict(id);
        expect(error.message).toContain(`${job.failedCount} of the first ${job.processedRows} rows`);
        expect(await report(id)).toHaveLength(job.failedCount);
        if (maxErrors === 0) expect(job.processedRows).toBeLessThan(100);
      }
      const { error } = await run({ atomic: true, dryRun: true, maxErrors: 0 });
      expect(error).toMatchObject({ code: 'gate_not_met' });
      // Not for a job that is not atomic: there the reader of the result decides.
      const plain = await run({ dryRun: true, maxErrors: 0 });
      expect(plain.error).toBe('completed');

      const met = await run({ atomic: true, maxErrors: failedCount });
      expect(met.error).toBe('completed');
      expect(await rowsIn(kind.table)).toBe(before + successCount);
    },
  );

  it('the number of locks does not grow with that of batches', inShortIf(isTable), async () => {
    const id = await kind.make(11, 900);
    await setMode(id, { atomic: true });
    const counts: Promise<number>[] = [];
    const publish = ({ status, processedRows }: Progress) => {
      if (status === 'processing' && processedRows > 0) counts.push(locksOf(id));
    };
    const { storage } = loading.dependencies(db, 1);
    await attempt(id, 1, {
      publish,
      storage: { ...storage, forgetEmails: async () => void (await Promise.all(counts)) },
    });
    const locks = await Promise.all(counts);
    expect(locks.length).toBeGreaterThan(15);
    expect(locks.at(-1)! - locks[8]!).toBeLessThan(10);
  });
});

describe('rows that another transaction has inserted but not committed', () => {
  const email = (n: number) => `n${n}@x.io`;
  const text = Buffer.from(
    ['name,email,phone,company', ...Array.from({ length: 300 }, (_, n) => `N,${email(n)},1,C`), ''].join(
      '\n',
    ),
  );
  const insert = (n: number) =>
    `insert into customers (name, email, company) values ('other', '${email(n)}', 'c')`;

  /** A running job whose lock waits end after a second and a half; with the start of its current wait. */
  async function waiting(silenceMs = 3_000) {
    const id = await loading.makeJob(db.pool, text);
    await setMode(id, { atomic: true });
    const impatient = { ...db, connection: { ...db.connection, silenceMs } };
    const running = run((await claimJob(db.pool, id))!, loading.dependencies(impatient, 1), never);
    running.catch(() => {});
    const wait = async (before?: string) => {
      const { rows } = await db.pool.query<{ since: string }>(
        `select query_start::text as since from pg_stat_activity
         where application_name like 'csvjobs ${id}/%' and wait_event_type = 'Lock'`,
      );
      expect(rows[0]?.since).toBeDefined();
      expect(rows[0]!.since).not.toBe(before);
      return rows[0]!.since;
    };
    return { id, running, wait };
  }

  it('are waited for, beyond PostgreSQL’s silence timeout, without ending the attempt', LONG, async () => {
    const other = await db.pool.connect();
    await other.query('begin');
    await other.query(insert(200));
    const { id, running, wait } = await waiting();
    let since: string | undefined;
    for (let waits = 0; waits < 4; waits++) since = await vi.waitFor(() => wait(since));
    await other.query('commit');
    other.release();
    expect(await running).toBe('completed');
    expect(await verdict(id)).toMatchObject({ successCount: 299, failedCount: 1 });
    expect(await rowsIn('customers')).toBe(300);
  });

  it('end the attempt on a deadlock, with nothing left', async () => {
    const other = await db.pool.connect();
    await other.query('begin');
    await other.query(`set local deadlock_timeout = '1h'`);
    await other.query(insert(200));
    const { id, running, wait } = await waiting();
    await vi.waitFor(() => wait());
    const stuck = other.query(insert(3));
    await expect(running).rejects.toMatchObject({ code: '40P01' });
    await stuck;
    await other.query('rollback');
    other.release();
    expect(await rowsIn('customers')).toBe(0);
    expect(await attempt(id)).toBe('completed');
    expect(await rowsIn('customers')).toBe(300);
  });
});

async function locksOf(id: string): Promise<number> {
  const { rows } = await db.pool.query<{ n: number }>(
    `select count(*) as n from pg_locks join pg_stat_activity using (pid) where application_name like 'csvjobs ${id}/%'`,
  );
  return rows[0]!.n;
}
