/** Rows that the table refuses to take back stay as they are, and all others are undone. */
import type { Spec } from '@csvjobs/shared';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findJob } from '../../../src/sql/jobs.js';
import { inShortIf, LONG, sized, sizedIf } from '../../support/form.js';
import { many, openUndoing, type Undoing } from './undoing.js';

let u: Undoing;
beforeAll(async () => {
  u = await openUndoing();
});
afterAll(() => u.close());
beforeEach(() => u.sql('drop schema u cascade; create schema u'));

const UPDATE = { csvjobs: { mode: 'update', key: ['id'] } } as Spec;
const REPLACE = { csvjobs: { replace: true, maxRemoved: '100%' } } as Spec;
const rows = () => u.sql('select * from u.t order by id');

/** A trigger that raises for some rows. */
const raising = (when: string, condition: string) => `
  create function u.raise() returns trigger language plpgsql as $$ begin
    if ${condition} then raise 'the books are closed'; end if;
    if tg_op = 'DELETE' then return old; end if; return new; end $$;
  create trigger no before ${when} on u.t for each row execute function u.raise()`;
const RAISED = { sqlstate: 'P0001', constraint: null, message: 'the books are closed' };

const duplicate = (key: string) => ({
  ...{ sqlstate: '23505', constraint: key },
  message: `duplicate key value violates unique constraint "${key}"`,
});

/** Inserts rows as the job does: some of a file would be rejected. */
const insertAs = (id: string, values: string, inserted: number) =>
  u.writeAs(id, [`insert into u.t values ${values}`], { inserted });

