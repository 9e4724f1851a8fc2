/** What prevents a file from replacing the content of its table; and what others see of it meanwhile. */
import type { Spec } from '@csvjobs/shared';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { armFailpoints } from '../../../src/failpoint.js';
import { modeFor } from '../../../src/intake/mode.js';
import { run } from '../../../src/pipeline/run.js';
import { claimJob } from '../../../src/sql/claimJob.js';
import { readTarget } from '../../../src/sql/target/catalog.js';
import { createDatabase } from '../../support/postgres.js';
import { never, openLoading } from '../support/loading.js';
import { customersReplaced, type Replacing, replaceJob, rowsOf, runOnce, T } from './replacing.js';

let r: Replacing;
beforeAll(async () => {
  const [loading, database] = await Promise.all([openLoading(), createDatabase()]);
  r = { loading, database };
});
afterAll(async () => {
  await r.loading.close();
  await r.database.drop();
});

const sql = async (text: string) => (await r.database.pool.query(text)).rows;

/** Creates t, by default with a hundred rows from 1 on. */
async function make(
  table = 'create table t (k int primary key, n int)',
  rows = 'insert into t select i, i from generate_series(1, 100) i',
): Promise<void> {
  await sql(`drop table if exists t, ref, seen cascade; drop function if exists f; ${table}; ${rows}`);
}

/** Records for the keys from `first` to `last`, equal to those in t. */
const records = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, at) => [first + at, first + at]);

/** Runs a job that must fail, and leave the table unchanged. */
async function refused(id: string) {
  const before = await rowsOf(r.database);
  const { error, job } = await runOnce(r, id);
  expect(await rowsOf(r.database)).toEqual(before);
  expect(await sql(`select 1 from job_journal where job_id = '${id}'`)).toEqual([]);
  expect(error?.retryable).toBe(false);
  expect(job.status).not.toBe('completed');
  return error!;
}

describe('how many rows may be removed', () => {
  it.each([
    ['10%', 10, undefined],
    ['10%', 11, 10],
    [3, 3, undefined],
    [3, 4, 3],
    ['0%', 1, 0],
    [undefined, 10, undefined],
    [undefined, 11, 10],
  ])('of a hundred %s: %i are removed, or no more than %s', async (maxRemoved, going, allowed) => {
    await make();
    const id = await replaceJob(r, ['k', 'n'], [...records(going + 1, 100), [1000, 1]], {
      maxRemoved,
    } as Spec['csvjobs']);
    if (allowed === undefined) {
      const { job } = await runOnce(r, id);
      expect(job.counts).toEqual({
        inserted: 1,
        updated: 0,
        unchanged: 100 - going,
        skipped: 0,
        removed: going,
      });
    } else {
      const error = await refused(id);
      expect(error.code).toBe('max_removed_exceeded');
      expect(error.message).toContain(
        `${going} of the 100 rows of public.t would be removed: no good record of the file has their key, such as k 1, n `,
      );
      expect(error.message).toContain(`--max-removed ${going}`);
    }
  });

  it('without a key: by how many rows the table shrinks', async () => {
    const table = 'create table t (id int generated always as identity primary key, n int)';
    await make(table, 'insert into t (n) select generate_series(1, 100)');
    const error = await refused(
      await replaceJob(
        r,
        ['n'],
        records(1, 89).map(([n]) => [n!]),
        { maxRemoved: '10%' },
      ),
    );
    expect(error).toMatchObject({ code: 'max_removed_exceeded' });
    expect(error.message).toContain(
      'public.t has 100 rows, and would have 89: 11 fewer; at most 10 may be removed',
    );
    const { job } = await runOnce(
      r,
      await replaceJob(
        r,
        ['n'],
        records(501, 590).map(([n]) => [n!]),
        { maxRemoved: '10%' },
      ),
    );
    expect(job).toMatchObject({ status: 'completed', counts: { inserted: 90, removed: 100 } });
    expect(await sql('select min(n), max(n), count(*)::int from t')).toEqual([
      { min: 501, max: 590, count: 90 },
    ]);
  });

  it('a file without records removes all, if allowed', async () => {
    await make();
    expect(await refused(await replaceJob(r, ['k', 'n'], [], { maxRemoved: '99%' }))).toMatchObject({
      code: 'max_removed_exceeded',
    });
    const { job } = await runOnce(r, await replaceJob(r, ['k', 'n'], []));
    expect(job).toMatchObject({ status: 'completed', totalRows: 0, counts: { inserted: 0, removed: 100 } });
    expect(await rowsOf(r.database)).toEqual([]);
  });
});

