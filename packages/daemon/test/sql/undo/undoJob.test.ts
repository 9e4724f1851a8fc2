/** An undo removes exactly those rows of its job that are unchanged, whatever happened to the table since. */
import type { Spec } from '@csvjobs/shared';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findJob } from '../../../src/sql/jobs.js';
import { inShortIf, ON_NEWEST, ON_OLDEST } from '../../support/form.js';
import { many, openUndoing, type Undoing } from './undoing.js';

let u: Undoing;
beforeAll(async () => {
  u = await openUndoing();
});
afterAll(() => u.close());
beforeEach(() => u.sql('drop schema u cascade; create schema u; truncate customers'));

const NOTHING = {
  ...{ restored: 0, referenced: 0, references: [], refused: 0, refusals: [] },
  ...{ kept: 0, changed: 0, missing: 0 },
};

it('removes the rows of a job, keeps those of others, and marks the job as undone', async () => {
  await u.sql('create table u.t (id bigint generated always as identity, a int, b text)');
  await u.into(
    't',
    ['a', 'b'],
    many(100, (at) => [at, 'first']),
  );
  const id = await u.into(
    't',
    ['a', 'b'],
    many(300, (at) => [at, 'second']),
  );
  await u.into(
    't',
    ['a', 'b'],
    many(100, (at) => [at, 'third']),
  );
  expect(await u.undo(id, true)).toEqual({
    ...{ jobId: id, dryRun: true, inserted: 300, updated: 0, removed: 300, children: [] },
    ...NOTHING,
  });
  expect(await u.sql('select count(*) as n from u.t')).toEqual([{ n: 500 }]);
  expect(await findJob(u.database.pool, id)).toMatchObject({ status: 'completed' });
  expect(await u.undo(id)).toMatchObject({ dryRun: false, removed: 300 });
  expect(await u.sql('select b, count(*) as n from u.t group by b order by b')).toEqual([
    { b: 'first', n: 100 },
    { b: 'third', n: 100 },
  ]);
  expect(await findJob(u.database.pool, id)).toMatchObject({
    status: 'undone',
    successCount: 300,
    undone: { by: 'tester', removed: 300, ...NOTHING },
  });
  await expect(u.undo(id)).rejects.toMatchObject({
    code: 'job_state_conflict',
    message: expect.stringMatching(/undone already, by tester at \d{4}-\d\d-\d\d \d\d:\d\d UTC;/),
  });
});

/** What may happen to a table between a load and its undo. */
const EVENTS: Record<string, string[]> = {
  'VACUUM FREEZE': ['vacuum (freeze, analyze) u.t'],
  'VACUUM FULL': ['vacuum full u.t'],
  CLUSTER: ['cluster u.t using t_pkey'],
  ANALYZE: ['analyze u.t'],
  'columns added': ['alter table u.t add column x int default 7', 'alter table u.t add column y text'],
  'an index': ['create index on u.t (b)', 'reindex table u.t'],
  'a row lock': ['select * from u.t for key share', 'select * from u.t for update'],
  'an update that was rolled back': ['begin; update u.t set b = b || 1; rollback'],
};

/** Tables that are rewritten are those of rewritten.test.ts. */
const IN_SHORT = ON_OLDEST
  ? ['VACUUM FREEZE']
  : ['VACUUM FREEZE', 'columns added', 'a row lock', 'an update that was rolled back'];

describe.each(Object.keys(EVENTS))('%s', (name) => {
  it('does not affect which rows are removed', inShortIf(IN_SHORT.includes(name)), async () => {
    await u.sql('create table u.t (a int primary key, b text)');
    await u.into(
      't',
      ['a', 'b'],
      many(50, (at) => [at - 100, 'other']),
    );
    const id = await u.into(
      't',
      ['a', 'b'],
      many(300, (at) => [at, 'ours']),
    );
    await u.sql(`update u.t set b = 'changed' where a % 10 = 3; delete from u.t where a % 10 = 4`);
    for (const statement of EVENTS[name]!) await u.database.plain(statement);
    const changed = await u.sql('select count(*) as n from u.t where a >= 0 and a % 10 = 3');
    expect(await u.undo(id)).toMatchObject({ ...NOTHING, removed: 240, missing: 60 });
    expect(changed).toEqual([{ n: 30 }]);
    expect(await u.sql('select count(*) filter (where a < 0) as others, count(*) as n from u.t')).toEqual([
      { others: 50, n: 80 },
    ]);
  });
});

