/** Preview of a replacement: the rows to remove, and what would prevent it, as in a load of the file. */
import type { SpecInput } from '@csvjobs/shared';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connect } from '../../../src/sql/pool.js';
import { inShortIf, LONG } from '../../support/form.js';
import { openTestLoad } from '../support/testLoad.js';
import { replaceJob, runOnce } from '../target/replacing.js';
import { expectNothingLeft, previewOf } from './support.js';

const { loading, db } = await openTestLoad();
beforeEach(() => db.pool.query('drop table if exists t, r cascade; truncate jobs cascade'));

type Csvjobs = NonNullable<SpecInput['csvjobs']>;
const preview = (text: string, csvjobs: Csvjobs = {}, more: Parameters<typeof previewOf>[4] = {}) =>
  previewOf(loading, db, 't', text, { csvjobs: { replace: true, ...csvjobs }, ...more });
const content = async () => (await db.pool.query('select to_jsonb(t)::text as row from t order by 1')).rows;
const codes = (found: Awaited<ReturnType<typeof preview>>) => found.removed?.refusals.map(({ code }) => code);
const fates = (found: Awaited<ReturnType<typeof preview>>) => found.records.map(({ fate }) => fate);

describe('of a whole file', () => {
  afterEach(() => expectNothingLeft(loading, db));
  beforeEach(() =>
    db.pool.query(`create table t (sku text primary key, price numeric(6,2));
      insert into t values ('a1', 5), ('a2', 8), ('a8', 1), ('a9', 3)`),
  );

  it('the rows whose key no record has, and the option that allows removing them', async () => {
    const before = await content();
    const found = await preview('sku,price\na1,6.00\na2,8\na3,9\n');
    expect(found.removed).toEqual({
      ...{ rows: 2, of: 4, whole: true },
      first: [
        { sku: 'a8', price: '1.00' },
        { sku: 'a9', price: '3.00' },
      ],
      refusals: [
        {
          code: 'max_removed_exceeded',
          message: expect.stringMatching(/2 of the 4 rows .* --max-removed 2$/),
        },
      ],
    });
    expect(fates(found)).toEqual(['updated', 'unchanged', 'inserted']);
    expect(found.notices).toEqual([]);
    const allowed = await preview('sku,price\na1,6.00\na2,8\na3,9\n', { maxRemoved: 2 });
    expect(allowed.removed).toEqual({ ...found.removed, refusals: [] });
    expect(await content()).toEqual(before);
  });

  it('keys of records after those shown count, even those of later batches', async () => {
    const others = Array.from({ length: 300 }, (_, at) => `b${at},1\n`).join('');
    const found = await preview(`sku,price\na1,6\n${others}a9,3\na8,1\n`, {}, { rows: 2 });
    expect(found.removed).toMatchObject({ rows: 1, of: 4, first: [{ sku: 'a2' }], whole: true });
    expect(found).toMatchObject({ more: true, counts: { inserted: 1, updated: 1, rejected: 0 } });
    expect(found.records).toHaveLength(2);
  });

  it('a rejected record removes its row, which is not allowed; also one that is not shown', async () => {
    const text = 'sku,price\na1,6\na8,1\na9,3\na2,cheap\n';
    const found = await preview(text, { maxRemoved: '50%' }, { rows: 1 });
    expect(found.removed).toMatchObject({
      ...{ rows: 1, first: [{ sku: 'a2' }] },
      refusals: [{ code: 'gate_not_met', message: expect.stringMatching(/^1 of the 4 .*--max-errors 1$/) }],
    });
    expect(codes(await preview(text, { maxRemoved: '50%', maxErrors: 1 }))).toEqual([]);
    expect(codes(await preview(text))).toEqual(['max_removed_exceeded', 'gate_not_met']);
  });

  it('rows that others reference prevent it, and are named', async () => {
    await db.pool.query(
      `create table r (sku text references t on delete cascade); insert into r values ('a9')`,
    );
    const found = await preview('sku,price\na1,6\na2,8\n', { maxRemoved: '100%' });
    expect(found.removed).toMatchObject({
      rows: 2,
      refusals: [{ code: 'rows_referenced', message: expect.stringContaining('r_sku_fkey') }],
    });
    expect(fates(found)).toEqual(['updated', 'unchanged']);
  });

  it('an empty one: all rows', async () => {
    const found = await preview('sku,price\n', { maxRemoved: '100%' });
    expect(found).toMatchObject({ records: [], removed: { rows: 4, of: 4, refusals: [] } });
    expect(codes(await preview('sku,price\n'))).toEqual(['max_removed_exceeded']);
    await db.pool.query('truncate t');
    expect(await preview('sku,price\n')).toMatchObject({
      removed: { rows: 0, of: 0, first: [], refusals: [] },
    });
  });

  it('without a key all rows are removed, and the guard counts by how many the table shrinks', async () => {
    await db.pool.query(
      'alter table t add id int generated always as identity; alter table t drop constraint t_pkey',
    );
    await db.pool.query('alter table t add primary key (id)');
    const found = await preview('sku,price\nb1,1\nb2,2\n');
    expect(found.removed).toMatchObject({ rows: 4, of: 4, whole: true });
    expect(codes(found)).toEqual(['max_removed_exceeded']);
    expect(fates(found)).toEqual(['inserted', 'inserted']);
    expect(codes(await preview('sku,price\nb1,1\nb2,2\nb3,1\nb4,1\n'))).toEqual([]);
  });

  it('a value of another key may come from a removed row', LONG, async () => {
    await db.pool.query('alter table t add unique (price)');
    const text = 'sku,price\na1,5\na2,8\na8,3\n';
    const found = await preview(text, { maxRemoved: 1, key: ['sku'] });
    expect(fates(found)).toEqual(['unchanged', 'unchanged', 'updated']);
    expect(found.removed).toMatchObject({ rows: 1, first: [{ sku: 'a9' }], refusals: [] });
    // The guard ends the load before its first record.
    const refused = await preview(text, { key: ['sku'] });
    expect(codes(refused)).toEqual(['max_removed_exceeded']);
    expect(refused.removed).toMatchObject({ rows: 1, of: 4, whole: true });
    expect(refused.records).toHaveLength(3);
  });

  it('while another transaction writes into the table they are reported as unknown', async () => {
    const other = await connect(db.connection, 'other');
    try {
      await other.query(`begin; insert into t values ('a7', 1)`);
      const found = await preview('sku,price\na1,6\n');
      expect(found.removed).toBeUndefined();
      expect(found.notices.join()).toMatch(
        /^cannot tell which rows .* removed: another transaction writes to the table/m,
      );
      expect(fates(found)).toEqual(['updated']);
    } finally {
      await other.end();
    }
  });

  it('very many are counted, but not removed for a preview', LONG, async () => {
    await db.pool.query(`insert into t select 'x' || i, 1 from generate_series(1, 50000) i`);
    const found = await preview('sku,price\na1,6\n', { maxRemoved: '100%' });
    expect(found.removed).toMatchObject({ rows: 50_003, of: 50_004, refusals: [] });
    expect(found.removed!.first).toHaveLength(20);
    expect(found.notices.join()).toMatch(
      /too many rows would be removed to check here whether others reference them/,
    );
    expect(fates(found)).toEqual(['updated']);
  });
});

