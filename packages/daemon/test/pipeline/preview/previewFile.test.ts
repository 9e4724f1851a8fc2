/** Records as they would be stored: by a real load that is rolled back and leaves nothing. */
import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { PreviewedRecord } from '@csvjobs/shared';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connect } from '../../../src/sql/pool.js';
import { inShortIf, LONG } from '../../support/form.js';
import { openTestLoad } from '../support/testLoad.js';
import { expectNothingLeft, previewOf } from './support.js';

const { loading, db } = await openTestLoad();
beforeEach(() =>
  db.pool.query('drop table if exists t, p cascade; drop function if exists f; truncate customers'),
);
afterEach(() => expectNothingLeft(loading, db));

const preview = (
  ...args: Parameters<typeof previewOf> extends [unknown, unknown, ...infer Rest] ? Rest : never
) => previewOf(loading, db, ...args);
const content = async () => (await db.pool.query('select * from t order by 1')).rows;
const fates = (records: readonly PreviewedRecord[]) => records.map(({ fate }) => fate);

describe('new rows', () => {
  it('have the table’s changes: types, defaults, triggers; their serial numbers are not promised', async () => {
    await db.pool.query(`create table t (id int generated always as identity primary key, a numeric(6,2), b text default 'none',
        c text, at date default '2026-01-02', low text generated always as (lower(c)) stored);
      create function f() returns trigger language plpgsql as $$ begin new.c := new.c || '!'; return new; end $$;
      create trigger t before insert on t for each row execute function f()`);
    const found = await preview('t', 'a,c\n1.5,Ann\n2,Bo\n');
    expect(found).toMatchObject({ table: 'public.t', more: false, beginning: false });
    expect(found.counts).toEqual({ inserted: 2, updated: 0, unchanged: 0, skipped: 0, rejected: 0 });
    expect(found.columns).toContainEqual({ name: 'a', type: 'numeric(6,2)' });
    expect(found.records).toEqual([
      {
        ...{
          rowNumber: 1,
          line: 2,
          fate: 'inserted',
          stored: true,
          generated: ['id'],
          before: null,
          error: null,
        },
        values: { id: null, a: '1.50', b: 'none', c: 'Ann!', at: '2026-01-02', low: 'ann!' },
      },
      expect.objectContaining({
        rowNumber: 2,
        line: 3,
        values: expect.objectContaining({ a: '2.00', c: 'Bo!' }),
      }),
    ]);
    expect(await content()).toEqual([]);
    // As documented: the numbers are used up.
    const { rows } = await db.pool.query('insert into t (a) values (1) returning id');
    expect(rows[0].id).toBeGreaterThan(2);
  });

  for (const [what, columns] of [
    ['a key of the file', 'k int primary key, v text'],
    ['a sequence', 'id serial primary key, k int, v text'],
    ['a key that does not identify them', 'id uuid primary key default gen_random_uuid(), k int, v text'],
    ['no key', 'k int, v text'],
    [
      'partitions',
      `k int, v text) partition by range (k); create table t1 partition of t default with (fillfactor = 50`,
    ],
  ] as const)
    it(
      `are found by ${what}, in a table with room in its pages`,
      inShortIf(/key of the file|partitions/.test(what)),
      async () => {
        await db.pool.query(`create table t (${columns})`);
        await db.pool.query(`insert into t (k, v) select i, repeat('x', 50) from generate_series(100, 20000) i;
      delete from t where k % 3 = 0`);
        await db.plain('vacuum t');
        const { records } = await preview('t', 'k,v\n1,a\n2,\n3,c\n');
        expect(records.map(({ stored, values: { k, v } }) => ({ stored, k, v }))).toEqual([
          { stored: true, k: '1', v: 'a' },
          { stored: true, k: '2', v: null },
          { stored: true, k: '3', v: 'c' },
        ]);
      },
    );

  it('of a view are shown as read if it has no key to find them by', async () => {
    await db.pool.query('create table p (a int, b text); create view t as select a, b from p');
    const { records } = await preview('t', 'a,b\n1,x\n');
    expect(records).toMatchObject([{ fate: 'inserted', stored: false, values: { a: '1', b: 'x' } }]);
    await db.pool.query('drop view t');
  });

  it('dropped by a trigger are rejected, like in a load', async () => {
    await db.pool.query('create table t (a int, b text)');
    await db.pool.query(`create function f() returns trigger language plpgsql as $$ begin return null; end $$;
      create trigger t before insert on t for each row execute function f()`);
    const { records } = await preview('t', 'a,b\n1,x\n');
    expect(records).toMatchObject([{ fate: 'rejected', error: { code: 'dropped_by_trigger' } }]);
  });
});