describe('rejected records', () => {
  const withBad = [...records(1, 98), [99, 'x'], [200, 200]];

  it('none are allowed by default: the row of one would be removed', async () => {
    await make();
    const error = await refused(await replaceJob(r, ['k', 'n'], withBad));
    expect(error.code).toBe('gate_not_met');
  });

  it.each([
    ['a value', 'create table t (k int primary key, n int)', 'x'],
    ['a check', 'create table t (k int primary key, n int check (n < 1000))', 5000],
  ])('as many as allowed lose their rows, which are counted: %s', async (_, table, bad) => {
    await make(table);
    const { job } = await runOnce(
      r,
      await replaceJob(r, ['k', 'n'], [...records(1, 98), [99, bad], [200, 200]], { maxErrors: 1 }),
    );
    expect(job).toMatchObject({
      status: 'completed',
      failedCount: 1,
      counts: { inserted: 1, unchanged: 98, removed: 2 },
    });
    expect((await sql('select k from t where k > 98 order by k')).map(({ k }) => k)).toEqual([200]);
    await make(table);
    expect(
      await refused(await replaceJob(r, ['k', 'n'], withBad.slice(1), { maxErrors: 1, maxRemoved: 1 })),
    ).toMatchObject({
      code: 'max_removed_exceeded',
    });
  });
});

describe('rows that others reference', () => {
  const CASES = [
    ['refuses', ''],
    ['cascades', 'on delete cascade'],
    ['changes rows', 'on delete set null'],
    ['is deferred', 'deferrable initially deferred'],
  ];
  it.each(CASES)('stay, and so do all others, if a foreign key %s', async (_, action) => {
    await make();
    await sql(
      `create table ref (id int, k int references t ${action}); insert into ref values (1, 3), (2, 4), (3, 50)`,
    );
    const id = await replaceJob(r, ['k', 'n'], records(5, 100));
    const error = await refused(id);
    expect(error.code).toBe('rows_referenced');
    expect(error.message).toContain(
      '2 rows of public.t that are not in the file are referenced by public.ref (ref_k_fkey), such as k = 3',
    );
    expect(await sql('select id, k from ref order by id')).toHaveLength(3);
    const { job } = await runOnce(r, await replaceJob(r, ['k', 'n'], records(3, 100)));
    expect(job.counts).toMatchObject({ removed: 2 });
    expect(await sql('select k from ref order by id')).toEqual([{ k: 3 }, { k: 4 }, { k: 50 }]);
  });

  it('even remaining rows of the table itself; removed ones are removed together', async () => {
    await make(
      'create table t (k int primary key, n int references t on delete cascade)',
      'insert into t select i, nullif(i - 1, 0) from generate_series(1, 20) i',
    );
    const chain = (first: number) =>
      Array.from({ length: 21 - first }, (_, at) => [first + at, first + at - 1]);
    const error = await refused(await replaceJob(r, ['k', 'n'], chain(5).slice(1)));
    expect(error).toMatchObject({ code: 'rows_referenced' });
    expect(error.message).toContain(
      '1 row of public.t that is not in the file is referenced by public.t (t_n_fkey), such as k = 5',
    );
    const { job } = await runOnce(r, await replaceJob(r, ['k', 'n'], [[10, ''], ...chain(11)]));
    expect(job.counts).toEqual({ inserted: 0, updated: 1, unchanged: 10, skipped: 0, removed: 9 });
  });
});