describe('of the beginning of a file', () => {
  afterEach(() => expectNothingLeft(loading, db));

  it('no row is listed as removed, but reported as unknown', async () => {
    await db.pool.query(`create table t (sku text primary key, price int); insert into t values ('a9', 3)`);
    const found = await preview('sku,price\na1,6\na2,', {}, { cut: true });
    expect(found).toMatchObject({ beginning: true, records: [{ fate: 'inserted' }] });
    expect(found.removed).toBeUndefined();
    expect(found.notices.join()).toMatch(
      /cannot tell which rows .* removed: only the beginning of the file was read; a dry run can tell/,
    );
  });

  it('without a key of the table all rows are removed; the guard cannot be judged', async () => {
    await db.pool.query(`create table t (id serial primary key, sku text, price int);
      insert into t (sku) values ('a9'), ('a8')`);
    const found = await preview('sku,price\na1,6\na2,', {}, { cut: true });
    expect(found.removed).toMatchObject({ rows: 2, of: 2, whole: false, refusals: [] });
    expect(found.removed!.first).toHaveLength(2);
    expect(found.notices.join()).toMatch(/whether --max-removed allows that/);
    const none = await preview('sku,price\na1', {}, { cut: true });
    expect(none).toMatchObject({ records: [], removed: { rows: 2, whole: false } });
  });
});

describe('like the dry run of the file', () => {
  for (const [name, columns] of [
    ['a composite key with quoted names', '"A b" int, "x""y" text, v text, primary key ("A b", "x""y")'],
    ['equal NULLs', '"A b" int, "x""y" text, v text, unique nulls not distinct ("A b", "x""y")'],
    ['different NULLs', '"A b" int, "x""y" text, v text, unique ("A b", "x""y")'],
    ['an expression', '"A b" int, "x""y" text, v text'],
  ] as const)
    it(name, inShortIf(/quoted|equal/.test(name)), async () => {
      await db.pool.query(`create table t (${columns})`);
      if (name === 'an expression') await db.pool.query('create unique index on t ("A b", lower("x""y"))');
      const nullable = name.includes('NULL');
      await db.pool.query(`insert into t values (1, 'a', 'same'), (1, 'b', 'goes'), (2, 'a', 'changes'), (3, 'Ä', 'goes')
      ${nullable ? `, (null, 'a', 'n'), (4, null, 'm'), (null, null, 'both')` : ''}`);
      const records = [
        [1, 'a', 'same'],
        [2, 'A', 'new'],
        [2, 'a', 'changed'],
        ...(nullable
          ? [
              ['', 'a', 'n2'],
              ['', 'z', 'x'],
            ]
          : []),
      ];
      const header = ['"A b"', '"x""y"', 'v'];
      const text = `${header.join(',')}\n${records.map((record) => `${record.join(',')}\n`).join('')}`;
      const found = await preview(text, { maxRemoved: '100%' });
      expect(codes(found)).toEqual([]);
      const id = await replaceJob({ loading, database: db }, header, records, { dryRun: true });
      const { job, error } = await runOnce({ loading, database: db }, id);
      expect(error).toBeUndefined();
      expect({ rows: found.removed!.rows, first: found.removed!.first }).toEqual({
        rows: job.counts!.removed,
        first: job.removedRows,
      });
      expect(found.removed!.rows).toBeGreaterThan(0);
      const { inserted, updated, unchanged } = found.counts;
      expect({ inserted, updated, unchanged }).toEqual({
        inserted: job.counts!.inserted,
        updated: job.counts!.updated,
        unchanged: job.counts!.unchanged,
      });
    });
});
