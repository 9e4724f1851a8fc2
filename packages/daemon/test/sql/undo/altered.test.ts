/** Triggers that change rows while an undo restores them: the result says how many rows, and which columns. */
import type { Spec } from '@csvjobs/shared';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { inShortIf, ON_NEWEST, ON_OLDEST } from '../../support/form.js';
import { openUndoing, type Undoing } from './undoing.js';

let u: Undoing;
beforeAll(async () => {
  u = await openUndoing();
});
afterAll(() => u.close());
beforeEach(() =>
  u.sql(`drop schema u cascade; create schema u;
    create table u.t (id int primary key, v text, n numeric(10,2), stamp int default 0, note text);
    insert into u.t (id, v, n) values (1, 'a', 1), (2, 'b', null), (3, 'c', 3), (4, 'd', 4)`),
);

const HEADER = ['id', 'v'];
const UPDATE = { csvjobs: { mode: 'update', key: ['id'] } } as Spec;
const replace = (key?: string[]) =>
  ({ csvjobs: { replace: true, maxRemoved: '100%', ...(key && { key }) } }) as Spec;
const load = (records: (string | number)[][], spec: Spec = UPDATE) => u.into('t', HEADER, records, { spec });
const trigger = (events: string, body: string, when = 'before') =>
  u.sql(`create function u.f() returns trigger language plpgsql as $$ begin ${body} return new; end $$;
    create trigger f ${when} ${events} on u.t for each row execute function u.f()`);
const THREE = [
  [1, 'x'],
  [2, 'y'],
  [3, 'z'],
];
/** Each call of `coalesce(…) + 1` gives another value than before the job. */
const STAMP = 'new.stamp := coalesce(old.stamp, 0) + 1;';

it('names the columns that a trigger has changed in restored rows, and how many rows differ', async () => {
  await trigger('update', `${STAMP} if new.id = 3 then new.note := 'touched'; end if;`);
  const id = await load(THREE);
  for (const dryRun of [true, false])
    expect(await u.undo(id, dryRun)).toMatchObject({
      restored: 3,
      changed: 0,
      altered: { rows: 3, columns: ['stamp', 'note'] },
    });
  expect(await u.sql('select v, stamp from u.t order by id')).toEqual([
    { v: 'a', stamp: 2 },
    { v: 'b', stamp: 2 },
    { v: 'c', stamp: 2 },
    { v: 'd', stamp: 0 },
  ]);
});

it('counts only rows that differ', ON_NEWEST, async () => {
  await trigger('update', `if new.id = 2 and new.v = 'b' then new.n := 7; end if;`);
  const id = await load(THREE);
  await u.sql(`update u.t set v = 'other' where id = 3`);
  expect(await u.undo(id)).toMatchObject({ restored: 2, changed: 1, altered: { rows: 1, columns: ['n'] } });
});

for (const [what, when] of [
  ['without a trigger', ''],
  ['of a trigger that changes nothing', 'before'],
  ['of a trigger that is called after the change', 'after'],
] as const)
  it(`says nothing ${what}`, ON_NEWEST, async () => {
    if (when) await trigger('insert or update', '', when);
    const id = await load(THREE);
    await u.sql('alter table u.t add column later int default 5');
    const undone = await u.undo(id);
    expect(undone.restored).toBe(3);
    expect(undone).not.toHaveProperty('altered');
  });

it('says what a trigger has changed after the row was written', ON_NEWEST, async () => {
  await trigger(
    'update',
    `if new.v <> 'x' and new.note is null then update u.t set note = 'seen' where id = new.id; end if;`,
    'after',
  );
  const id = await load([[1, 'x']]);
  expect(await u.undo(id)).toMatchObject({ restored: 1, altered: { rows: 1, columns: ['note'] } });
});

