/** Rows that a replacement has removed, where other jobs have removed or taken their keys since. */
import type { Spec } from '@csvjobs/shared';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ON_NEWEST } from '../../support/form.js';
import { openUndoing, type Undoing } from './undoing.js';

let u: Undoing;
beforeAll(async () => {
  u = await openUndoing();
});
afterAll(() => u.close());
beforeEach(() => u.sql('drop schema u cascade; create schema u'));

const spec = (how: object): Spec => ({ csvjobs: how }) as Spec;
const MODES = {
  insert: spec({ mode: 'skip' }),
  replace: spec({ replace: true, maxRemoved: '100%', key: ['k'] }),
};
const TABLE = 'create table u.t (k int primary key, b text, c int default 0)';
const rows = () => u.sql('select k, b from u.t order by k');
const into = (mode: keyof typeof MODES, records: [number, string][]) =>
  u.into('t', ['k', 'b'], records, { spec: MODES[mode] });

it('a row stays removed until later jobs that removed its key are undone', async () => {
  await u.sql(`${TABLE}; insert into u.t (k, b) values (1, 'old'), (2, 'old')`);
  const first = await into('replace', [[1, 'x']]);
  const second = await into('insert', [[2, 'y']]);
  const third = await into('replace', [[1, 'z']]);
  const state = await rows();
  expect(await u.undo(first)).toMatchObject({ restored: 0, changedBy: [{ jobId: third, rows: 2 }] });
  expect(await rows()).toEqual(state);
  for (const [id, restored] of [
    [third, 2],
    [second, 0],
    [first, 2],
  ] as const)
    expect(await u.undo(id)).toMatchObject({ restored, changed: 0 });
  expect(await rows()).toEqual([
    { k: 1, b: 'old' },
    { k: 2, b: 'old' },
  ]);
});

it(
  'a removed row returns if its key is free, even if others inserted and deleted it since',
  ON_NEWEST,
  async () => {
    await u.sql(`${TABLE}; insert into u.t (k, b) values (1, 'old'), (2, 'old')`);
    const first = await into('replace', [[1, 'x']]);
    const second = await into('insert', [[2, 'y']]);
    await u.sql('delete from u.t where k = 2');
    expect(await u.undo(first)).toMatchObject({ restored: 2, changed: 0 });
    expect(await rows()).toEqual([
      { k: 1, b: 'old' },
      { k: 2, b: 'old' },
    ]);
    expect(await u.undo(second)).toMatchObject({ removed: 0, restored: 0 });
    expect(await rows()).toHaveLength(2);
  },
);

it('only the job that has taken the key of a removed row is named', ON_NEWEST, async () => {
  await u.sql('create table u.t (k int, b int, primary key (k, b))');
  const write = (records: number[][], csvjobs = {}) =>
    u.into('t', ['k', 'b'], records, { spec: spec(csvjobs) });
  await write([
    [1, 1],
    [1, 2],
    [2, 2],
  ]);
  const second = await write([[9, 9]], { replace: true, maxRemoved: '100%' });
  const third = await write([[1, 2]]);
  expect(await u.undo(second)).toMatchObject({
    restored: 2,
    changed: 1,
    changedBy: [{ jobId: third, rows: 1 }],
  });
});

describe('a removed row returns, because no job has removed it again:', () => {
  const OLD = [1, 2].map((k) => ({ k, b: 'old' }));
  const start = async () => {
    await u.sql(`${TABLE}; insert into u.t (k, b) values (1, 'old'), (2, 'old')`);
    return into('replace', [[1, 'old']]);
  };

  it('a later one has updated it, and removed others', ON_NEWEST, async () => {
    const first = await start();
    await u.sql(`insert into u.t (k, b) values (2, 'theirs'), (5, 'theirs')`);
    await into('replace', [
      [1, 'old'],
      [2, 'new'],
    ]);
    await u.sql('delete from u.t where k = 2');
    expect(await u.undo(first)).toMatchObject({ restored: 1, changed: 0 });
    expect(await rows()).toEqual(OLD);
  });

  it('a later one has removed such a row of a similar table', ON_NEWEST, async () => {
    const first = await start();
    await u.sql(`create table u.s (like u.t including all); insert into u.s (k, b) values (2, 'theirs')`);
    await u.into('s', ['k', 'b'], [[1, 'old']], { spec: spec({ replace: true, maxRemoved: '100%' }) });
    expect(await u.undo(first)).toMatchObject({ restored: 1, changed: 0 });
    expect(await rows()).toEqual(OLD);
  });

  it('a later one has removed a row with a part of its key', ON_NEWEST, async () => {
    await u.sql('create table u.t (k int, b int, primary key (k, b)); insert into u.t values (1, 1), (1, 2)');
    const replace = () =>
      u.into('t', ['k', 'b'], [[9, 9]], { spec: spec({ replace: true, maxRemoved: '100%' }) });
    const first = await replace();
    await u.sql('insert into u.t values (1, 3)');
    await replace();
    expect(await u.undo(first)).toMatchObject({ restored: 2, changed: 0 });
  });

  it('one that has was deleted since', ON_NEWEST, async () => {
    const first = await start();
    await u.sql(`insert into u.t (k, b) values (2, 'theirs')`);
    const later = await into('replace', [[1, 'old']]);
    await u.sql('update jobs set deleted_at = now() where id = $1', [later]);
    expect(await u.undo(first)).toMatchObject({ restored: 1, changed: 0 });
    expect(await rows()).toEqual(OLD);
  });

  it('one that has did so when the table had other columns', ON_NEWEST, async () => {
    const first = await start();
    await u.sql(`alter table u.t add column w int; insert into u.t (k, b) values (2, 'theirs')`);
    await into('replace', [[1, 'old']]);
    expect(await u.undo(first)).toMatchObject({ restored: 1, changed: 0 });
    expect(await rows()).toEqual(OLD);
  });
});

it(
  'a row stays removed until a later job is undone that was undone only in part; of several, the last is named',
  ON_NEWEST,
  async () => {
    await u.sql(`${TABLE}; insert into u.t (k, b) values (1, 'old'), (2, 'old')`);
    const first = await into('replace', [[1, 'old']]);
    const add = (...keys: number[]) =>
      u.sql(`insert into u.t (k, b) select k, 'theirs' from unnest($1::int[]) k`, [keys]);
    await add(2);
    await into('replace', [[1, 'old']]);
    await add(2, 3);
    const last = await into('replace', [[1, 'old']]);
    await add(2);
    expect(await u.undo(last)).toMatchObject({ restored: 1, changed: 1 });
    await u.sql('delete from u.t where k = 2');
    expect(await u.undo(first)).toMatchObject({
      restored: 0,
      changed: 1,
      changedBy: [{ jobId: last, rows: 1 }],
    });
    expect((await rows()).map(({ k }) => k)).toEqual([1, 3]);
  },
);
