/** Undo of jobs that exchanged values of a unique key among rows, in a circle: no row can be restored before another. */
import type { Spec } from '@csvjobs/shared';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { inShortIf, LONG, sized, sizedIf } from '../../support/form.js';
import { many, openUndoing, type Undoing } from './undoing.js';

let u: Undoing;
beforeAll(async () => {
  u = await openUndoing();
});
afterAll(() => u.close());
beforeEach(() => u.sql('drop schema u cascade; create schema u'));

const UPDATE = { csvjobs: { mode: 'update', key: ['id'] } } as Spec;
const rows = () => u.sql('select * from u.t order by id');

const SIX = `create table u.t (id int primary key, pos int unique, v text);
  insert into u.t select i, i, 'v' || i from generate_series(1, 6) i`;
/** A file with a key several times exchanges values: the first row makes room. */
const SWAP = [
  [1, 99],
  [2, 1],
  [1, 2],
];
const THREE = [
  [3, 98],
  [4, 3],
  [5, 4],
  [3, 5],
];
const load = (records: number[][]) =>
  u.into(
    't',
    ['id', 'pos', 'v'],
    records.map(([id, pos]) => [id!, pos!, 'new']),
    { spec: UPDATE, lanes: 1 },
  );

const CASES: [what: string, records: number[][]][] = [
  ['two', SWAP],
  ['three', THREE],
  ['two and three, next to others', [...SWAP, ...THREE, [6, 7], [7, 6]]],
];
for (const [what, records] of CASES)
  it(`${what} rows return as they were`, inShortIf(what.startsWith('two and')), async () => {
    await u.sql(SIX);
    const before = await rows();
    const id = await load(records);
    const loaded = await rows();
    expect(await u.undo(id, true)).toMatchObject({ changed: 0, refused: 0, missing: 0 });
    expect(await rows()).toEqual(loaded);
    expect(await u.undo(id)).toMatchObject({ changed: 0, refused: 0, missing: 0 });
    expect(await rows()).toEqual(before);
  });

it('with identity, generated and added columns, in a table with partitions', async () => {
  await u.sql(`create table u.t (id int, pos int, v text, made int generated always as identity,
      twice int generated always as (pos * 2) stored, primary key (id), unique (id, pos)) partition by range (id);
    create table u.t1 partition of u.t for values from (-20) to (2);
    create table u.t2 partition of u.t for values from (2) to (100);
    create unique index on u.t2 (pos);
    -- Rows of others at the same places as those that the job writes into the other partition.
    insert into u.t (id, pos, v) select -i, -i, 'other' from generate_series(1, 10) i;
    insert into u.t (id, pos, v) select i, i, 'v' || i from generate_series(1, 6) i`);
  const before = await rows();
  const id = await load(THREE);
  await u.sql('alter table u.t add column more int default 4; update u.t set more = 5 where id = 6');
  expect(await u.undo(id)).toMatchObject({ restored: 3, refused: 0 });
  expect(await rows()).toEqual(before.map((row) => ({ ...row, more: row.id === 6 ? 5 : 4 })));
});

for (const [what, cause] of [
  [
    'others reference one of its rows',
    'create table u.r (id int references u.t on delete cascade on update cascade); insert into u.r values (1)',
  ],
  [
    'the table has triggers',
    `create function u.f() returns trigger language plpgsql as 'begin return new; end';
     create trigger f before update on u.t for each row execute function u.f()`,
  ],
  [
    'the table has a trigger that always fires',
    `create function u.f() returns trigger language plpgsql as 'begin return new; end';
     create trigger f before update on u.t for each row execute function u.f(); alter table u.t enable always trigger f`,
  ],
  ['the table has a rule', 'create rule f as on delete to u.t do also nothing'],
  ['other tables inherit from the table', 'create table u.child () inherits (u.t)'],
] as const)
  it(
    `a circle stays if ${what}; the others are restored`,
    inShortIf(/others|always|rule/.test(what)),
    async () => {
      await u.sql(SIX);
      const before = await rows();
      const id = await load([...SWAP, [6, 7]]);
      await u.sql(cause);
      expect(await u.undo(id)).toMatchObject({
        ...{ restored: 1, refused: 2, changed: 0, missing: 0 },
        refusals: [{ sqlstate: '23505', constraint: 't_pos_key', rows: 2 }],
      });
      expect(await rows()).toEqual([
        { id: 1, pos: 2, v: 'new' },
        { id: 2, pos: 1, v: 'new' },
        ...before.slice(2),
      ]);
    },
  );