describe('rows that reference each other, in a table with another unique key', () => {
  const tree = (action: string) =>
    make(
      `create table t (k int primary key, up int references t ${action}, slug text unique)`,
      `insert into t values (1, null, 'a'), (2, 1, 'b'), (3, 2, 'c'), (4, 2, 'd'), (5, 4, 'e')`,
    );
  const replaced = (records: (string | number)[][]) =>
    replaceJob(r, ['k', 'up', 'slug'], records, { key: ['k'] });

  it.each(['', 'on delete cascade', 'on delete set null'])(
    'move before their row goes: %s',
    async (action) => {
      await tree(action);
      // 3 leaves 2, which goes with 4 and 5; and the slug of 5 becomes that of a new row.
      const { job, error } = await runOnce(
        r,
        await replaced([
          [1, '', 'a'],
          [3, 1, 'c'],
          [6, 3, 'e'],
        ]),
      );
      expect(error).toBeUndefined();
      expect(job.counts).toEqual({ inserted: 1, updated: 1, unchanged: 1, skipped: 0, removed: 3 });
      expect(job.removedRows?.map(({ k }) => k).sort()).toEqual(['2', '4', '5']);
      expect(await sql('select * from t order by k')).toEqual([
        { k: 1, up: null, slug: 'a' },
        { k: 3, up: 1, slug: 'c' },
        { k: 6, up: 3, slug: 'e' },
      ]);
    },
  );

  it('stay if one still references a row that is not in the file', async () => {
    await tree('on delete cascade');
    expect(
      await refused(
        await replaced([
          [1, '', 'a'],
          [3, 2, 'c'],
        ]),
      ),
    ).toMatchObject({
      code: 'rows_referenced',
      message: expect.stringContaining('such as k = 2'),
    });
  });

  it('a long chain is not searched to its end', async () => {
    await make(
      'create table t (k int primary key, up int references t, slug text unique)',
      'insert into t select i, nullif(i - 1, 0), i from generate_series(1, 300) i',
    );
    const { job } = await runOnce(r, await replaced([[300, '', '300']]));
    expect(job.counts).toMatchObject({ updated: 1, removed: 299 });
  });
});

describe('a trigger', () => {
  it.each([
    ['keeps rows', 'return null'],
    ['refuses', `raise exception 'never'`],
    ['hides them instead', 'update t set n = -1 where k = old.k; return null'],
  ])('that %s: nothing is changed', async (_, body) => {
    await make(`create table t (k int primary key, n int); create function f() returns trigger language plpgsql as $$ begin ${body}; end $$;
      create trigger t before delete on t for each row execute function f()`);
    const error = await refused(await replaceJob(r, ['k', 'n'], records(5, 100)));
    expect(error.code).toBe('rows_not_removed');
  });

  it.each([
    ['removes rows', 'delete from t where k < 3'],
    ['adds rows', 'if new.k < 1000 then insert into t values (new.k + 1000, 0); end if'],
  ])('that %s during the load: nothing is changed', async (_, body) => {
    await make(
      `create table t (k int primary key, n int);
       create function f() returns trigger language plpgsql as $$ begin ${body}; return null; end $$`,
      `insert into t select i, i from generate_series(1, 50) i;
       create trigger t after insert on t for each row execute function f()`,
    );
    const error = await refused(await replaceJob(r, ['k', 'n'], [...records(1, 50), ['101', '1']]));
    expect(error.code).toBe('rows_not_removed');
    expect(error.message).toContain('a trigger or a rule of the table adds or removes rows');
  });

  it('that changes the key of new rows keeps those rows', async () => {
    await make(
      `create table t (k text primary key, n int); create function f() returns trigger language plpgsql as $$ begin
        new.k := upper(new.k); return new; exception when others then raise; end $$;
      create trigger t before insert on t for each row execute function f()`,
      `insert into t values ('X', 1)`,
    );
    await runOnce(
      r,
      await replaceJob(
        r,
        ['k', 'n'],
        [
          ['a', 1],
          ['b', 2],
        ],
      ),
    );
    expect((await sql('select k from t order by k')).map(({ k }) => k)).toEqual(['A', 'B']);
  });
});

it('rows of inheriting tables stay', async () => {
  await make();
  await sql('create table child () inherits (t); insert into child values (1000, 1)');
  const { job } = await runOnce(r, await replaceJob(r, ['k', 'n'], records(3, 100)));
  expect(job.counts).toMatchObject({ removed: 2 });
  expect(await sql('select k from child')).toEqual([{ k: 1000 }]);
  await sql('drop table child');
});

it('a dry run counts the rows to remove, and leaves all; its load reports no difference', async () => {
  await make();
  const before = await rowsOf(r.database);
  const dry = await replaceJob(r, ['k', 'n'], [...records(6, 100), [101, 1]], { dryRun: true });
  const { job } = await runOnce(r, dry);
  const counts = { inserted: 1, updated: 0, unchanged: 95, skipped: 0, removed: 5 };
  expect(job).toMatchObject({ status: 'completed', counts, mode: { replace: true, dryRun: true } });
  expect(job.removedRows).toHaveLength(5);
  expect(job.removedRows?.[0]).toEqual({ k: '1', n: expect.any(String) });
  expect(await rowsOf(r.database)).toEqual(before);
  const load = await replaceJob(r, ['k', 'n'], [...records(6, 100), [101, 1]]);
  await sql(`update jobs set dry_run = '${dry}' where id = '${load}'`);
  await sql('insert into t values (500, 1)');
  const loaded = await runOnce(r, load);
  expect(loaded.job).toMatchObject({ counts: { ...counts, removed: 6 } });
  expect(loaded.job.notices.join()).toContain('5 removed');
});