describe('a row that the job updated', () => {
  const OLD = [
    { id: 1, pos: 1, ref: 1, v: 'a' },
    { id: 2, pos: 2, ref: 2, v: 'b' },
    { id: 3, pos: 3, ref: 3, v: 'c' },
  ];

  const CAUSES = [
    {
      name: 'another row has its key now',
      cause: 'insert into u.t values (9, 2, null, null)',
      refusal: duplicate('t_pos_key'),
      remedy: 'delete from u.t where id = 9',
    },
    {
      name: 'a deferrable key is taken',
      cause: `alter table u.t drop constraint t_pos_key, add constraint late unique (pos) deferrable initially deferred;
        insert into u.t values (9, 2, null, null)`,
      refusal: duplicate('late'),
      remedy: 'delete from u.t where id = 9',
    },
    {
      name: 'a new CHECK refuses the old values',
      cause: `alter table u.t add constraint no_b check (v <> 'b')`,
      refusal: {
        ...{ sqlstate: '23514', constraint: 'no_b' },
        message: 'new row for relation "t" violates check constraint "no_b"',
      },
      remedy: 'alter table u.t drop constraint no_b',
    },
    {
      name: 'a trigger raises',
      cause: raising('update', 'new.id = 2'),
      refusal: RAISED,
      remedy: 'drop trigger no on u.t',
    },
    {
      name: 'it references a row that is gone',
      cause: 'delete from u.o where id = 2',
      refusal: {
        ...{ sqlstate: '23503', constraint: 't_ref_fkey' },
        message: 'insert or update on table "t" violates foreign key constraint "t_ref_fkey"',
      },
      remedy: 'insert into u.o values (2)',
    },
    {
      name: 'it references a row that is gone, by a deferred key',
      cause:
        'alter table u.t alter constraint t_ref_fkey deferrable initially deferred; delete from u.o where id = 2',
      refusal: {
        ...{ sqlstate: '23503', constraint: 't_ref_fkey' },
        message: 'insert or update on table "t" violates foreign key constraint "t_ref_fkey"',
      },
      remedy: 'insert into u.o values (2)',
    },
  ];
  for (const { name, cause, refusal, remedy } of CAUSES)
    it(
      `stays if ${name}; another undo restores it later`,
      inShortIf(/key now|raises|deferred/.test(name)),
      async () => {
        await u.sql(`create table u.o (id int primary key); insert into u.o values (1), (2), (3), (20);
      create table u.t (id int primary key, pos int unique, ref int references u.o, v text);
      insert into u.t values (1, 1, 1, 'a'), (2, 2, 2, 'b'), (3, 3, 3, 'c')`);
        const records = [1, 2, 3, 4].map((id) => [id, id * 10, 20, `new${id}`]);
        const id = await u.into('t', ['id', 'pos', 'ref', 'v'], records, { spec: UPDATE });
        await u.sql(cause);
        const others = (await rows()).filter((row) => row.id === 9);
        const wanted = {
          ...{ removed: 1, restored: 2, refused: 1, kept: 0, changed: 0, missing: 0, updated: 3 },
          refusals: [{ ...refusal, rows: 1, example: 'id = 2' }],
        };
        expect(await u.undo(id, true)).toMatchObject(wanted);
        expect(await u.undo(id)).toMatchObject(wanted);
        expect(await rows()).toEqual([OLD[0], { id: 2, pos: 20, ref: 20, v: 'new2' }, OLD[2], ...others]);
        expect((await findJob(u.database.pool, id))?.undone).toMatchObject({ restored: 2, refused: 1 });
        await u.sql(remedy);
        expect(await u.undo(id)).toMatchObject({
          removed: 0,
          restored: 1,
          refused: 0,
          refusals: [],
          updated: 1,
        });
        expect(await rows()).toEqual(OLD);
        await expect(u.undo(id)).rejects.toMatchObject({ code: 'job_state_conflict' });
      },
    );

  it('stays with its cause, and each cause has its count', async () => {
    await u.sql(
      `create table u.t (id int primary key, v text); insert into u.t select i, i from generate_series(1, 9) i`,
    );
    const id = await u.into(
      't',
      ['id', 'v'],
      many(9, (at) => [at + 1, 'new']),
      { spec: UPDATE },
    );
    await u.sql(
      `alter table u.t add constraint high check (v = 'new' or v::int < 8) not valid; ${raising('update', 'old.id = 4')}`,
    );
    expect(await u.undo(id)).toMatchObject({
      ...{ restored: 6, refused: 3 },
      refusals: [
        { constraint: 'high', rows: 2, example: 'id = 8' },
        { ...RAISED, rows: 1, example: 'id = 4' },
      ],
    });
  });

  it('stays with its constraint, and each constraint has its count', async () => {
    await u.sql(
      `create table u.t (id int primary key, v text); insert into u.t select i, i from generate_series(1, 9) i`,
    );
    const records = many(9, (at) => [at + 1, 'new']);
    const id = await u.into('t', ['id', 'v'], records, { spec: UPDATE });
    await u.sql(`alter table u.t add constraint high check (v = 'new' or v::int < 8) not valid,
      add constraint low check (v = 'new' or v::int > 1) not valid`);
    expect(await u.undo(id)).toMatchObject({
      ...{ restored: 6, refused: 3 },
      refusals: [
        { constraint: 'high', rows: 2, example: 'id = 8' },
        { constraint: 'low', rows: 1, example: 'id = 1' },
      ],
    });
  });

  it('is counted once, next to one whose key has a NULL', async () => {
    await u.sql(`create table u.t (id int, v text, unique nulls not distinct (id));
      insert into u.t values (null, 'old'), (2, 'bad')`);
    const records = [
      ['', 'new'],
      [2, 'new'],
    ];
    const id = await u.into('t', ['id', 'v'], records, { spec: UPDATE });
    await u.sql(`alter table u.t add check (v <> 'bad') not valid`);
    expect(await u.undo(id)).toMatchObject({ updated: 2, restored: 1, refused: 1, kept: 0 });
  });

  it('returns to the job that wrote it before, unless it is refused', async () => {
    await u.sql('create table u.t (id int primary key, v text)');
    const records = (v: string) => many(300, (at) => [at, v]);
    const first = await u.into('t', ['id', 'v'], records('first'), { spec: UPDATE });
    const second = await u.into('t', ['id', 'v'], records('second'), { spec: UPDATE });
    await u.sql(raising('update', 'old.id in (7, 200)'));
    expect(await u.undo(second)).toMatchObject({ restored: 298, refused: 2 });
    expect(await u.undo(first)).toMatchObject({ removed: 298, missing: 2 });
    expect(await u.sql('select * from u.t order by id')).toEqual([7, 200].map((id) => ({ id, v: 'second' })));
    await u.sql('drop trigger no on u.t');
    expect(await u.undo(second)).toMatchObject({ restored: 2, refused: 0 });
    expect(await u.undo(first)).toMatchObject({ removed: 2, missing: 0 });
  });
});

