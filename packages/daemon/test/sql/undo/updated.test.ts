/** Rows updated by a job: what prevents restoring one, and what never happens to the rows of others. */
import type { Spec } from '@csvjobs/shared';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { journalStatement } from '../../../src/sql/undo/journal.js';
import { inShortIf, ON_NEWEST, ON_OLDEST } from '../../support/form.js';
import { openUndoing, type Undoing } from './undoing.js';

let u: Undoing;
beforeAll(async () => {
  u = await openUndoing();
});
afterAll(() => u.close());
beforeEach(() => u.sql('drop schema u cascade; create schema u'));

const UPDATE = { csvjobs: { mode: 'update', key: ['id'] } } as Spec;
const rows = (table: string) => u.sql(`select * from u.${table} order by 1`);

for (const [what, action] of [
  ['would be set to null', 'on update set null'],
  ['would change too', 'on update cascade'],
  ['would refuse it', ''],
] as const)
  it(
    `a row whose changed value others reference with a key that ${what} stays; the others are restored`,
    inShortIf(action === 'on update cascade' || (action !== '' && !ON_OLDEST)),
    async () => {
      await u.sql(`create table u.t (id int primary key, k text unique, v text);
    insert into u.t values (1, 'k1', 'a'), (2, 'k2', 'b'), (3, 'k3', 'c')`);
      const records = [
        [1, 'K1', 'A'],
        [2, 'K2', 'B'],
        [3, 'k3', 'C'],
        [4, 'K4', 'D'],
      ];
      const id = await u.into('t', ['id', 'k', 'v'], records, { spec: UPDATE });
      // A reference to an unchanged value, and to a row that the job inserted.
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

for (const lanes of [1, 2])
  it(
    `rows found by a partial index are restored by their primary key, with ${lanes} lanes: others may have the same values`,
    inShortIf(lanes === 2 && !ON_OLDEST),
    async () => {
      await u.sql(`create table u.t (id int generated always as identity primary key, email text, v text, deleted date);
      create unique index on u.t (lower(email)) where deleted is null;
      insert into u.t (email, v, deleted) values ('a', 'old', null), ('a', 'gone', '2026-01-01'), ('b', 'old', null), ('c', 'old', null)`);
      const before = await rows('t');
      const spec = { csvjobs: { mode: 'update' } } as Spec;
      const records = [
        ['A', 'new'],
        ['b', 'new'],
        ['c', 'old'],
        ['d', 'new'],
        ['a', 'newer'],
      ];
      const id = await u.into('t', ['email', 'v'], records, { spec, lanes });
      expect(await u.sql('select email, v, deleted is null as live from u.t order by id')).toEqual([
        { email: 'a', v: 'newer', live: true },
        { email: 'a', v: 'gone', live: false },
        { email: 'b', v: 'new', live: true },
        { email: 'c', v: 'old', live: true },
        { email: 'd', v: 'new', live: true },
      ]);
      // Now a row with the same e-mail is outside of the index, and another inside.
      await u.sql(
        `update u.t set deleted = '2026-02-02' where id = 3; insert into u.t (email, v) values ('b', 'other')`,
      );
      expect(await u.undo(id)).toMatchObject({ restored: 1, removed: 1, changed: 1 });
      expect(await u.sql('select email, v from u.t order by id')).toEqual([
        ...before.slice(0, 2).map(({ email, v }) => ({ email, v })),
        { email: 'b', v: 'new' },
        { email: 'c', v: 'old' },
        { email: 'b', v: 'other' },
      ]);
    },
  );

it(
  'after a column was renamed or dropped nothing is undone, as the old values have no place',
  ON_NEWEST,
  async () => {
    await u.sql(
      `create table u.t (id int primary key, v text, w text); insert into u.t values (1, 'a', 'x')`,
    );
    const id = await u.into('t', ['id', 'v'], [[1, 'b']], { spec: UPDATE });
    await u.sql('alter table u.t rename v to x; alter table u.t drop column w');
    await expect(u.undo(id)).rejects.toMatchObject({
      code: 'undo_impossible',
      message: expect.stringMatching(
        /^u\.t has no column v, w any more that it had then: renamed or dropped since the job/,
      ),
    });
    expect(await rows('t')).toEqual([{ id: 1, x: 'b' }]);
  },
);

for (const [what, change, lost] of [
  ['dropped and added again', 'alter table u.t drop column v; alter table u.t add column v text', 'v'],
  [
    'exchanged',
    'alter table u.t rename v to x; alter table u.t rename w to v; alter table u.t rename x to w',
    'v, w',
  ],
] as const)
  it(`a column that was ${what} is another one, which gets no old values`, ON_NEWEST, async () => {
    await u.sql(
      `create table u.t (id int primary key, w text, v text); insert into u.t values (1, 'x', 'a')`,
    );
    const id = await u.into('t', ['id', 'v'], [[1, 'b']], { spec: UPDATE });
    await u.sql(change);
    const after = await rows('t');
    await expect(u.undo(id)).rejects.toMatchObject({
      code: 'undo_impossible',
      message: expect.stringContaining(`u.t has no column ${lost} any more that it had then`),
    });
    expect(await rows('t')).toEqual(after);
  });

it('a job whose columns an older version has stored without their numbers is undone', ON_NEWEST, async () => {
  await u.sql(`create table u.t (id int primary key, v text); insert into u.t values (1, 'a')`);
  const id = await u.into('t', ['id', 'v'], [[1, 'b']], { spec: UPDATE });
  await u.sql(`update job_transactions set columns =
    (select jsonb_agg(each - 'number' order by place) from jsonb_array_elements(columns) with ordinality e (each, place))`);
  await u.sql('alter table u.t add column w int');
  expect(await u.undo(id)).toMatchObject({ restored: 1 });
  expect(await rows('t')).toEqual([{ id: 1, v: 'a', w: null }]);
});

describe('values of a second unique key that moved from row to row', () => {
  const table = `create table u.t (id int primary key, pos int unique, v text);
    insert into u.t select i, i, 'v' || i from generate_series(1, 6) i`;
  const before = Array.from({ length: 6 }, (_, at) => ({ id: at + 1, pos: at + 1, v: `v${at + 1}` }));

  it.each([
    [
      'up',
      [
        [6, 7],
        [5, 6],
        [4, 5],
        [1, 4],
        [9, 1],
      ],
    ],
    [
      'to inserted rows',
      [
        [3, 30],
        [8, 3],
        [2, 20],
        [9, 2],
      ],
    ],
    [
      'not moved at all',
      [
        [6, 6],
        [5, 5],
        [10, 10],
      ],
    ],
  ])('%s', async (_, moves) => {
    await u.sql(table);
    const records = moves.map(([id, pos]) => [id!, pos!, 'new']);
    const id = await u.into('t', ['id', 'pos', 'v'], records, { spec: UPDATE, lanes: 1 });
    expect((await u.undo(id, true)).restored).toBe((await u.undo(id, true)).updated);
    const undone = await u.undo(id);
    expect(undone).toMatchObject({ changed: 0, missing: 0, kept: 0, referenced: 0 });
    expect(undone.restored + undone.removed).toBe(records.length);
    expect(await rows('t')).toEqual(before);
  });

  it('a row changed by another session stays, and so does one that it blocks', ON_NEWEST, async () => {
    await u.sql(table);
    const records = [
      [6, 7, 'new'],
      [5, 6, 'new'],
      [1, 10, 'new'],
    ];
    const id = await u.into('t', ['id', 'pos', 'v'], records, { spec: UPDATE, lanes: 1 });
    await u.sql(`update u.t set pos = 70 where id = 6`);
    const undone = await u.undo(id);
    expect(undone).toMatchObject({ restored: 2, changed: 1 });
    expect(await rows('t')).toEqual([...before.slice(0, 5), { id: 6, pos: 70, v: 'new' }]);
  });

  it('whatever the names of the key and its column, and with references', ON_NEWEST, async () => {
    await u.sql(`create table u.t ("t.id" int primary key, pos int unique); create table u.r (p int references u.t (pos));
      insert into u.t values (1, 1), (2, 2), (3, 3)`);
    const how = { spec: { csvjobs: { mode: 'update', key: ['t.id'] } } as Spec, lanes: 1 };
    const records = [
      [2, 4],
      [1, 2],
      [9, 1],
      [8, 8],
    ];
    const id = await u.into('t', ['t.id', 'pos'], records, how);
    await u.sql('insert into u.r values (8)');
    expect(await u.undo(id)).toMatchObject({ restored: 2, removed: 1, referenced: 1 });
    expect(await rows('t')).toEqual([1, 2, 3, 8].map((at) => ({ 't.id': at, pos: at })));
  });

  it('rows of an earlier job return as its own', ON_NEWEST, async () => {
    await u.sql(table);
    const first = await u.into(
      't',
      ['id', 'pos', 'v'],
      [
        [7, 7, 'first'],
        [6, 60, 'first'],
      ],
      { spec: UPDATE, lanes: 1 },
    );
    const second = await u.into(
      't',
      ['id', 'pos', 'v'],
      [
        [7, 8, 'second'],
        [5, 7, 'second'],
        [4, 5, 'second'],
      ],
      {
        spec: UPDATE,
        lanes: 1,
      },
    );
    expect(await u.undo(second)).toMatchObject({ restored: 3, changed: 0 });
    expect(await u.undo(first)).toMatchObject({ restored: 1, removed: 1, changed: 0 });
    expect(await rows('t')).toEqual(before);
  });
});

it('a key of the table to itself that follows updates changes no row of others, and rows of the job go first', async () => {
  await u.sql(`drop schema u cascade; create schema u;
    create table u.t (k int primary key, b int unique, up int references u.t (b) on update cascade);
    insert into u.t values (1, 1, null), (2, 2, null)`);
  const before = await u.sql('select * from u.t order by k');
  const records = [
    [1, 10, ''],
    [2, 20, ''],
    [9, '', 10],
  ];
  const id = await u.into('t', ['k', 'b', 'up'], records, {
    lanes: 1,
    spec: { csvjobs: { mode: 'update', key: ['k'] } } as Spec,
  });
  await u.sql('insert into u.t values (50, null, 20)');
  expect(await u.undo(id)).toMatchObject({ removed: 1, restored: 1, referenced: 1, missing: 0, changed: 0 });
  expect(await u.sql('select * from u.t order by k')).toEqual([
    before[0],
    { k: 2, b: 20, up: null },
    { k: 50, b: null, up: 20 },
  ]);
  await u.sql('delete from u.t where k = 50');
  expect(await u.undo(id)).toMatchObject({ removed: 0, restored: 1, referenced: 0 });
  expect(await u.sql('select * from u.t order by k')).toEqual(before);
});

it('a key of several columns, of which one has changed, and each of several keys', ON_NEWEST, async () => {
  await u.sql(`create table u.t (id int primary key, a int, b int, c int unique, unique (a, b));
    insert into u.t values (1, 1, 1, 1), (2, 2, 2, 2), (3, 3, 3, 3)`);
  const records = [1, 2, 3].map((id) => [id, id * 10, id, id * 10]);
  const id = await u.into('t', ['id', 'a', 'b', 'c'], records, { spec: UPDATE });
  await u.sql(`create table u.r (a int, b int, foreign key (a, b) references u.t (a, b) on update cascade);
    create table u.s (c int references u.t (c) on update cascade);
    insert into u.r values (10, 1); insert into u.s values (20)`);
  expect(await u.undo(id)).toMatchObject({ restored: 1, referenced: 2, changed: 0, missing: 0 });
  expect((await rows('t')).map(({ a }) => a)).toEqual([10, 20, 3]);
  expect(await rows('r')).toEqual([{ a: 10, b: 1 }]);
  expect(await rows('s')).toEqual([{ c: 20 }]);
});

it(
  'a row whose key has a NULL is restored, and not removed as one that the job inserted',
  ON_NEWEST,
  async () => {
    await u.sql(`create table u.t (a int, b int, v text, unique nulls not distinct (a, b));
    insert into u.t values (1, null, 'old'), (2, 2, 'old')`);
    const before = await rows('t');
    const spec = { csvjobs: { mode: 'update', key: ['a', 'b'] } } as Spec;
    const records = [
      [1, '', 'new'],
      [2, 2, 'new'],
      [3, '', 'new'],
    ];
    const id = await u.into('t', ['a', 'b', 'v'], records, { spec });
    expect(await rows('t')).toHaveLength(3);
    expect(await u.undo(id)).toMatchObject({ updated: 2, restored: 2, removed: 1, changed: 0, missing: 0 });
    expect(await rows('t')).toEqual(before);
  },
);

it(
  'an inserted row that an updated one referenced goes after it, with a key to itself that follows updates',
  ON_NEWEST,
  async () => {
    await u.sql(`create table u.t (k int primary key, b int unique, up int references u.t (b) on update cascade);
    insert into u.t values (1, 1, null)`);
    const records = [
      [5, 50, ''],
      [1, 1, 50],
    ];
    const spec = { csvjobs: { mode: 'update', key: ['k'] } } as Spec;
    const id = await u.into('t', ['k', 'b', 'up'], records, { lanes: 1, spec });
    expect(await u.undo(id)).toMatchObject({ removed: 1, restored: 1, referenced: 0 });
    expect(await u.sql('select * from u.t')).toEqual([{ k: 1, b: 1, up: null }]);
  },
);

it('rows that reference each other by changed values are restored together', async () => {
  await u.sql(`create table u.t (id int primary key, b int unique, up int references u.t (b));
    create table u.r (id int references u.t on update cascade); insert into u.t values (1, 1, 2), (2, 2, 1)`);
  const before = await rows('t');
  const id = await u.into('t', ['id', 'b'], [[3, 3]], { spec: UPDATE });
  const old = 'select 1::bigint as row, t::text as before, t.xmin as was from u.t t where id < 3';
  const change = 'update u.t set b = b * 10, up = up * 10 where id < 3';
  await u.writeAs(id, [journalStatement(id, ['id'], old), change], { inserted: 0, updated: 2 });
  expect(await u.undo(id)).toMatchObject({ removed: 1, restored: 2, refused: 0, referenced: 0 });
  expect(await rows('t')).toEqual(before);
});

it(
  'a row that others have changed since is counted as changed, even if a new value of it is referenced',
  ON_NEWEST,
  async () => {
    await u.sql(
      'create table u.t (id int primary key, b int unique, v text); insert into u.t values (1, 1), (2, 2)',
    );
    const id = await u.into(
      't',
      ['id', 'b'],
      [
        [1, 10],
        [2, 20],
      ],
      { spec: UPDATE },
    );
    await u.sql(`update u.t set v = 'theirs' where id = 1;
    create table u.r (b int references u.t (b) on update cascade); insert into u.r values (10)`);
    expect(await u.undo(id)).toMatchObject({ restored: 1, changed: 1, referenced: 0 });
  },
);

it('rows are restored although others reference a column that was added since', ON_NEWEST, async () => {
  await u.sql(`create table u.t (id int primary key, v text); insert into u.t values (1, 'old')`);
  const id = await u.into('t', ['id', 'v'], [[1, 'new']], { spec: UPDATE });
  await u.sql(`alter table u.t add column b int unique default 7;
    create table u.r (b int references u.t (b) on update cascade); insert into u.r values (7)`);
  expect(await u.undo(id)).toMatchObject({ restored: 1, referenced: 0 });
  expect(await rows('t')).toEqual([{ id: 1, v: 'old', b: 7 }]);
});

describe('tables that inherit from the table, with rows of the same keys', () => {
  const FAMILY = `create table u.t (id int primary key, v text); insert into u.t values (1, 'a'), (2, 'b'), (3, 'c');
    create table u.child () inherits (u.t); insert into u.child values (2, 'child'), (4, 'child')`;
  const records = [
    [1, 'x'],
    [2, 'y'],
    [4, 'z'],
  ];

  for (const [what, how, undone] of [
    ['an update', { mode: 'update' }, { restored: 2, removed: 1 }],
    ['a replacement', { replace: true, maxRemoved: '100%' }, { restored: 3, removed: 1 }],
  ] as const)
    it(
      `${what}: all of its rows are restored, and those are not among them`,
      inShortIf(what === 'a replacement' && !ON_OLDEST),
      async () => {
        await u.sql(FAMILY);
        const before = await u.sql('select tableoid::regclass::text as of, * from u.t order by id, 1');
        const id = await u.into('t', ['id', 'v'], records, {
          spec: { csvjobs: { ...how, key: ['id'] } } as Spec,
        });
        expect(await u.undo(id)).toMatchObject({ ...undone, changed: 0, missing: 0 });
        expect(await u.sql('select tableoid::regclass::text as of, * from u.t order by id, 1')).toEqual(
          before,
        );
        await expect(u.undo(id)).rejects.toThrow(/undone/);
      },
    );
});