const CASES: [string, Spec][] = [
  ['with a key', replace(['id'])],
  ['without a key', replace()],
];
for (const [how, spec] of CASES)
  it(
    `covers rows that a replacement ${how} has removed`,
    inShortIf(how === 'with a key' && !ON_OLDEST),
    async () => {
      const id = await load([[9, 'new']], spec);
      await trigger('insert', `if new.id > 2 then new.stamp := 5; end if;`);
      expect(await u.undo(id)).toMatchObject({
        removed: 1,
        restored: 4,
        altered: { rows: 2, columns: ['stamp'] },
      });
    },
  );

it('counts removed rows that return with another key', ON_NEWEST, async () => {
  const id = await load([[9, 'new']], replace(['id']));
  await trigger('insert', 'if new.id = 1 then new.id := 100; end if;');
  expect(await u.undo(id)).toMatchObject({ restored: 4, altered: { rows: 1, columns: [] } });
});

it.each([
  ['counts equal rows without a key each', '', ['n']],
  [
    'names no column if a trigger has added rows to those without a key',
    `if new.n = 5 then insert into u.log values ('more', 6); end if;`,
    [],
  ],
])('%s', ON_NEWEST, async (_, more, columns) => {
  await u.sql(`create table u.log (v text, n int); insert into u.log values ('a', 1), ('a', 1), ('a', 1)`);
  const id = await u.into('log', ['v', 'n'], [['b', 2]], { spec: replace() });
  await u.sql(`create sequence u.s; create function u.f() returns trigger language plpgsql as $$ begin
      if nextval('u.s') = 2 then new.n := 5; end if; ${more} return new; end $$;
    create trigger f before insert on u.log for each row execute function u.f()`);
  expect(await u.undo(id)).toMatchObject({ restored: 3, altered: { rows: 1, columns } });
});

it('covers updated and removed rows of one job together', ON_NEWEST, async () => {
  await trigger('insert or update', 'new.stamp := 8; new.note := tg_op;');
  const id = await load([[1, 'new']], replace(['id']));
  expect(await u.undo(id)).toMatchObject({ restored: 4, altered: { rows: 4, columns: ['stamp', 'note'] } });
});

it('rows whose key a trigger changes are restored, and not missing', ON_NEWEST, async () => {
  const id = await load(THREE);
  await u.sql('delete from u.t where id = 3');
  await trigger('update', 'if new.id = 1 then new.id := 100; end if;');
  expect(await u.undo(id)).toMatchObject({ restored: 2, missing: 1, changed: 0, altered: { rows: 1 } });
  expect(await u.sql('select id, v from u.t order by id')).toEqual([
    { id: 2, v: 'b' },
    { id: 4, v: 'd' },
    { id: 100, v: 'a' },
  ]);
});

it('names only what differs if a trigger changes other rows', ON_NEWEST, async () => {
  const id = await load([[1, 'new']], replace(['id']));
  await trigger('insert', 'update u.t set stamp = 7 where id <> new.id;', 'after');
  expect(await u.undo(id)).toMatchObject({ restored: 4, altered: { rows: 4, columns: ['stamp'] } });
});

it('says what a deferred trigger changes', ON_NEWEST, async () => {
  const id = await load([[1, 'x']]);
  await u.sql(`create function u.f() returns trigger language plpgsql as $$ begin
      if new.stamp = 0 then update u.t set stamp = 9 where id = new.id; end if; return null; end $$;
    create constraint trigger f after update on u.t deferrable initially deferred for each row execute function u.f()`);
  expect(await u.undo(id)).toMatchObject({ restored: 1, altered: { rows: 1, columns: ['stamp'] } });
});