describe('a row that the job inserted', () => {
  it('stays if a trigger raises; another undo removes it later', async () => {
    await u.sql(`create table u.t (id int primary key)`);
    const id = await u.into(
      't',
      ['id'],
      many(300, (at) => [at]),
      { lanes: 1 },
    );
    await u.sql(raising('delete', 'old.id in (17, 170)'));
    expect(await u.undo(id)).toMatchObject({
      ...{ removed: 298, refused: 2, kept: 0, missing: 0, changed: 0 },
      refusals: [{ ...RAISED, rows: 2, example: 'id = 17' }],
    });
    expect(await rows()).toEqual([{ id: 17 }, { id: 170 }]);
    await u.sql('drop trigger no on u.t');
    expect(await u.undo(id)).toMatchObject({ inserted: 2, removed: 2, refused: 0 });
  });

  for (const action of ['no action', 'cascade', 'set null'] as const)
    it(
      `keeps the rows that it references, and is not changed by their removal: on delete ${action}`,
      inShortIf(action === 'cascade'),
      async () => {
        await u.sql(`create table u.t (id int primary key, up int references u.t on delete ${action})`);
        // Ten chains of ten, two rows that reference each other, and two that reference themselves.
        const records = many(100, (at) => [at, at % 10 === 0 ? '' : at - 1]);
        const id = await u.into('t', ['id', 'up'], records);
        await insertAs(id, '(100, 101), (101, 100), (102, 102), (103, 103)', 4);
        await u.sql(raising('delete', 'old.id in (15, 19, 41, 43, 103)'));
        const before = await rows();
        const stay = [10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 40, 41, 42, 43, 103];
        expect(await u.undo(id)).toMatchObject({
          removed: 89,
          refused: 3,
          referenced: 12,
          missing: 0,
          kept: 0,
        });
        expect(await rows()).toEqual(before.filter((row) => stay.includes(row.id as number)));
      },
    );

  it('stays with the rows that reference it in a circle', async () => {
    await u.sql('create table u.t (id int primary key, up int references u.t)');
    const records = many(18, (at) => [at + 2, '']);
    const id = await u.into('t', ['id', 'up'], records);
    await insertAs(id, '(0, 1), (1, 0)', 2);
    await u.sql(raising('delete', 'old.id = 1'));
    expect(await u.undo(id)).toMatchObject({ removed: 18, refused: 2, missing: 0, kept: 0 });
    expect(await rows()).toEqual([
      { id: 0, up: 1 },
      { id: 1, up: 0 },
    ]);
  });
});

it('a row of a partition is not mistaken for one at the same place of another partition', LONG, async () => {
  await u.sql(`create table u.t (id int primary key) partition by range (id);
    create table u.t1 partition of u.t for values from (0) to (200);
    create table u.t2 partition of u.t for values from (200) to (400);
    create table u.child (id int references u.t on delete cascade)`);
  const id = await u.into(
    't',
    ['id'],
    many(400, (at) => [at]),
    { lanes: 1 },
  );
  // 257 and 357 are where 57, which is removed on its own, and 157, which is removed with others, are.
  await u.sql(`insert into u.child values (257), (357); ${raising('delete', 'old.id = 7')}`);
  expect(await u.undo(id)).toMatchObject({ removed: 397, referenced: 2, refused: 1, kept: 0, missing: 0 });
  expect(await rows()).toEqual([7, 257, 357].map((left) => ({ id: left })));
  expect(await u.sql('select id from u.child order by id')).toEqual([{ id: 257 }, { id: 357 }]);
});

