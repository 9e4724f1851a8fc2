/** Which files may replace the content of their table, and which are refused. */
import type { Spec } from '@csvjobs/shared';
import { describe, expect, it } from 'vitest';
import { modeFor } from '../../../src/intake/mode.js';
import { readTarget } from '../../../src/sql/target/catalog.js';
import { inShortIf, LONG } from '../../support/form.js';
import { customersReplaced, openReplacing, records, replaceJob, rowsOf, runOnce, T } from './replacing.js';

const { r, sql, make, refused } = await openReplacing();

describe('how many rows may be removed', () => {
  const CASES: [maxRemoved: string | number | undefined, going: number, allowed: number | undefined][] = [
    ['10%', 10, undefined],
    ['10%', 11, 10],
    [3, 3, undefined],
    [3, 4, 3],
    ['0%', 1, 0],
    [undefined, 10, undefined],
    [undefined, 11, 10],
  ];
  for (const [maxRemoved, going, allowed] of CASES)
    it(
      `of a hundred ${maxRemoved}: ${going} are removed, or no more than ${allowed}`,
      inShortIf(maxRemoved === undefined || allowed === 3),
      async () => {
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
      },
    );

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

  for (const [what, table, bad] of [
    ['a value', 'create table t (k int primary key, n int)', 'x'],
    ['a check', 'create table t (k int primary key, n int check (n < 1000))', 5000],
  ] as const)
    it(
      `as many as allowed lose their rows, which are counted: ${what}`,
      inShortIf(what === 'a check'),
      async () => {
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
      },
    );
});

it('rows of inheriting tables stay, and do not count', LONG, async () => {
  await make();
  await sql('create table child () inherits (t); insert into child values (1000, 1)');
  const tooMany = await replaceJob(r, ['k', 'n'], records(52, 100), { maxRemoved: '50%' });
  expect((await refused(tooMany)).message).toContain('51 of the 100 rows');
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

for (const name of ['found', 'sqlstate', 'sqlerrm'])
  it(
    `the key may be called ${name}, like a variable of PL/pgSQL`,
    inShortIf(name === 'sqlstate'),
    async () => {
      await make(`create table t (${name} int primary key, n int)`);
      const id = await replaceJob(r, [name, 'n'], records(2, 101), {});
      const { job, error } = await runOnce(r, id);
      expect(error).toBeUndefined();
      expect(job.counts).toMatchObject({ inserted: 1, unchanged: 99, removed: 1 });
    },
  );