it('values under an exclusion constraint return', async () => {
  await u.sql(`${SIX}; alter table u.t drop constraint t_pos_key, add exclude using btree (pos with =)`);
  const before = await rows();
  const id = await load([...SWAP, ...THREE]);
  expect(await u.undo(id)).toMatchObject({ restored: 5, refused: 0 });
  expect(await rows()).toEqual(before);
});

describe('of two partitions, at the same places', () => {
  const both = async () => {
    await u.sql(`create table u.t (id int primary key, pos int, v text) partition by range (id);
      create table u.t1 partition of u.t for values from (0) to (10); create unique index on u.t1 (pos);
      create table u.t2 partition of u.t for values from (10) to (20); create unique index on u.t2 (pos);
      create table u.r (id int references u.t);
      insert into u.t select i, i % 10, 'v' from generate_series(1, 6) i; insert into u.t select i, i % 10, 'v' from generate_series(11, 16) i`);
    const before = await rows();
    return { before, id: await load([...SWAP, ...SWAP.map(([id, pos]) => [id! + 10, pos!])]) };
  };

  it('two circles return', async () => {
    const { before, id } = await both();
    expect(await u.undo(id)).toMatchObject({ restored: 4, refused: 0 });
    expect(await rows()).toEqual(before);
  });

  it('both stay if one partition has a trigger', async () => {
    const { id } = await both();
    const after = await rows();
    await u.sql(`create function u.f() returns trigger language plpgsql as 'begin return new; end';
      create trigger f before update on u.t2 for each row execute function u.f()`);
    expect(await u.undo(id)).toMatchObject({ restored: 0, refused: 4 });
    expect(await rows()).toEqual(after);
  });
});

it('a circle stays if one of its rows cannot return; another one returns', async () => {
  await u.sql(SIX);
  const before = await rows();
  const id = await load([...SWAP, ...THREE]);
  await u.sql(`alter table u.t add check (v <> 'v4') not valid`);
  expect(await u.undo(id)).toMatchObject({
    ...{ restored: 2, refused: 3, changed: 0 },
    refusals: [
      { constraint: 't_pos_key', rows: 2 },
      { sqlstate: '23514', rows: 1, example: 'id = 4' },
    ],
  });
  const now = await rows();
  expect([now[0], now[1], now[5]]).toEqual([before[0], before[1], before[5]]);
  expect(now.slice(2, 5).map(({ pos }) => pos)).toEqual([5, 3, 4]);
});

it('exchanged rows return to the jobs that wrote them before', async () => {
  await u.sql(SIX);
  const before = await rows();
  const first = await load([
    [1, 10],
    [7, 70],
  ]);
  const state = await rows();
  const second = await load([
    [1, 99],
    [7, 10],
    [2, 70],
    [1, 2],
  ]);
  expect(await u.undo(second)).toMatchObject({ restored: 3, refused: 0 });
  expect(await rows()).toEqual(state);
  expect(await u.undo(first)).toMatchObject({ removed: 1, restored: 1, changed: 0, missing: 0 });
  expect(await rows()).toEqual(before);
});

it('a circle of 1,000 rows', LONG, async () => {
  await u.sql(`create table u.t (id int primary key, pos int unique, v text);
    insert into u.t select i, i, 'old' from generate_series(1, 1000) i`);
  const before = await rows();
  const id = await load([[1, 5000], ...many(999, (at) => [at + 2, at + 1]), [1, 1000]]);
  expect(await u.undo(id)).toMatchObject({ restored: 1000, refused: 0 });
  expect(await rows()).toEqual(before);
});

/** Tables in which a circle can be undone, can never be, and can be unless its rows are referenced. */
const TABLES = {
  plain: '',
  triggers: `create function u.f() returns trigger language plpgsql as 'begin return new; end';
    create trigger f before update on u.t for each row execute function u.f()`,
  referenced: 'create table u.r (id int references u.t on delete cascade)',
};

interface Row {
  id: number;
  pos: number;
  v: string;
}

