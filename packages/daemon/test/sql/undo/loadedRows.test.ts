/** The current rows of a job: each once, all of them, with what the table has made of them. */
import { readSpec, type Spec } from '@csvjobs/shared';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { findKept } from '../../../src/sql/undo/keptJob.js';
import { loadedCount, loadedRows } from '../../../src/sql/undo/loadedRows.js';
import { findUndoTarget } from '../../../src/sql/undo/target.js';
import { inShortIf } from '../../support/form.js';
import { many, openUndoing, type Undoing } from './undoing.js';

let u: Undoing;
beforeAll(async () => {
  u = await openUndoing();
});
afterAll(() => u.close());
beforeEach(() => u.sql('drop schema u cascade; create schema u'));

async function rowsOf(id: string, as: 'values' | 'json' = 'values', marked = false) {
  const { pool } = u.database;
  const target = await findUndoTarget(pool, (await findKept(pool, id))!, 'no way out');
  const { columns, parts } = await loadedRows(pool, target, as, marked);
  const rows: (string | null)[][] = [];
  let largest = 0;
  let mostBytes = 0;
  for await (const part of parts) {
    rows.push(...part);
    largest = Math.max(largest, part.length);
    mostBytes = Math.max(mostBytes, part.flat().join('').length);
  }
  return { columns, rows, largest, mostBytes };
}

for (const ids of [1, 10_001])
  it(`the same rows with ${ids} more ids of transactions`, inShortIf(ids > 1), async () => {
    await u.sql('create table u.t (a int)');
    await u.into(
      't',
      ['a'],
      many(20, (at) => [-at]),
    );
    const id = await u.into(
      't',
      ['a'],
      many(20, (at) => [at]),
      { lanes: 1 },
    );
    // As a batch has them whose rows were tried one by one. No transaction of the tests has an id as large as these.
    await u.sql(
      `update job_transactions set others = others + int8multirange(int8range(3000000000, ${3_000_000_000 + ids})) where job_id = '${id}'`,
    );
    const { rows } = await rowsOf(id);
    expect(rows.map(([a]) => Number(a))).toEqual(Array.from({ length: 20 }, (_, at) => at));
  });

it('with generated keys and PostgreSQL’s formatting, from partitions, in parts', async () => {
  await u.sql(`create table u.t (id bigint generated always as identity, a int, b text, at timestamptz default '2026-01-02', x float8)
      partition by range (a);
    create table u.t1 partition of u.t for values from (0) to (1500);
    create table u.t2 partition of u.t for values from (1500) to (5000)`);
  await u.into(
    't',
    ['a', 'b'],
    many(50, (at) => [at, 'other']),
  );
  const id = await u.into(
    't',
    ['a', 'b', 'x'],
    many(3000, (at) => [at, at % 2 ? '' : 'z'.repeat(1_000), 0.1]),
  );
  await u.sql(
    `update u.t set b = 'changed' where b is distinct from 'other' and a = 7; delete from u.t where b <> 'other' and a = 8`,
  );
  const { columns, rows, largest } = await rowsOf(id);
  expect(columns).toEqual(['id', 'a', 'b', 'at', 'x']);
  expect(largest).toBeLessThanOrEqual(1_000);
  const expected = await u.sql(
    `select id::text, a from u.t where b is distinct from 'other' and b is distinct from 'changed' order by a`,
  );
  expect(rows.map(([, a]) => Number(a)).sort((x, y) => x - y)).toEqual(expected.map(({ a }) => a));
  expect(rows.find(([, a]) => a === '9')!.slice(1)).toEqual(['9', null, '2026-01-02 00:00:00+00', '0.1']);
  const json = (await rowsOf(id, 'json')).rows.map(([row]) => JSON.parse(row!));
  expect(json).toHaveLength(2998);
  expect(json.find(({ a }) => a === 9)).toEqual({
    id: expect.any(Number),
    a: 9,
    b: null,
    at: '2026-01-02T00:00:00+00:00',
    x: 0.1,
  });
});

it('of customers, including changed ones; rows inserted one by one', async () => {
  const id = await u.customers(many(60, (at) => `rows${at}@x.example`));
  await u.sql(`update customers set name = 'changed' where email = 'rows3@x.example'`);
  const { columns, rows } = await rowsOf(id);
  expect(columns.slice(0, 5)).toEqual(['id', 'job_id', 'row_number', 'name', 'email']);
  expect(rows).toHaveLength(60);
  await u.sql('create table u.tree (a int primary key, parent int references u.tree)');
  const tree = await u.into(
    'tree',
    ['a', 'parent'],
    many(80, (at) => [at, at === 0 ? '' : at === 40 ? 999 : at - 1]),
  );
  expect((await rowsOf(tree)).rows).toHaveLength(40);
});