describe('a row that the job removed', () => {
  for (const [what, cause, sqlstate, refused] of [
    ['a new CHECK refuses it', `alter table u.t add constraint few check (id < 200)`, '23514', 100],
    ['a trigger raises', raising('insert', 'new.id = 77'), 'P0001', 1],
    [
      'another row has a deferrable key of it',
      `alter table u.t add unique (id) deferrable; insert into u.t (id) values (12)`,
      '23505',
      1,
    ],
  ] as const)
    it(`stays away if ${what}`, inShortIf(!what.includes('CHECK')), async () => {
      await u.sql(
        `create table u.t (id int, v text); insert into u.t select i, 'old' from generate_series(1, 299) i`,
      );
      const id = await u.into('t', ['id', 'v'], [[150, 'new']], { spec: REPLACE });
      await u.sql(cause);
      expect(await u.undo(id)).toMatchObject({
        ...{ removed: 1, restored: 299 - refused, refused, changed: 0 },
        refusals: [{ sqlstate, rows: refused }],
      });
      const [left] = await u.sql(`select count(*) as n, count(distinct id) as ids from u.t where v = 'old'`);
      expect(left).toEqual({ n: 299 - refused, ids: 299 - refused });
      await u.sql(`drop trigger if exists no on u.t; alter table u.t drop constraint if exists few;
      delete from u.t where v is null`);
      expect(await u.undo(id)).toMatchObject({ restored: refused, refused: 0, updated: refused });
      expect(await rows()).toEqual(many(299, (at) => ({ id: at + 1, v: 'old' })));
    });

  for (const deferred of ['', 'deferrable initially deferred'] as const)
    it(
      `comes back with those that it references in a circle, although the table refuses others: ${deferred}`,
      inShortIf(deferred !== ''),
      async () => {
        await u.sql(`create table u.t (id int primary key, up int references u.t ${deferred}, v int)`);
        await u.sql(
          `insert into u.t values (1, 2, 0), (2, 3, 0), (3, 1, 0), (4, 4, 0), (5, 3, 0), (6, 7, 0), (7, 6, 0), (8, 6, 0), (9, null, 9), (10, 9, 0), (11, null, 0)`,
        );
        const before = await rows();
        const id = await u.into('t', ['id', 'up', 'v'], [[20, '', 0]], { spec: REPLACE });
        // 7 cannot return, so neither can 6 and 8, which need it; nor can 10, which needs 9.
        await u.sql('alter table u.t add constraint few check (v < 9 and id <> 7)');
        expect(await u.undo(id)).toMatchObject({
          removed: 1,
          restored: 6,
          refused: 5,
          changed: 0,
          missing: 0,
        });
        const away = [6, 7, 8, 9, 10];
        expect(await rows()).toEqual(before.filter((row) => !away.includes(row.id as number)));
        await u.sql('alter table u.t drop constraint few');
        expect(await u.undo(id)).toMatchObject({ restored: 5, refused: 0 });
        expect(await rows()).toEqual(before);
      },
    );

  it('returns to the job that wrote it, next to one that is refused', LONG, async () => {
    await u.sql('create table u.t (id int primary key, up int references u.t)');
    const first = await u.into(
      't',
      ['id', 'up'],
      many(100, (at) => [at, '']),
    );
    await insertAs(first, '(100, 101), (101, 100)', 2);
    const second = await u.into('t', ['id', 'up'], [[500, '']], { spec: REPLACE });
    await u.sql(raising('insert', 'new.id = 7'));
    expect(await u.undo(second)).toMatchObject({ removed: 1, restored: 101, refused: 1 });
    expect(await u.undo(first)).toMatchObject({ removed: 101, missing: 1 });
    expect(await rows()).toEqual([]);
  });

  it('comes back before an updated row that references it again', async () => {
    await u.sql(`create table u.t (id int primary key, up int references u.t);
      insert into u.t values (5, null), (6, 5), (1, 5), (2, 6), (3, null)`);
    const before = await rows();
    const records = [
      [1, ''],
      [2, 1],
      [3, 1],
    ];
    const id = await u.into('t', ['id', 'up'], records, {
      spec: { csvjobs: { replace: true, maxRemoved: '100%', blanks: 'null' } } as unknown as Spec,
    });
    expect(await u.undo(id)).toMatchObject({ restored: 5, refused: 0, changed: 0 });
    expect(await rows()).toEqual(before);
  });

  it('comes back in its circle, whatever other rows lack, and to the job that wrote it', async () => {
    await u.sql(`create table u.other (id int primary key); insert into u.other values (1);
      create table u.t (id int primary key, a int, b int, o int)`);
    const first = await u.into('t', ['id'], [[100]]);
    await u.sql('insert into u.t values (7, 6), (10, null)');
    await insertAs(
      first,
      '(1, 2, 10, null), (2, 1, null, null), (3, 99, null, null), (4, 3, null, null), (5, null, null, 1), (6, 7, null, null)',
      6,
    );
    await u.sql('insert into u.t values (20, 21)');
    await insertAs(first, '(21, 22)', 1);
    await u.sql('insert into u.t values (22, 23)');
    await insertAs(first, '(23, 24)', 1);
    await u.sql(`insert into u.t values (24), (99);
      alter table u.t add constraint k1 foreign key (a) references u.t, add constraint k2 foreign key (b) references u.t,
        add foreign key (o) references u.other`);
    const before = await rows();
    const second = await u.into('t', ['id'], [[10], [500]], { spec: REPLACE });
    await u.sql('delete from u.other; alter table u.t add check (id <> 99)');
    // 3 needs 99, and 4 needs 3; 5 needs the other table. 6 and 7 need each other, but belong to two owners. In a chain from 24
    // to 20, each row belongs to another owner than the next.
    expect(await u.undo(second)).toMatchObject({ removed: 1, restored: 8, refused: 6, missing: 0 });
    expect(await rows()).toEqual(before.filter(({ id }) => ![3, 4, 5, 6, 7, 99].includes(id as number)));
    expect(await u.undo(first)).toMatchObject({ removed: 3, referenced: 2, missing: 4 });
  });

  it('comes back once, next to an inserted one that is refused, in a table without a key', async () => {
    await u.sql(
      `create table u.t (id int, v text); insert into u.t values (1, 'old'), (1, 'old'), (2, 'old')`,
    );
    const before = await rows();
    const records = [
      [7, 'new'],
      [8, 'new'],
    ];
    const id = await u.into('t', ['id', 'v'], records, { spec: REPLACE });
    await u.sql(raising('delete', 'old.id = 7'));
    expect(await u.undo(id)).toMatchObject({ removed: 1, restored: 3, refused: 1, changed: 0 });
    expect(await rows()).toEqual([...before, { id: 7, v: 'new' }]);
    await u.sql('drop trigger no on u.t');
    expect(await u.undo(id)).toMatchObject({ removed: 1, restored: 0, refused: 0 });
    expect(await rows()).toEqual(before);
  });

  it('comes back before the rows that reference it, and they stay if it is refused', async () => {
    await u.sql(`create table u.t (id int primary key, up int references u.t, v text);
      insert into u.t select i, nullif(i - 1, 0), 'old' from generate_series(1, 200) i`);
    const before = await rows();
    const id = await u.into('t', ['id', 'up', 'v'], [[500, '', 'new']], { spec: REPLACE });
    await u.sql(raising('insert', 'new.id = 190'));
    expect(await u.undo(id)).toMatchObject({ restored: 189, refused: 11, removed: 1 });
    expect(await rows()).toEqual(before.slice(0, 189));
  });
});