it('others read the old content until the end, and write only after it', async () => {
  const { pool } = r.database;
  await make();
  const id = await replaceJob(r, ['k', 'n'], [...records(11, 100), ...records(201, 300)]);
  let wrote: Promise<unknown> | undefined;
  const seen: Promise<number>[] = [];
  const publish = ({ processedRows, status }: { processedRows: number; status: string }) => {
    if (processedRows === 0 || status !== 'processing') return;
    wrote ??= pool.query(
      'insert into t values (500, 1) returning (select count(*) from t where k < 11) as old',
    );
    seen.push(pool.query('select count(*)::int as n from t').then(({ rows }) => rows[0].n));
  };
  const { storage } = r.loading.dependencies(r.database, 1);
  const forgetEmails = async () => void (await Promise.all(seen));
  const deps = r.loading.dependencies(r.database, 1, { publish, storage: { ...storage, forgetEmails } });
  expect(await run((await claimJob(pool, id))!, deps, never)).toBe('completed');
  await wrote;
  expect(new Set(await Promise.all(seen))).toEqual(new Set([100]));
  expect(await sql('select count(*)::int as n, count(*) filter (where k < 11)::int as old from t')).toEqual([
    { n: 191, old: 0 },
  ]);
});

it('waits for an earlier writer, and a stop ends the wait', async () => {
  const { pool, connection } = r.database;
  await make();
  const other = await pool.connect();
  await other.query('begin; insert into t values (500, 5)');
  const id = await replaceJob(r, ['k', 'n'], records(1, 100));
  const impatient = { ...r.database, connection: { ...connection, silenceMs: 2_000 } };
  const waits = async (before?: string) => {
    const { rows } = await pool.query<{ since: string }>(
      `select query_start::text as since from pg_stat_activity where application_name like 'csvjobs ${id}/%' and wait_event_type = 'Lock'`,
    );
    expect(rows[0]?.since).toBeDefined();
    expect(rows[0]!.since).not.toBe(before);
    return rows[0]!.since;
  };
  const drain = new AbortController();
  const first = run((await claimJob(pool, id))!, r.loading.dependencies(impatient, 1), drain.signal);
  let since: string | undefined;
  for (let look = 0; look < 2; look++)
    since = await vi.waitFor(() => waits(since), { timeout: 60_000, interval: 20 });
  drain.abort();
  expect(await first).toBe('drained');

  const second = run((await claimJob(pool, id))!, r.loading.dependencies(impatient, 1), never);
  await vi.waitFor(() => waits(), { timeout: 60_000, interval: 20 });
  await other.query('commit');
  other.release();
  expect(await second).toBe('completed');
  expect(await sql('select count(*)::int as n from t where k = 500')).toEqual([{ n: 0 }]);
});

it('an attempt that fails between removal and end changes nothing', async () => {
  for (const name of ['after-commit', 'before-whole-commit']) {
    await make();
    const before = await rowsOf(r.database);
    const id = await replaceJob(r, ['k', 'n'], records(50, 149));
    armFailpoints([{ name, nth: 1, action: 'throw', ms: 0 }]);
    expect((await runOnce(r, id)).error).toMatchObject({ code: 'failpoint' });
    expect(await rowsOf(r.database)).toEqual(before);
    expect((await runOnce(r, id)).job.counts).toMatchObject({ inserted: 49, unchanged: 51, removed: 49 });
  }
});

it('an empty field is NULL, and a column missing from the file keeps its values', async () => {
  await make(
    "create table t (k int primary key, n int, b text, c text default 'c')",
    `insert into t values (1, 1, 'b', 'mine'), (2, 2, 'b', 'mine')`,
  );
  await runOnce(
    r,
    await replaceJob(
      r,
      ['k', 'n', 'b'],
      [
        [1, '', ''],
        [2, 2, 'b'],
        [3, 3, ''],
      ],
    ),
  );
  expect(await sql('select * from t order by k')).toEqual([
    { k: 1, n: null, b: null, c: 'mine' },
    { k: 2, n: 2, b: 'b', c: 'mine' },
    { k: 3, n: 3, b: null, c: 'c' },
  ]);
});

