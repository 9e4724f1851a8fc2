/** Undo of jobs that replaced the content of their table, after changes by others. */
import type { Spec } from '@csvjobs/shared';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { startAgain } from '../../../src/sql/undo/startAgain.js';
import { runToEnd } from '../../pipeline/target/support.js';
import { inShortIf, ON_NEWEST, ON_OLDEST } from '../../support/form.js';
import { openUndoing, type Undoing } from './undoing.js';

let u: Undoing;
beforeAll(async () => {
  u = await openUndoing();
});
afterAll(() => u.close());

const replace: Spec = { csvjobs: { replace: true, maxRemoved: '100%' } } as Spec;

beforeEach(async () => {
  await u.sql('drop schema u cascade; create schema u');
  await u.sql(
    `create table u.t (k int primary key, b text, made int generated always as identity, twice int generated always as (k * 2) stored)`,
  );
  await u.sql(`insert into u.t (k, b) select i, 'old' from generate_series(1, 10) i`);
});

const rows = () => u.sql('select * from u.t order by k');
const replaced = () =>
  u.into(
    't',
    ['k', 'b'],
    [
      [1, 'old'],
      [2, 'new'],
      [3, 'new'],
      [20, 'new'],
      [21, 'new'],
    ],
    { spec: replace },
  );

it('the old rows return with all of their values', async () => {
  const before = await rows();
  const id = await replaced();
  expect(await rows()).toHaveLength(5);
  const tried = await u.undo(id, true);
  expect(await rows()).toHaveLength(5);
  const undone = await u.undo(id);
  expect(undone).toEqual({ ...tried, dryRun: false });
  expect(undone).toMatchObject({ inserted: 2, updated: 9, removed: 2, restored: 9, changed: 0, missing: 0 });
  expect(await rows()).toEqual(before);
});

it('a key that another row has by now stays with that row, and is counted', async () => {
  const id = await replaced();
  await u.sql(`insert into u.t (k, b) values (5, 'theirs'); update u.t set b = 'theirs' where k in (2, 20)`);
  expect(await u.undo(id)).toMatchObject({ removed: 1, restored: 7, changed: 2, missing: 1 });
  const now = await u.sql('select k, b from u.t order by k');
  expect(now.filter(({ b }) => b === 'theirs')).toEqual([2, 5, 20].map((k) => ({ k, b: 'theirs' })));
  expect(now.filter(({ b }) => b === 'old').map(({ k }) => k)).toEqual([1, 3, 4, 6, 7, 8, 9, 10]);
});

it('columns added since have their DEFAULT in restored rows', ON_NEWEST, async () => {
  const id = await replaced();
  await u.sql('alter table u.t add column more int default 4');
  await u.undo(id);
  expect(await u.sql('select distinct more from u.t')).toEqual([{ more: 4 }]);
});

it('a job that only removed rows can be undone', ON_NEWEST, async () => {
  const before = await rows();
  const id = await u.into('t', ['k', 'b'], [], { spec: replace });
  expect(await rows()).toEqual([]);
  expect(await u.undo(id)).toMatchObject({ removed: 0, restored: 10 });
  expect(await rows()).toEqual(before);
});

it(
  'a deferrable key that another row has by now stays with that row, and is counted',
  ON_NEWEST,
  async () => {
    await u.sql(
      'alter table u.t add column d int; update u.t set d = k; alter table u.t add unique (d) deferrable',
    );
    const before = await rows();
    const id = await replaced();
    await u.sql(`insert into u.t (k, d) values (500, 7)`);
    expect(await u.undo(id)).toMatchObject({
      ...{ restored: 8, refused: 1 },
      refusals: [{ sqlstate: '23505', constraint: 't_d_key', example: 'k = 7' }],
    });
    await u.sql('delete from u.t where k = 500');
    expect(await u.undo(id)).toMatchObject({ restored: 1, refused: 0 });
    expect(await rows()).toEqual(before);
  },
);

it('a key that another row has by now stays with that row, among hundreds of rows', ON_NEWEST, async () => {
  await u.sql(`insert into u.t (k, b) select i, 'old' from generate_series(11, 300) i`);
  const id = await u.into('t', ['k', 'b'], [[500, 'new']], { spec: replace });
  await u.sql(`insert into u.t (k, b) values (77, 'theirs')`);
  expect(await u.undo(id)).toMatchObject({ removed: 1, restored: 299, refused: 0, changed: 1 });
  expect(await u.sql(`select count(*) as n from u.t where b = 'old'`)).toEqual([{ n: 299 }]);
});

for (const change of [
  'create table u.log (k int); create rule r as on insert to u.t do also insert into u.log values (new.k)',
  'create rule r as on update to u.t do also nothing',
  'alter table u.t add exclude using btree (k with =) deferrable',
])
  it(
    `rows return although PostgreSQL supports no \`on conflict\` there: ${change}`,
    inShortIf(change.startsWith('create rule') && !ON_OLDEST),
    async () => {
      const before = await rows();
      const id = await replaced();
      await u.sql(change);
      expect(await u.undo(id)).toMatchObject({ removed: 2, restored: 9, refused: 0 });
      expect(await rows()).toEqual(before);
    },
  );

it('a retry replaces the content again', ON_NEWEST, async () => {
  const id = await replaced();
  const after = await rows();
  await u.undo(id);
  await startAgain(u.database.pool, id);
  await runToEnd(u.loading, u.database, id, { lanes: 1 });
  const now = await u.sql('select k, b from u.t order by k');
  expect(now).toEqual(after.map(({ k, b }) => ({ k, b })));
  expect(await u.undo(id)).toMatchObject({ restored: 9, removed: 2 });
});

it('rows of a table without a key return once, also after a retry', ON_NEWEST, async () => {
  await u.sql(
    `drop table u.t; create table u.t (k int, b text); insert into u.t values (1, 'old'), (1, 'old'), (2, 'old')`,
  );
  const before = await rows();
  const id = await u.into('t', ['k', 'b'], [[7, 'new']], { spec: replace });
  await u.undo(id);
  await startAgain(u.database.pool, id);
  await runToEnd(u.loading, u.database, id, { lanes: 1 });
  expect(await u.undo(id)).toMatchObject({ restored: 3, removed: 1, changed: 0 });
  expect(await rows()).toEqual(before);
});