for (const statement of [
  'alter table u.t alter b type varchar(20) using lower(b)',
  'alter table u.t add column x uuid default gen_random_uuid()',
] as const)
  it(
    `is refused after a rewrite that gives rows another ID: ${statement}`,
    inShortIf(statement.includes('uuid') && !ON_OLDEST),
    async () => {
      await u.sql('create table u.t (a int primary key, b text)');
      const id = await u.into(
        't',
        ['a', 'b'],
        many(100, (at) => [at, 'x']),
      );
      await u.sql(statement);
      await expect(u.undo(id)).rejects.toMatchObject({
        code: 'undo_impossible',
        message: expect.stringMatching(/rewritten since \(.*nothing was changed; .*delete from u\.t/),
      });
      expect(await u.sql('select count(*) as n from u.t')).toEqual([{ n: 100 }]);
    },
  );

it('a recreated table of the same name, or a dropped one, is not the same', ON_NEWEST, async () => {
  await u.sql('create table u.t (a int)');
  const id = await u.into(
    't',
    ['a'],
    many(10, (at) => [at]),
  );
  await u.sql('alter table u.t rename to old; create table u.t as select * from u.old');
  await expect(u.undo(id)).rejects.toMatchObject({
    code: 'undo_impossible',
    message: expect.stringContaining('another table'),
  });
  await u.sql('drop table u.t');
  await expect(u.undo(id)).rejects.toMatchObject({
    code: 'undo_impossible',
    message: expect.stringContaining('no table u.t'),
  });
});

describe('rows that others reference stay', () => {
  for (const action of ['no action', 'restrict', 'cascade', 'set null', 'set default'] as const)
    it(`on delete ${action}`, inShortIf(['cascade', 'set null'].includes(action) && !ON_OLDEST), async () => {
      await u.sql(`create table u.t (a int, b int, primary key (a, b));
      create table u.child (id int, a int, b int, constraint of_t foreign key (a, b) references u.t on delete ${action})`);
      const id = await u.into(
        't',
        ['a', 'b'],
        many(100, (at) => [at, 1]),
      );
      await u.sql('insert into u.child values (1, 17, 1), (2, 18, 1), (3, 17, 1), (4, null, 1)');
      const before = await u.sql('select * from u.child order by id');
      expect(await u.undo(id)).toMatchObject({
        removed: 98,
        referenced: 2,
        references: [{ constraint: 'of_t', table: 'u.child', rows: 2, example: 'a = 17, b = 1' }],
        missing: 0,
      });
      expect(await u.sql('select a from u.t order by a')).toEqual([{ a: 17 }, { a: 18 }]);
      expect(await u.sql('select * from u.child order by id')).toEqual(before);
    });

  it('rows of the same job that reference each other are removed together, except ancestors of one that stays', async () => {
    await u.sql(`create table u.t (a int primary key, parent int constraint up references u.t on delete cascade, b int);
      create table u.child (a int references u.t)`);
    // Ten chains of ten; 0 is its own parent.
    const id = await u.into(
      't',
      ['a', 'parent'],
      many(100, (at) => [at, at === 0 ? 0 : at % 10 === 0 ? '' : at - 1]),
    );
    await u.sql(
      'insert into u.child values (15); update u.t set b = 1 where a = 33; insert into u.t values (1000, 41)',
    );
    const result = await u.undo(id);
    expect((await u.sql('select array_agg(a order by a) as a from u.t'))[0]!.a).toEqual([
      ...[10, 11, 12, 13, 14, 15, 30, 31, 32, 33, 40, 41, 1000],
    ]);
    expect(result).toMatchObject({ removed: 88, referenced: 11, missing: 1 });
    expect(result.references.map(({ constraint, rows }) => [constraint, rows])).toEqual([
      ['child_a_fkey', 1],
      ['up', 10],
    ]);
  });

  it('each is counted once, and a row of others that it references is not', ON_NEWEST, async () => {
    await u.sql(`create table u.t (a int primary key, up int references u.t) partition by range (a);
      create table u.t1 partition of u.t for values from (0) to (50);
      create table u.t2 partition of u.t for values from (50) to (1000);
      create table u.one (a int references u.t); create table u.two (a int references u.t);
      insert into u.t values (900, null)`);
    const id = await u.into(
      't',
      ['a', 'up'],
      [
        [1, 900],
        [2, ''],
        [51, ''],
        [52, ''],
      ],
      { lanes: 1 },
    );
    await u.sql('insert into u.one values (1), (2), (51); insert into u.two values (1), (2)');
    expect(await u.undo(id)).toMatchObject({ removed: 1, referenced: 3, missing: 0 });
    expect(await u.sql('select a from u.t order by a')).toEqual([1, 2, 51, 900].map((a) => ({ a })));
  });

  it('of partitions, and by a key to a single partition', async () => {
    await u.sql(`create table u.t (a int primary key) partition by range (a);
      create table u.t1 partition of u.t for values from (0) to (50);
      create table u.t2 partition of u.t for values from (50) to (100);
      create table u.child (a int references u.t on delete cascade);
      create table u.of_one (a int references u.t2)`);
    const id = await u.into(
      't',
      ['a'],
      many(100, (at) => [at]),
    );
    await u.sql('insert into u.child values (7), (77); insert into u.of_one values (88)');
    expect(await u.undo(id)).toMatchObject({ removed: 97, referenced: 3, missing: 0 });
    expect(await u.sql('select a from u.t order by a')).toEqual([{ a: 7 }, { a: 77 }, { a: 88 }]);
  });
});

it(
  'is refused if a trigger has changed rows that were there before, because they have ids of the job',
  ON_NEWEST,
  async () => {
    await u.sql(`create table u.t (id int primary key, grp int, latest boolean default true); insert into u.t values (1, 1), (2, 2);
    create function u.latest() returns trigger language plpgsql as $$ begin
      update u.t set latest = false where grp = new.grp and id <> new.id; return null; end $$;
    create trigger latest after insert on u.t for each row execute function u.latest()`);
    const id = await u.into('t', ['id', 'grp'], [[3, 1]]);
    const before = await u.sql('select * from u.t order by id');
    await expect(u.undo(id)).rejects.toMatchObject({
      code: 'undo_impossible',
      message: expect.stringContaining('2 rows with ids of the job, which has inserted 1: a trigger'),
    });
    expect(await u.sql('select * from u.t order by id')).toEqual(before);
  },
);

it('is refused so as well if rows stay, and nothing says what triggers have changed', ON_NEWEST, async () => {
  await u.sql(`create table u.t (id int primary key, v int); insert into u.t values (1, 1);
    create table u.r (id int references u.t)`);
  const id = await u.into('t', ['id', 'v'], [[4, 1]]);
  const statements = ['insert into u.t values (3, 1)', 'update u.t set v = 2 where id = 1'];
  await u.writeAs(id, statements, { inserted: 1 });
  await u.sql('update job_transactions set changed_others = null where job_id = $1', [id]);
  await u.sql('insert into u.r values (3)');
  await expect(u.undo(id)).rejects.toMatchObject({
    code: 'undo_impossible',
    message: expect.stringContaining('3 rows with ids of the job, which has inserted 2: a trigger'),
  });
  expect(await u.sql('select id from u.t order by id')).toEqual([{ id: 1 }, { id: 3 }, { id: 4 }]);
});

it(
  'names the jobs that loaded its fixed records, but none that left nothing in the table',
  ON_NEWEST,
  async () => {
    await u.sql('create table u.t (a int primary key, n int); insert into u.t values (2, 2)');
    const spec = (more: object) => ({ csvjobs: { mode: 'update', key: ['a'], ...more } }) as Spec;
    const load = (a: number, more = {}) => u.into('t', ['a', 'n'], [[a, 2]], { spec: spec(more) });
    const parent = await load(1);
    const children = [await load(2), await load(3, { dryRun: true }), await load(3)];
    const [undone, deleted, grandchild] = [await load(4), await load(5), await load(6)];
    await u.undo(undone);
    await u.sql('update jobs set deleted_at = now() where id = $1', [deleted]);
    const below = [...children, undone, deleted];
    await u.sql('update jobs set parent = $1 where id = any($2)', [parent, below]);
    await u.sql('update jobs set parent = $1 where id = $2', [children[2], grandchild]);
    expect((await u.undo(parent)).children).toEqual([children[2], grandchild]);
  },
);

it('rows kept by a rule that removes others are counted', ON_NEWEST, async () => {
  await u.sql(
    `create table u.t (a int); create table u.other (a int); insert into u.other values (1), (2), (3)`,
  );
  const id = await u.into(
    't',
    ['a'],
    many(10, (at) => [at]),
  );
  await u.sql('create rule r as on delete to u.t do instead delete from u.other where a = old.a');
  expect(await u.undo(id)).toMatchObject({ removed: 0, kept: 10, missing: 0 });
});

it('a row of a partition keeps what it references, but not what one at the same place of another partition references', async () => {
  await u.sql(`create table u.t (id int primary key, up int references u.t) partition by range (id);
    create table u.t1 partition of u.t for values from (0) to (100);
    create table u.t2 partition of u.t for values from (100) to (200);
    create table u.r (id int references u.t)`);
  const records = [
    [1, ''],
    [102, ''],
    [101, 102],
    [2, 1],
  ];
  const id = await u.into('t', ['id', 'up'], records, { lanes: 1 });
  await u.sql('insert into u.r values (2)');
  expect(await u.sql('select id, ctid::text as at from u.t order by id')).toEqual([
    { id: 1, at: '(0,1)' },
    { id: 2, at: '(0,2)' },
    { id: 101, at: '(0,2)' },
    { id: 102, at: '(0,1)' },
  ]);
  expect(await u.undo(id)).toMatchObject({ removed: 2, referenced: 2 });
  expect(await u.sql('select id from u.t order by id')).toEqual([{ id: 1 }, { id: 2 }]);
});

it('rows kept by a trigger are counted, and triggers fire as usual', ON_NEWEST, async () => {
  await u.sql(`create table u.t (a int); create table u.log (a int);
    create function u.keep() returns trigger language plpgsql as $$ begin
      if old.a % 10 = 0 then return null; end if; insert into u.log values (old.a); return old; end $$;
    create trigger keep before delete on u.t for each row execute function u.keep()`);
  const id = await u.into(
    't',
    ['a'],
    many(100, (at) => [at]),
  );
  expect(await u.undo(id)).toMatchObject({ removed: 90, kept: 10, missing: 0 });
  expect(await u.sql('select count(*) as n from u.log')).toEqual([{ n: 90 }]);
});

for (const [what, change] of [
  ['a trigger that always fires', 'alter table u.t enable always trigger keep'],
  [
    'a trigger of a partition',
    'drop trigger keep on u.t; create trigger keep before delete on u.t1 for each row execute function u.keep()',
  ],
  [
    'a rule',
    'drop trigger keep on u.t; create rule keep as on delete to u.t where old.a % 10 = 0 do instead nothing',
  ],
] as const)
  it(
    `rows kept by ${what} are counted`,
    inShortIf(what !== 'a trigger that always fires' && !ON_OLDEST),
    async () => {
      await u.sql(`create table u.t (a int) partition by range (a); create table u.t1 partition of u.t for values from (0) to (500);
    create function u.keep() returns trigger language plpgsql as $$ begin
      if old.a % 10 = 0 then return null; end if; return old; end $$;
    create trigger keep before delete on u.t for each row execute function u.keep()`);
      const id = await u.into(
        't',
        ['a'],
        many(100, (at) => [at]),
      );
      await u.sql(change);
      expect(await u.undo(id)).toMatchObject({ removed: 90, kept: 10, missing: 0 });
      expect(await u.sql('select count(*) as n from u.t')).toEqual([{ n: 10 }]);
    },
  );

it('a job that was loaded into a view cannot be undone', ON_NEWEST, async () => {
  await u.sql('create table u.t (a int); create view u.v as select * from u.t');
  const ofView = await u.into('v', ['a'], [[1]]);
  await expect(u.undo(ofView)).rejects.toMatchObject({
    code: 'undo_impossible',
    message: expect.stringContaining('u.v is a view'),
  });
});

it('updated rows return to their state before the job, inserted ones are removed', async () => {
  await u.sql(`create table u.t (sku text primary key, price float8, tags text[], x int generated always as (length(sku)) stored);
    insert into u.t values ('a', 0.1, '{"q,1",null}'), ('b', 2, null), ('c', 3, '{}'), ('d', 4, null), ('e', 5, null)`);
  const before = await u.sql('select * from u.t order by sku');
  const id = await u.into('t', ['sku'], [['new1'], ['new2']]);
  await updateAs(id, [
    "price = price + 1, tags = null where sku in ('a', 'b', 'c', 'd')",
    "price = 77 where sku in ('a', 'new1')",
  ]);
  await u.sql(
    `update u.t set price = 0 where sku = 'c'; delete from u.t where sku = 'd'; alter table u.t add column later int default 3`,
  );
  expect(await u.undo(id, true)).toMatchObject({
    inserted: 2,
    updated: 4,
    removed: 2,
    restored: 2,
    changed: 1,
    missing: 1,
  });
  expect(await u.undo(id)).toMatchObject({ removed: 2, restored: 2, changed: 1, missing: 1 });
  const after = await u.sql('select sku, price, tags, x from u.t order by sku');
  expect(after).toEqual([before[0], before[1], { ...before[2], price: 0, tags: null }, before[4]]);
});

/** Updates rows like a job: recorded in its journal, in its own transactions. */
async function updateAs(id: string, updates: string[]): Promise<void> {
  const { connect } = await import('../../../src/sql/pool.js');
  const { journalStatement } = await import('../../../src/sql/undo/journal.js');
  const { keepTransaction } = await import('../../../src/sql/undo/transactionIds.js');
  const client = await connect(u.database.connection, 'test');
  try {
    for (const update of updates) {
      const [, condition] = update.split(' where ');
      await client.query('begin');
      const rows = `select 1::bigint as row, t::text as before, t.xmin as was from u.t t where ${condition}`;
      await client.query(journalStatement(id, ['sku'], rows));
      const { rowCount } = await client.query(`update u.t set ${update}`);
      await keepTransaction(client, id, { inserted: 0, updated: rowCount! });
      await client.query(`update jobs set success_count = success_count + ${rowCount}, updated_count = updated_count + ${rowCount},
        processed_rows = processed_rows + ${rowCount} where id = '${id}'`);
      await client.query('commit');
    }
  } finally {
    await client.end();
  }
}