it('an impossible replacement is refused with its reason', async () => {
  await make();
  const target = (await readTarget(r.database.pool, T))!;
  const mode =
    (csvjobs: object, on = target) =>
    () =>
      modeFor({ csvjobs } as Spec, on);
  expect(mode({ replace: true })()).toEqual({ replace: true, atomic: true, maxErrors: 0, maxRemoved: '10%' });
  expect(mode({ replace: true, maxErrors: '1%', maxRemoved: 5, key: ['k'], dryRun: true })()).toEqual({
    ...{ replace: true, atomic: true, dryRun: true, maxErrors: '1%', maxRemoved: 5, key: ['k'] },
  });
  expect(mode({ maxRemoved: 5 })).toThrow('csvjobs.maxRemoved needs csvjobs.replace');
  expect(mode({ replace: true, mode: 'skip' })).toThrow('csvjobs.mode cannot be skip with csvjobs.replace');
  expect(mode({ replace: true, mode: 'update', updateOnly: true })).toThrow(
    'csvjobs.updateOnly cannot be used',
  );
  expect(mode({ replace: true }, { ...target, kind: 'view' })).toThrow('public.t is a view');
  expect(mode({ replace: true }, { ...target, rowSecurity: true })).toThrow('row security may hide rows');
  await make('create table t (k int primary key, n int unique)');
  const error = await refused(await replaceJob(r, ['k', 'n'], records(1, 100)));
  expect(error).toMatchObject({ code: 'spec_mismatch' });
  expect(error.message).toContain('choose one with --key k');
  await make('create table t (k int primary key, n int)');
  expect(await refused(await replaceJob(r, ['n'], [[1]], { mode: 'update' }))).toMatchObject({
    code: 'spec_mismatch',
  });
});

it('a table altered since the upload is not replaced', async () => {
  await make();
  const id = await replaceJob(r, ['k', 'n'], []);
  await sql('alter table t add column more int');
  expect(await refused(id)).toMatchObject({ code: 'target_changed' });
});

it('customers are identified by e-mail', async () => {
  const { pool } = r.database;
  await sql(
    `insert into customers (name, email, company) select 'N' || i, 'c' || i || '@x.io', 'C' from generate_series(1, 20) i`,
  );
  const id = await customersReplaced(r, [
    ...Array.from({ length: 18 }, (_, at) => [`N${at + 1}`, `C${at + 1}@x.io`, '', 'C']),
    ['New', 'new@x.io', '', 'C'],
  ]);
  const before = await pool.query(`select xmin::text from customers where email = 'c7@x.io'`);
  const { job, error } = await runOnce(r, id);
  expect(error).toBeUndefined();
  expect(job.counts).toEqual({ inserted: 1, updated: 0, unchanged: 18, skipped: 0, removed: 2 });
  expect(await sql(`select count(*)::int as n, count(job_id)::int as own from customers`)).toEqual([
    { n: 19, own: 1 },
  ]);
  expect((await pool.query(`select xmin::text from customers where email = 'c7@x.io'`)).rows).toEqual(
    before.rows,
  );
});

it('the example of docs/modes.md', async () => {
  await make(
    'create table t (sku text primary key, price numeric(8,2), note text, stock int default 0)',
    `insert into t values ('a1', 5, 'sale', 7), ('a2', 8, null, 3), ('a9', 1, null, 1)`,
  );
  const file = [
    ['a1', '6.00', ''],
    ['a2', '8.00', ''],
    ['a3', '9.00', 'new'],
    ['a3', '9.50', ''],
  ];
  const { job } = await runOnce(r, await replaceJob(r, ['sku', 'price', 'note'], file, { maxRemoved: 1 }));
  expect(job.counts).toEqual({ inserted: 1, updated: 2, unchanged: 1, skipped: 0, removed: 1 });
  expect(await sql('select sku, price::text, note, stock from t order by sku')).toEqual([
    { sku: 'a1', price: '6.00', note: null, stock: 7 },
    { sku: 'a2', price: '8.00', note: null, stock: 3 },
    { sku: 'a3', price: '9.50', note: null, stock: 0 },
  ]);
});