describe('existing rows', () => {
  const FILE = 'sku,price,note\na1,6.00,\na2,8.00,\na3,9.00,new\na3,9.50,\n,1,x\n';
  beforeEach(() =>
    db.pool.query(`create table t (sku text primary key, price numeric(6,2) check (price < 100), note text, stock int not null default 0);
      insert into t values ('a1', 5, 'sale', 7), ('a2', 8, null, 3)`),
  );

  it('updated: before and after; also one that the file itself inserted', async () => {
    const found = await preview('t', FILE, { csvjobs: { mode: 'update' } });
    expect(fates(found.records)).toEqual(['updated', 'unchanged', 'inserted', 'updated', 'rejected']);
    expect(found.counts).toEqual({ inserted: 1, updated: 2, unchanged: 1, skipped: 0, rejected: 1 });
    const [a1, a2, fresh, again] = found.records;
    expect(a1).toMatchObject({
      before: { sku: 'a1', price: '5.00', note: 'sale', stock: '7' },
      values: { sku: 'a1', price: '6.00', note: 'sale', stock: '7' },
    });
    expect(a2).toMatchObject({
      stored: true,
      before: null,
      values: { price: '8.00', note: null, stock: '3' },
    });
    expect(fresh!.values).toEqual({ sku: 'a3', price: '9.00', note: 'new', stock: '0' });
    expect(again).toMatchObject({
      before: { price: '9.00', note: 'new' },
      values: { price: '9.50', note: 'new' },
    });
    expect(await content()).toMatchObject([{ sku: 'a1', price: '5.00' }, { sku: 'a2' }]);
  });

  it('skipped; rejected by default, with the row of the file that has the key', async () => {
    const skipped = await preview('t', FILE, { csvjobs: { mode: 'skip' } });
    expect(fates(skipped.records)).toEqual(['skipped', 'skipped', 'inserted', 'skipped', 'rejected']);
    expect(skipped.records[0]!.values).toEqual({ sku: 'a1', price: '5.00', note: 'sale', stock: '7' });
    const { records } = await preview('t', FILE);
    expect(records.map(({ error }) => error?.code)).toEqual([
      'duplicate_in_table',
      'duplicate_in_table',
      undefined,
      'duplicate_in_file',
      'required',
    ]);
    expect(records[3]!.error!.message).toContain('row 3');
  });

  it('of a key by expression', async () => {
    await db.pool.query(`drop table t; create table t (id serial, mail text, n int); create unique index t_mail on t (lower(mail));
      insert into t (mail, n) values ('Ann@x.example', 1)`);
    const { records } = await preview('t', 'mail,n\nANN@x.example,1\nann@x.example,2\nbo@x.example,3\n', {
      csvjobs: { mode: 'update', key: ['mail'] },
    });
    expect(records).toMatchObject([
      // The matched key keeps its spelling.
      { fate: 'unchanged', before: null, values: { id: '1', mail: 'Ann@x.example', n: '1' } },
      { fate: 'updated', before: { n: '1' }, values: { id: '1', n: '2' } },
      { fate: 'inserted', generated: ['id'], values: { id: null, mail: 'bo@x.example' } },
    ]);
  });

  it('of a partial key: not those that it does not cover', async () => {
    await db.pool.query(`drop table t; create table t (id int primary key generated always as identity, mail text, n int, gone date);
      create unique index t_mail on t (mail) where gone is null;
      insert into t (mail, n, gone) values ('a', 1, '2026-01-01'), ('a', 2, null), ('b', 3, '2026-01-01')`);
    const { records } = await preview('t', 'mail,n\na,2\na,5\nb,4\n', { csvjobs: { mode: 'update' } });
    expect(records).toMatchObject([
      { fate: 'unchanged', before: null, values: { id: '2', mail: 'a', n: '2' } },
      { fate: 'updated', before: { id: '2', n: '2' }, values: { id: '2', n: '5' } },
      { fate: 'inserted', generated: ['id'], values: { id: null, mail: 'b', n: '4' } },
    ]);
  });
});

describe('faults', () => {
  it('are shown at their record, all of them, with the file’s values', async () => {
    await db.pool.query(
      `create table p (id int primary key); create table t (a int not null, b int references p, c text check (c <> 'bad'))`,
    );
    const found = await preview('t', 'a,b,c\n1,,x\nx,2,bad\n3,,"half\n');
    expect(fates(found.records)).toEqual(['inserted', 'rejected', 'rejected']);
    const [, faulty, unclosed] = found.records;
    expect(faulty).toMatchObject({
      rowNumber: 2,
      line: 3,
      stored: false,
      values: { a: 'x', b: '2', c: 'bad' },
    });
    expect(faulty!.error!.reasons!.map(({ code }) => code)).toEqual([
      'not_an_integer',
      'check_failed',
      'foreign_key_missing',
    ]);
    expect(unclosed!.error).toMatchObject({ code: 'unclosed_quote' });
  });

  it('of the whole file end it', async () => {
    await db.pool.query('create table t (a int)');
    await expect(preview('t', 'nothing,of,it\n1,2,3\n')).rejects.toMatchObject({ code: 'header_invalid' });
  });
});