describe('a trigger of statements that changes the whole table', () => {
  const whole = () =>
    u.sql(`create function u.f() returns trigger language plpgsql as $$ begin
        if pg_trigger_depth() < 2 then update u.t set stamp = stamp + 100; end if; return null; end $$;
      create trigger f after update on u.t for each statement execute function u.f()`);

  it('is rolled back if no row can be undone', ON_NEWEST, async () => {
    const id = await load(THREE);
    await u.sql(`update u.t set v = 'other'`);
    const before = await u.sql('select *, xmin from u.t order by id');
    await whole();
    expect(await u.undo(id)).toMatchObject({ restored: 0, removed: 0, changed: 3 });
    expect(await u.sql('select *, xmin from u.t order by id')).toEqual(before);
  });

  it('does not keep a row from being restored that an earlier job has written', ON_NEWEST, async () => {
    await u.sql('delete from u.t');
    await load(THREE);
    const id = await load([[1, 'later']]);
    await whole();
    expect(await u.undo(id)).toMatchObject({
      restored: 1,
      changed: 0,
      altered: { rows: 1, columns: ['stamp'] },
    });
    expect(await u.sql('select v, stamp from u.t where id = 1')).toEqual([{ v: 'x', stamp: 100 }]);
  });
});

it('a referenced row that a trigger changes meanwhile stays, without an example', ON_NEWEST, async () => {
  const id = await load([
    [8, 'x'],
    [9, 'y'],
  ]);
  await u.sql(`create table u.r (id int references u.t); insert into u.r values (8)`);
  await trigger('delete', 'update u.t set stamp = 1 where id = 8;', 'after');
  expect(await u.undo(id)).toMatchObject({
    removed: 1,
    referenced: 1,
    references: [{ table: 'u.r', rows: 1, example: '' }],
  });
  expect(await u.sql('select id, stamp from u.t where id > 4')).toEqual([{ id: 8, stamp: 1 }]);
});

it('adds up over the undos of a job', ON_NEWEST, async () => {
  const id = await load(THREE);
  await u.sql(`create table u.r (v text); alter table u.t add unique (v);
    alter table u.r add foreign key (v) references u.t (v); insert into u.r values ('x')`);
  await trigger('update', STAMP);
  expect(await u.undo(id)).toMatchObject({ restored: 2, altered: { rows: 2, columns: ['stamp'] } });
  await u.sql(`drop function u.f() cascade; delete from u.r`);
  await trigger('update', `new.note := 'again';`);
  expect(await u.undo(id)).toMatchObject({ restored: 1, altered: { rows: 1, columns: ['note'] } });
  expect(await u.sql('select undone from jobs where id = $1', [id])).toMatchObject([
    { undone: { restored: 3, altered: { rows: 3, columns: ['stamp', 'note'] } } },
  ]);
});

it('compares values in the type that a column has now', ON_NEWEST, async () => {
  const same = [[4, 'd', '4.00', 0, '']];
  const id = await u.into('t', ['id', 'v', 'n', 'stamp', 'note'], same, { spec: replace(['id']) });
  await trigger('insert', '');
  await u.sql('alter table u.t alter n type numeric(12,4)');
  const undone = await u.undo(id);
  expect(undone.restored).toBe(3);
  expect(undone).not.toHaveProperty('altered');
});

it('does not count the job of a restored customer that is gone', ON_NEWEST, async () => {
  const old = await u.customers(['a@x.de', 'b@x.de']);
  await u.sql(`create function customers_same() returns trigger language plpgsql as $$ begin return new; end $$;
    create trigger same before insert on customers for each row execute function customers_same()`);
  try {
    const records = [['N', 'c@x.de', '+4930123456', 'C']];
    const header = ['name', 'email', 'phone', 'company'];
    const id = await u.into('customers', header, records, { spec: replace(), schema: 'public' });
    // As the API would have named the table.
    await u.sql(`update jobs set target_table = 'customers' where id = $1`, [id]);
    await u.sql('delete from jobs where id = $1', [old]);
    const undone = await u.undo(id);
    expect(undone.restored).toBe(2);
    expect(undone).not.toHaveProperty('altered');
  } finally {
    await u.sql('drop function customers_same() cascade');
  }
});