it('marked with their job and, if known, as changed since', async () => {
  await u.sql(
    `create table u.t (k int primary key, v text); insert into u.t select i, 'old' from generate_series(0, 9) i`,
  );
  const spec = readSpec({ csvjobs: { mode: 'update' } });
  // Row 3 is updated twice by the job itself, row 12 inserted and then updated.
  const id = await u.into(
    't',
    ['k', 'v'],
    [...many(5, (at) => [at, 'new']), [3, 'newer'], ...many(5, (at) => [at + 10, 'fresh']), [12, 'fresher']],
    { spec },
  );
  await u.sql(`update u.t set v = 'later' where k in (1, 3, 11, 8); delete from u.t where k = 2`);
  const target = await findUndoTarget(u.database.pool, (await findKept(u.database.pool, id))!, 'no');
  expect(await loadedCount(u.database.pool, target)).toBe(10);
  const { columns, rows } = await rowsOf(id, 'values', true);
  expect(columns).toEqual(['csvjobs_job_id', 'csvjobs_state', 'k', 'v']);
  expect(rows.every(([job]) => job === id)).toBe(true);
  const states = rows.map(([, state, k, v]) => `${k} ${v} ${state}`).sort();
  // 11 was inserted and changed since: the stored data cannot distinguish it from rows of others.
  expect(states).toEqual([
    '0 new loaded',
    '1 later changed',
    '10 fresh loaded',
    '12 fresher loaded',
    '13 fresh loaded',
    '14 fresh loaded',
    '3 later changed',
    '4 new loaded',
  ]);
  const json = (await rowsOf(id, 'json', true)).rows.map(([row]) => JSON.parse(row!));
  expect(json).toContainEqual({ csvjobs_job_id: id, csvjobs_state: 'changed', k: 1, v: 'later' });
  expect((await rowsOf(id)).rows.map(([k]) => k)).not.toContain('1');

  const people = await u.customers(many(5, (at) => `marked${at}@x.example`));
  await u.sql(`update customers set name = 'changed' where email = 'marked3@x.example'`);
  const marks = (await rowsOf(people, 'values', true)).rows;
  expect(marks.map(([, state]) => state).sort()).toEqual(['changed', 'loaded', 'loaded', 'loaded', 'loaded']);
});

/** Half a MiB and a row, plus the braces and names of JSON. */
const PART_BYTES = 2 ** 20;

const LARGE = [
  ['text that PostgreSQL compresses to a hundredth', 'text', `repeat('x', 400000)`],
  [
    'text that PostgreSQL cannot compress',
    'text',
    `(select string_agg(md5(n::text || k), '') from generate_series(1, 3000) n)`,
  ],
  ['ten bytes that mean 131,072 digits', 'numeric', `'1e131071'::numeric`],
  ['bytes, twice as long in text', 'bytea', `decode(repeat('00', 200000), 'hex')`],
  ['JSON that PostgreSQL compresses', 'jsonb', `jsonb_build_array(repeat('x', 400000))`],
] as const;
for (const [what, type, value] of LARGE)
  it(
    `${what}: a part has half a MiB and a row, even for rows that others have changed`,
    inShortIf(what.includes('digits')),
    async () => {
      await u.sql(
        `create table u.t (k int primary key, v ${type}); insert into u.t select i from generate_series(1, 20) i`,
      );
      const spec = readSpec({ csvjobs: { mode: 'update' } });
      await u.sql(`create function u.fill() returns trigger language plpgsql as $$
      declare k int = new.k; begin new.v = ${value}; return new; end $$;
    create trigger fill before insert or update on u.t for each row execute function u.fill();
    alter table u.t add column w int`);
      const id = await u.into(
        't',
        ['k', 'w'],
        many(40, (at) => [at + 1, 1]),
        { spec },
      );
      for (const as of ['values', 'json'] as const) {
        const { rows, mostBytes } = await rowsOf(id, as, true);
        expect(rows).toHaveLength(40);
        expect(mostBytes).toBeLessThan(PART_BYTES);
      }
      await u.sql('update u.t set w = 2 where k <= 20');
      const { rows, mostBytes } = await rowsOf(id, 'values', true);
      expect(rows.filter(([, state]) => state === 'changed')).toHaveLength(20);
      expect(rows).toHaveLength(40);
      expect(mostBytes).toBeLessThan(PART_BYTES);
    },
  );

it('without rows of a table that inherits from the table and has the same keys', async () => {
  await u.sql(`create table u.t (id int primary key, v text); insert into u.t values (1, 'a'), (2, 'b');
    create table u.child () inherits (u.t); insert into u.child values (2, 'child')`);
  const spec = { csvjobs: { mode: 'update', key: ['id'] } } as Spec;
  const records = [
    [1, 'x'],
    [2, 'y'],
  ];
  const id = await u.into('t', ['id', 'v'], records, { spec });
  const { rows } = await rowsOf(id, 'values', true);
  expect(rows.map((row) => row.slice(-2))).toEqual(records.map((record) => record.map(String)));
});
