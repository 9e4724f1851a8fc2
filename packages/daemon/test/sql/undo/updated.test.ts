/** Rows that a job has updated: what keeps one from being restored, and what never happens to the rows of others. */
import type { Spec } from '@csvjobs/shared';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { openUndoing, type Undoing } from './undoing.js';

let u: Undoing;
beforeAll(async () => {
  u = await openUndoing();
});
afterAll(() => u.close());
beforeEach(() => u.sql('drop schema u cascade; create schema u'));

const UPDATE = { csvjobs: { mode: 'update', key: ['id'] } } as Spec;
const rows = (table: string) => u.sql(`select * from u.${table} order by 1`);

it.each([
  ['would be set to null', 'on update set null'],
  ['would change too', 'on update cascade'],
  ['would refuse it', ''],
])(
  'a row whose changed value others reference, which %s, stays; the others are restored',
  async (_, action) => {
    await u.sql(`create table u.t (id int primary key, k text unique, v text);
    insert into u.t values (1, 'k1', 'a'), (2, 'k2', 'b'), (3, 'k3', 'c')`);
    const records = [
      [1, 'K1', 'A'],
      [2, 'K2', 'B'],
      [3, 'k3', 'C'],
      [4, 'K4', 'D'],
    ];
    const id = await u.into('t', ['id', 'k', 'v'], records, { spec: UPDATE });
    // A reference to a value that stays as it is, and to a row that the job has inserted.
    await u.sql(
      `create table u.r (k text references u.t (k) ${action}); insert into u.r values ('K2'), ('k3'), ('K4')`,
    );
    const referenced = {
      referenced: 2,
      references: [{ constraint: 'r_k_fkey', table: 'u.r', rows: 2, example: 'k = K2' }],
    };
    expect(await u.undo(id)).toMatchObject({
      updated: 3,
      restored: 2,
      inserted: 1,
      removed: 0,
      changed: 0,
      ...referenced,
    });
    expect(await rows('t')).toEqual([
      { id: 1, k: 'k1', v: 'a' },
      { id: 2, k: 'K2', v: 'B' },
      { id: 3, k: 'k3', v: 'c' },
      { id: 4, k: 'K4', v: 'D' },
    ]);
    expect(await rows('r')).toEqual([{ k: 'K2' }, { k: 'K4' }, { k: 'k3' }]);
    await u.sql('truncate u.r');
    expect(await u.undo(id)).toMatchObject({ restored: 1, removed: 1, referenced: 0 });
    expect((await rows('t')).map(({ k }) => k)).toEqual(['k1', 'k2', 'k3']);
  },
);

it('a column that was renamed or dropped since: nothing is undone, as the old values have no place', async () => {
  await u.sql(`create table u.t (id int primary key, v text, w text); insert into u.t values (1, 'a', 'x')`);
  const id = await u.into('t', ['id', 'v'], [[1, 'b']], { spec: UPDATE });
  await u.sql('alter table u.t rename v to x; alter table u.t drop column w');
  await expect(u.undo(id)).rejects.toMatchObject({
    code: 'undo_impossible',
    message: expect.stringMatching(/^u\.t has no column v, w any more: renamed or dropped since the job/),
  });
  expect(await rows('t')).toEqual([{ id: 1, x: 'b' }]);
});