it('a job of which the table refuses every row stays as it is', async () => {
  await u.sql(`create table u.t (id int primary key)`);
  const id = await u.into(
    't',
    ['id'],
    many(200, (at) => [at]),
  );
  await u.sql(raising('delete', 'true'));
  expect(await u.undo(id)).toMatchObject({ removed: 0, refused: 200 });
  expect(await rows()).toHaveLength(200);
  expect(await findJob(u.database.pool, id)).toMatchObject({ status: 'completed' });
});

describe('one bad row among thousands costs few statements', () => {
  const ROWS = sized(3_000, 10_000);
  const BAD = sized(2_777, 7_777);
  /** A sequence counts statements even if they are rolled back. */
  const counting = `create sequence u.statements;
    create function u.count() returns trigger language plpgsql as 'begin perform nextval(''u.statements''); return null; end';
    create trigger count before insert or update or delete on u.t for each statement execute function u.count()`;
  const statements = async () => (await u.sql('select last_value as n from u.statements'))[0]!.n;

  for (const [part, when, spec] of [
    ['updated', 'update', UPDATE],
    ['inserted', 'delete', undefined],
    ['removed', 'insert', REPLACE],
  ] as const)
    it(`${part}`, sizedIf(part === 'inserted'), async () => {
      await u.sql('create table u.t (id int primary key, v text)');
      if (part !== 'inserted')
        await u.sql(`insert into u.t select i, 'old' from generate_series(0, ${ROWS - 1}) i`);
      const records = part === 'removed' ? [] : many(ROWS, (at) => [at, 'new']);
      const id = await u.into('t', ['id', 'v'], records, { ...(spec && { spec }) });
      await u.sql(
        `${raising(when, `(case when tg_op = 'DELETE' then old.id else new.id end) = ${BAD}`)}; ${counting}`,
      );
      const done = { removed: 0, restored: 0, [part === 'inserted' ? 'removed' : 'restored']: ROWS - 1 };
      expect(await u.undo(id)).toMatchObject({ ...done, refused: 1, refusals: [{ example: `id = ${BAD}` }] });
      expect(await statements()).toBeLessThan(400);
    });
});

it('an old value that its type no longer has refuses the whole undo, with advice, until it is back', async () => {
  await u.sql(`create type u.mood as enum ('low', 'high'); create table u.t (id int primary key, v u.mood);
    insert into u.t values (1, 'low')`);
  const id = await u.into('t', ['id', 'v'], [[1, 'high']], { spec: UPDATE });
  await u.sql(`alter type u.mood rename value 'low' to 'calm'`);
  for (const dryRun of [true, false])
    await expect(u.undo(id, dryRun)).rejects.toMatchObject({
      code: 'undo_refused',
      message: expect.stringMatching(
        /^invalid input value for enum u\.mood: "low"; nothing was changed; to get the old values back, load the previous version of the file: csvjobs upload <file> --like /,
      ),
    });
  expect(await rows()).toEqual([{ id: 1, v: 'high' }]);
  await u.sql(`alter type u.mood rename value 'calm' to 'low'`);
  expect(await u.undo(id)).toMatchObject({ restored: 1 });
});