describe('the beginning of a file', () => {
  const LINES = Array.from({ length: 500 }, (_, at) => `${at},"Ärger\n${at}"\n`).join('');

  it('is enough: no more records than requested, and no half record', async () => {
    await db.pool.query('create table t (a int primary key, b text)');
    const bytes = Buffer.from(`a,b\n${LINES}`).subarray(0, 5_003);
    const found = await preview('t', bytes, { cut: true, rows: 7 });
    expect(found).toMatchObject({ more: true, beginning: true, counts: { inserted: 7 } });
    expect(found.source.encoding).toBe('utf-8');
    expect(found.records.at(-1)).toMatchObject({ rowNumber: 7, values: { a: '6', b: 'Ärger\n6' } });
    const all = await preview('t', bytes, { cut: true, rows: 100 });
    expect(all.records.every(({ error }) => error === null)).toBe(true);
    const few = await preview('t', Buffer.from('a,b\n1,x\n2,"y'), { cut: true });
    expect(few).toMatchObject({ more: true, counts: { inserted: 1, rejected: 0 } });
    const none = await preview('t', 'a,b\n');
    expect(none).toMatchObject({ more: false, records: [] });
  });

  it('may be compressed, or in another encoding', LONG, async () => {
    await db.pool.query('create table t (a int primary key, b text)');
    const zipped = gzipSync(Buffer.from(`a,b\n${LINES}`));
    expect(await preview('t', zipped.subarray(0, zipped.length - 300), { cut: true, rows: 3 })).toMatchObject(
      {
        source: { compression: 'gzip', encoding: 'utf-8' },
        counts: { inserted: 3 },
      },
    );
    const wide = Buffer.from(`\ufeffa,b\n${LINES}`, 'utf16le');
    const found = await preview('t', wide.subarray(0, 4_001), { cut: true, rows: 100 });
    expect(found.source.encoding).toBe('utf-16le');
    expect(found.records.every(({ error }) => error === null)).toBe(true);
    expect(found.records[5]!.values.b).toBe('Ärger\n5');
  });
});

it('customers: cleaned as usual, with the messages of their report', async () => {
  const found = await preview('customers', 'name,email,phone,company\n Ann ,ANN@x.example,,Acme\nBo,bo,,\n');
  expect(found.table).toBe('customers');
  expect(found.records[0]).toMatchObject({
    ...{
      fate: 'inserted',
      stored: true,
      values: { name: 'Ann', email: 'ANN@x.example', row_number: '1', job_id: null },
    },
    generated: expect.arrayContaining(['id', 'job_id']),
  });
  expect(found.records[1]!.error!.message).toMatch(/email .*company|company .*email/);
  const again = await preview(
    'customers',
    'name,email,phone,company\nAnn,a@x.example,,Acme\nAnn,A@x.example,,New\n',
    { csvjobs: { mode: 'update', key: ['email'] } },
  );
  expect(again.records[1]).toMatchObject({
    fate: 'updated',
    before: { company: 'Acme' },
    values: { company: 'New' },
  });
});

describe('other sessions', () => {
  it('see nothing of it, and it does not wait for their locks', LONG, async () => {
    await db.pool.query('create table t (a int primary key)');
    const other = await connect(db.connection, 'test');
    await other.query('begin; insert into t values (1)');
    await expect(preview('t', 'a\n1\n')).rejects.toMatchObject({
      code: 'rows_locked',
      message: expect.stringContaining('another transaction'),
    });
    const held = randomUUID();
    await db.pool.query(
      `insert into jobs (id, filename, size_bytes, sha256, status, target_table) values ($1, 'f.csv', 1, '', 'held', 'public.t')`,
      [held],
    );
    await expect(preview('t', 'a\n1\n')).rejects.toMatchObject({
      code: 'rows_locked',
      message: expect.stringContaining(`job ${held} is held`),
    });
    await db.pool.query('delete from jobs where id = $1', [held]);
    await other.query('rollback');
    await other.end();
    expect((await preview('t', 'a\n1\n')).counts.inserted).toBe(1);
  });

  it('may disconnect: then it ends', async () => {
    await db.pool.query(`create table t (a int);
      create function f() returns trigger language plpgsql as $$ begin perform pg_sleep(60); return new; end $$;
      create trigger t before insert on t for each row execute function f()`);
    const gone = new AbortController();
    const made = preview('t', 'a\n1\n', { signal: gone.signal });
    await expect
      .poll(async () => {
        const { rows } = await db.pool.query(
          `select count(*) as n from pg_stat_activity where wait_event = 'PgSleep'`,
        );
        return rows[0].n;
      })
      .toBe(1);
    gone.abort();
    await expect(made).rejects.toMatchObject({ code: 'unavailable' });
    await expect
      .poll(async () => {
        const { rows } = await db.pool.query(
          `select count(*) as n from pg_stat_activity where wait_event = 'PgSleep'`,
        );
        return rows[0].n;
      })
      .toBe(0);
  });
});