/** Returns the table after an undo: as many of the unchanged rows as possible are as before. */
function expected(
  kind: keyof typeof TABLES,
  { before, now, loaded, bad }: { before: Row[]; now: Row[]; loaded: Row[]; bad: Set<string> },
  referenced: Set<number>,
): Row[] {
  const old = new Map(before.map((row) => [row.id, row]));
  const isOurs = (row: Row) => loaded.some((each) => JSON.stringify(each) === JSON.stringify(row));
  const state = new Map(
    now
      .filter((row) => old.has(row.id) || !isOurs(row) || row.v === 'theirs' || referenced.has(row.id))
      .map((row) => [row.id, row]),
  );
  const open = new Set(
    now
      .filter(
        (row) => old.has(row.id) && isOurs(row) && JSON.stringify(old.get(row.id)) !== JSON.stringify(row),
      )
      .map(({ id }) => id),
  );
  const holder = (pos: number) => [...state.values()].find((row) => row.pos === pos)?.id;
  for (let size = -1; size !== open.size; ) {
    size = open.size;
    for (const id of open) {
      const row = old.get(id)!;
      const at = holder(row.pos);
      if (bad.has(row.v) || (at !== undefined && at !== id)) continue;
      state.set(id, row);
      open.delete(id);
    }
    if (size !== open.size || kind === 'triggers') continue;
    // Together: all except those that a remaining row blocks, and so on.
    const together = new Set([...open].filter((id) => !bad.has(old.get(id)!.v) && !referenced.has(id)));
    for (let count = -1; count !== together.size; ) {
      count = together.size;
      for (const id of together) {
        const at = holder(old.get(id)!.pos);
        if (at !== undefined && !together.has(at)) together.delete(id);
      }
    }
    for (const id of together) {
      state.set(id, old.get(id)!);
      open.delete(id);
    }
  }
  return [...state.values()].sort((one, other) => one.id - other.id);
}

describe.each(Object.keys(TABLES) as (keyof typeof TABLES)[])('moves at random: %s', (kind) => {
  it('exactly those rows return that can', sizedIf(kind === 'referenced'), async () => {
    const moves = fc.array(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 10 })), {
      minLength: 4,
      maxLength: 24,
    });
    const ids = fc.uniqueArray(fc.integer({ min: 1, max: 9 }), { maxLength: 2 });
    await fc.assert(
      fc.asyncProperty(moves, ids, ids, ids, async (records, touched, taken, checked) => {
        await u.sql(`drop schema u cascade; create schema u; create table u.t (id int primary key, pos int unique, v text);
          insert into u.t select i, i, 'v' || i from generate_series(1, 7) i; ${TABLES[kind]}`);
        const before = (await rows()) as unknown as Row[];
        // Each second move is by way of a free value, so that circles appear.
        const swaps = records.flatMap(([one, pos], at): number[][] =>
          at % 2 === 0
            ? [[one, pos]]
            : [
                [one, 100 + at],
                [(one % 7) + 1, one],
                [one, pos],
              ],
        );
        const id = await load(swaps);
        const loaded = (await rows()) as unknown as Row[];
        if (JSON.stringify(loaded) === JSON.stringify(before)) return;
        for (const each of touched) await u.sql(`update u.t set v = 'theirs' where id = $1`, [each]);
        for (const pos of taken)
          await u.sql(`insert into u.t values ($1 + 1000, $1, 'theirs') on conflict do nothing`, [pos]);
        const bad = new Set(checked.map((each) => `v${each}`));
        if (bad.size > 0)
          await u.sql(
            `alter table u.t add check (v not in (${[...bad].map((v) => `'${v}'`).join(', ')})) not valid`,
          );
        const referenced = new Set(kind === 'referenced' ? checked : []);
        for (const each of referenced)
          await u.sql('insert into u.r select id from u.t where id = $1', [each]);
        const now = (await rows()) as unknown as Row[];
        const wanted = expected(kind, { before, now, loaded, bad }, referenced);
        const tried = await u.undo(id, true);
        expect(await rows()).toEqual(now);
        const result = await u.undo(id);
        expect(tried).toEqual({ ...result, dryRun: true });
        expect(await rows()).toEqual(wanted);
        expect(result.refused).toBe(result.refusals.reduce((sum, each) => sum + each.rows, 0));
        const unlike = loaded.filter((row) => !before.some((old) => old.id === row.id));
        expect(result.inserted + result.updated).toBeGreaterThanOrEqual(unlike.length);
      }),
      { numRuns: sized(3, 40, 1), seed: sized(20261127, Date.now()), endOnFailure: true },
    );
  });
});
