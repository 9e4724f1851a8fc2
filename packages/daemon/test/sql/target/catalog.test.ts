/** The catalog of a real PostgreSQL, for one example of everything that a table may have. */
import type { Target } from '@csvjobs/shared';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../../src/sql/pool.js';
import { hasSameRules, readTarget } from '../../../src/sql/target/catalog.js';
import { createDatabase, type TestDatabase } from '../../support/postgres.js';
import { TESTED_VERSION } from '../../support/versions.js';

const POSTGRES_18 = { meta: { needs: 'PostgreSQL 18' } };

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase({ empty: true });
});
afterAll(() => database.drop());

/** Runs DDL in its own schema and reads the table t there. */
let count = 0;
async function target(ddl: string, name = 't'): Promise<Target> {
  const schema = `s${++count}`;
  await database.pool.query(
    `begin; create schema ${schema}; set local search_path = ${schema}; ${ddl}; commit`,
  );
  const found = await readTarget(database.pool, { schema, name });
  if (!found) throw new Error('the table was not found');
  return found;
}

const typeOf = (of: Target, column: string) => of.columns.find(({ name }) => name === column)?.type;

describe('columns', () => {
  it('have their type as PostgreSQL writes it, and their modifier', async () => {
    const found = await target(
      `create table t (a numeric(12,2), b varchar(10), c timestamptz(3), d int[], e interval day to second, f text)`,
    );
    expect(found.columns.map(({ type }) => [type.sql, type.kind, type.name, type.typmod])).toEqual([
      ['numeric(12,2)', 'base', 'numeric', ((12 << 16) | 2) + 4],
      ['character varying(10)', 'base', 'varchar', 14],
      ['timestamp(3) with time zone', 'base', 'timestamptz', 3],
      ['integer[]', 'array', '_int4', -1],
      ['interval day to second', 'base', 'interval', expect.any(Number)],
      ['text', 'base', 'text', -1],
    ]);
    expect(typeOf(found, 'd')?.element).toBe('int4');
  });

  it('of an enum have its labels in order', async () => {
    const found =
      await target(`create type mood as enum ('sad', 'ok'); alter type mood add value 'great' before 'ok';
      create table t (m mood, ms mood[])`);
    expect(typeOf(found, 'm')).toMatchObject({ kind: 'enum', labels: ['sad', 'great', 'ok'], system: false });
    expect(typeOf(found, 'ms')).toMatchObject({ kind: 'array', element: 'mood', labels: null });
  });

  it('of a domain over a domain have the base type, and the conditions of all layers', async () => {
    const found = await target(`create domain amount as numeric(10,2) check (value >= 0);
      create domain price as amount not null check (value < 1000); create table t (p price, q amount)`);
    const p = typeOf(found, 'p');
    expect(p).toMatchObject({ kind: 'base', name: 'numeric', typmod: ((10 << 16) | 2) + 4 });
    expect(p?.sql).toMatch(/price$/);
    expect(p?.domain?.notNull).toBe(true);
    expect(p?.domain?.checks).toEqual(['(VALUE >= (0)::numeric)', '((VALUE)::numeric < (1000)::numeric)']);
    expect(typeOf(found, 'q')?.domain?.notNull).toBe(false);
  });

  it('of composite, range and multirange types', async () => {
    const found = await target(
      `create type pair as (x int, y int); create table t (p pair, r int4range, m int4multirange)`,
    );
    expect(found.columns.map(({ type }) => type.kind)).toEqual(['composite', 'range', 'multirange']);
  });

  it('of arrays of a domain: the type under it, with its modifier', async () => {
    const found =
      await target(`create domain amount as numeric(10,2) check (value > 0); create domain price as amount;
      create domain mark as int[]; create table t (a amount[], b price[], c int[], d mark)`);
    const numeric = { name: 'numeric', system: true, typmod: ((10 << 16) | 2) + 4 };
    expect(found.columns.map(({ type }) => type.item)).toEqual([numeric, numeric, undefined, undefined]);
  });

  it('of arrays of an enum: its labels', async () => {
    const found = await target(
      `create type mood as enum ('sad', 'very happy'); create domain feeling as mood; create table t (a mood[], b feeling[], c mood)`,
    );
    const mood = { name: 'mood', system: false, typmod: -1, labels: ['sad', 'very happy'] };
    expect(found.columns.map(({ type }) => type.item)).toEqual([mood, mood, undefined]);
  });

  it('of composite types and arrays of them: their attributes', async () => {
    const found = await target(`create type pair0 as (x int); create domain amount as numeric(10,2);
      create type pair as (a amount, b varchar(3), c pair0);
      create domain pairs as pair; create table t (a pair, b pair[], c pairs, d pairs[])`);
    const attributes = [
      { name: 'numeric', system: true, typmod: ((10 << 16) | 2) + 4 },
      { name: 'varchar', system: true, typmod: 7 },
      {
        name: 'pair0',
        system: false,
        typmod: -1,
        attributes: [{ name: 'int4', system: true, typmod: -1 }],
      },
    ];
    expect(found.columns.map(({ type }) => type.attributes ?? type.item?.attributes)).toEqual(
      Array(4).fill(attributes),
    );
  });

  it('of user-defined ranges: the type of their bounds, also within other types', async () => {
    const found =
      await target(`create domain amount as numeric(10,2); create type span as range (subtype = amount);
      create type pair as (x span, y amount[], z int4range);
      create table t (a span, b span_multirange, c span[], d pair, e int4range)`);
    const bound = { name: 'numeric', system: true, typmod: ((10 << 16) | 2) + 4 };
    const span = { name: 'span', system: false, typmod: -1, bound };
    expect(found.columns.map(({ type }) => [type.bound, type.item, type.attributes])).toEqual([
      [bound, undefined, undefined],
      [bound, undefined, undefined],
      [undefined, span, undefined],
      [
        undefined,
        undefined,
        [
          span,
          { name: '_amount', system: false, typmod: -1, item: bound },
          { name: 'int4range', system: true, typmod: -1 },
        ],
      ],
      [undefined, undefined, undefined],
    ]);
  });

  it('report whether values of a user-defined type contain points in time, at any depth', async () => {
    const found =
      await target(`create domain moment as timestamptz; create type span as (n int, since moment);
      create type nested as (parts span[]); create type stay as range (subtype = timestamptz);
      create type pair as (a timestamp, b date);
      create table t (span span, nested nested, list span[], stay stay, stays stay_multirange, moment moment, pair pair, n int)`);
    const has = found.columns.filter(({ type }) => type.timesInside).map(({ name }) => name);
    expect(has).toEqual(['span', 'nested', 'list', 'stay', 'stays']);
  });

  it('report what fills them: defaults, identities, generated values', async () => {
    const found =
      await target(`create table t (a int generated always as identity, b int generated by default as identity,
      c text default 'x', d int generated always as (b + 1) stored, e text not null)`);
    expect(
      found.columns.map(({ identity, generated, default: by, notNull, insertable }) => [
        identity,
        generated,
        by,
        notNull,
        insertable,
      ]),
    ).toEqual([
      ['always', null, null, true, false],
      ['by default', null, null, true, true],
      [null, null, "'x'::text", false, true],
      [null, 'stored', null, false, false],
      [null, null, null, true, true],
    ]);
  });

  it('omit dropped ones, and keep 1,600', async () => {
    const names = Array.from({ length: 1_600 }, (_, index) => `c${index}`);
    const found = await target(
      `create table t (${names.map((name) => `${name} text`).join(', ')}); alter table t drop c7`,
    );
    expect(found.columns.map(({ name }) => name)).toEqual(names.filter((name) => name !== 'c7'));
  });

  it('have any name', async () => {
    const long = 'ü'.repeat(31);
    const found = await target(
      `create table "Order ""Lines""" ("Größe" int, "${long}" text, "select" text)`,
      'Order "Lines"',
    );
    expect(found.columns.map(({ name }) => name)).toEqual(['Größe', long, 'select']);
  });
});

describe('keys', () => {
  it('are unique indexes of every kind', async () => {
    const found = await target(`create table t (a int, b text, c text, d int, primary key (b, a),
        constraint d_once unique nulls not distinct (d) deferrable);
      create unique index by_lower on t (lower(c)); create unique index partly on t (c) where d > 0;
      create unique index wide on t (a) include (b, c); create index plain on t (b)`);
    expect(
      found.keys.map((key) => [
        key.name,
        key.primary,
        key.parts.map(({ column, expression }) => column ?? expression),
      ]),
    ).toEqual([
      ['t_pkey', true, ['b', 'a']],
      ['by_lower', false, ['lower(c)']],
      ['d_once', false, ['d']],
      ['partly', false, ['c']],
      ['wide', false, ['a']],
    ]);
    const key = (name: string) => found.keys.find((each) => each.name === name);
    expect(key('d_once')).toMatchObject({ nullsNotDistinct: true, deferrable: true });
    expect(key('partly')).toMatchObject({ predicate: 'd > 0', columns: ['c', 'd'] });
    expect(key('by_lower')?.columns).toEqual(['c']);
    expect(key('wide')?.columns).toEqual(['a']);
    expect(key('t_pkey')).toMatchObject({ nullsNotDistinct: false, deferrable: false, predicate: null });
  });

  it('report whether values with other bytes are equal', async () => {
    const found =
      await target(`create collation ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
      create table t (a text collate ci unique, b text unique)`);
    expect(found.keys.map(({ parts }) => parts[0]?.deterministic)).toEqual([false, true]);
    expect(found.columns.map(({ collation }) => collation)).toEqual([`${found.table.schema}.ci`, null]);
  });
});

describe('constraints', () => {
  it('are CHECK, foreign keys and EXCLUDE', async () => {
    const found = await target(`create table p (x int, y int, primary key (x, y));
      create table t (a int check (a > 0), b int, c int, during int4range,
        constraint a_below_b check (a < b), constraint to_p foreign key (c, b) references p (x, y) match full deferrable,
        constraint apart exclude using gist (during with &&))`);
    expect(found.checks).toEqual([
      { name: 'a_below_b', columns: ['a', 'b'], expression: 'a < b', enforced: true },
      { name: 't_a_check', columns: ['a'], expression: 'a > 0', enforced: true },
    ]);
    expect(found.foreignKeys).toEqual([
      {
        name: 'to_p',
        columns: ['c', 'b'],
        references: { schema: found.table.schema, name: 'p' },
        referencedColumns: ['x', 'y'],
        match: 'full',
        enforced: true,
        deferrable: true,
      },
    ]);
    expect(found.exclusions).toEqual([{ name: 'apart', definition: 'EXCLUDE USING gist (during WITH &&)' }]);
  });

  it.runIf(TESTED_VERSION >= 18)('may not be enforced (PostgreSQL 18)', POSTGRES_18, async () => {
    const found = await target(`create table p (x int primary key);
      create table t (a int, constraint c check (a > 0) not enforced, constraint f foreign key (a) references p not enforced)`);
    expect([found.checks[0]?.enforced, found.foreignKeys[0]?.enforced]).toEqual([false, false]);
  });

  it.runIf(TESTED_VERSION >= 18)(
    'of a key without overlaps is an exclusion, not a key (PostgreSQL 18)',
    POSTGRES_18,
    async () => {
      const found = await target(
        `create table t (of int4range, during int4range, unique (of, during without overlaps))`,
      );
      expect(found.keys).toEqual([]);
      expect(found.exclusions.map(({ name }) => name)).toEqual(['t_of_during_key']);
    },
  );

  it('to a partitioned table are listed once', async () => {
    const found = await target(`create table p (x int primary key) partition by range (x);
      create table p1 partition of p for values from (0) to (10); create table p2 partition of p for values from (10) to (20);
      create table t (x int references p)`);
    expect(found.foreignKeys.map(({ name }) => name)).toEqual(['t_x_fkey']);
  });
});

describe('what PostgreSQL does with each row', () => {
  const does = `create function f() returns trigger language plpgsql as 'begin return new; end';`;

  it('enabled triggers', async () => {
    const found = await target(`${does} create table t (a int);
      create trigger b before insert or update on t for each row execute function f();
      create trigger c after insert on t for each statement execute function f();
      create trigger off before insert on t for each row execute function f(); alter table t disable trigger off`);
    expect(found.triggers).toEqual([
      { name: 'b', timing: 'before', level: 'row', events: ['insert', 'update'] },
      { name: 'c', timing: 'after', level: 'statement', events: ['insert'] },
    ]);
  });

  it('triggers of a single partition count, clones of the parent do not', async () => {
    const found =
      await target(`${does} create table t (a int) partition by list (a); create table t1 partition of t for values in (1);
      create trigger of_all before insert on t for each row execute function f();
      create trigger of_one before insert on t1 for each row execute function f()`);
    expect(found.kind).toBe('partitioned table');
    expect(found.partitionKey).toBe('LIST (a)');
    expect(found.triggers.map(({ name }) => name)).toEqual(['of_all', 'of_one']);
  });

  it('a view takes rows by a rule that always applies, not by one with a condition', async () => {
    const view = 'create table b (a int); create view t as select a, count(*) over () as n from b';
    const always = await target(
      `${view}; create rule r as on insert to t do instead insert into b values (new.a)`,
    );
    expect(always.columns.map(({ insertable }) => insertable)).toEqual([true, true]);
    const never = await target(`${view}; create rule r as on insert to t where new.a = 1 do instead nothing`);
    expect(never.columns.map(({ insertable }) => insertable)).toEqual([false, false]);
  });

  it('rules, which COPY does not follow', async () => {
    const found = await target('create table t (a int); create rule r as on insert to t do instead nothing');
    expect(found.rules).toEqual(['r']);
  });

  it('views: the updatable columns', async () => {
    const found = await target(`create table b (a int, b int); create view t as select a, b + 1 as c from b`);
    expect([found.kind, found.columns.map(({ insertable }) => insertable)]).toEqual(['view', [true, false]]);
  });

  it('views with an INSTEAD OF trigger: all columns do', async () => {
    const found = await target(`${does} create table b (a int); create view t as select a, 'x' as b from b;
      create trigger i instead of insert on t for each row execute function f()`);
    expect(found.columns.map(({ insertable }) => insertable)).toEqual([true, true]);
    expect(found.triggers[0]?.timing).toBe('instead of');
  });
});

describe('a default', () => {
  it('is that of the column, otherwise that of its domain or of the underlying domain', async () => {
    const found = await target(`create domain a as text default 'x' not null; create domain b as a;
      create table t (p a, q b, r b default 'z', s text, g text generated always as ('x') stored)`);
    expect(found.columns.map((column) => column.default)).toEqual([
      `'x'::text`,
      `'x'::text`,
      `'z'::text`,
      null,
      null,
    ]);
  });
});

describe('a role', () => {
  it('sees which columns it may fill, whether its rows are filtered, and nothing of schemas closed to it', async () => {
    const mine = await target(`create table t (a int, b int); alter table t enable row level security;
      create role clerk_${process.pid} login; grant insert (a) on t to clerk_${process.pid};
      grant usage on schema s${count + 1} to clerk_${process.pid}`);
    const hidden = await target('create table t (a int)');
    const client = await connect({ ...database.connection, user: `clerk_${process.pid}` }, 'csvjobs tests');
    try {
      const seen = await readTarget(client, mine.table);
      expect(seen?.columns.map(({ insertable }) => insertable)).toEqual([true, false]);
      expect([mine.rowSecurity, seen?.rowSecurity]).toEqual([false, true]);
      expect(seen?.fingerprint).toBe(mine.fingerprint);
      expect(await readTarget(client, hidden.table)).toBeUndefined();
    } finally {
      await client.end();
      await database.pool.query(`drop owned by clerk_${process.pid}; drop role clerk_${process.pid}`);
    }
  });
});

describe('the fingerprint', () => {
  it.each([
    ['alter table t add d int'],
    ['alter table t alter a type bigint'],
    ['alter table t alter b set not null'],
    [`alter table t alter b set default 'y'`],
    ['create unique index on t (b)'],
    ['alter table t add check (a > 0)'],
    [`comment on column t.a is 'said'; alter table t rename b to c`],
    ['alter table t disable trigger x'],
    ['alter domain d drop constraint d_check'],
    [`alter type e add value 'late'`],
  ])('changes after %s', async (ddl) => {
    const before = await target(`create domain d as int check (value > 0); create type e as enum ('a');
      create function f() returns trigger language plpgsql as 'begin return new; end';
      create table t (a int, b text, dd d, ee e); create trigger x before insert on t for each row execute function f()`);
    const { schema } = before.table;
    const client = await connect(database.connection, 'csvjobs tests');
    await client.query(`set search_path = ${schema}; ${ddl}`).finally(() => client.end());
    expect((await readTarget(database.pool, before.table))?.fingerprint).not.toBe(before.fingerprint);
  });

  it('stays the same after rows, statistics and comments', async () => {
    const before = await target('create table t (a int)');
    const { schema } = before.table;
    await database.pool.query(`insert into ${schema}.t select generate_series(1, 1000)`);
    await database.pool.query(`comment on column ${schema}.t.a is 'said'; analyze ${schema}.t`);
    expect((await readTarget(database.pool, before.table))?.fingerprint).toBe(before.fingerprint);
  });
});

it('a relation that takes no rows or does not exist is no target', async () => {
  await database.pool.query(
    'create sequence public.seq; create materialized view public.mv as select 1 as a',
  );
  for (const name of ['seq', 'mv', 'nothing']) {
    expect(await readTarget(database.pool, { schema: 'public', name })).toBeUndefined();
  }
});

describe('the hash of definitions', () => {
  const TABLE = `create function f() returns trigger language plpgsql as $$ begin return new; end $$;
    create table t (a int, b int) partition by range (a); create table t1 partition of t for values from (1) to (9);
    create trigger g before insert on t1 for each row when (new.a > 1) execute function f('x')`;

  it.each<[string, string, boolean]>([
    [
      'the condition of a trigger',
      `create or replace trigger g before insert on t1 for each row when (new.a > 2) execute function f('x')`,
      true,
    ],
    [
      'the argument of a trigger',
      `create or replace trigger g before insert on t1 for each row when (new.a > 1) execute function f('y')`,
      true,
    ],
    ['a rule', 'create rule r as on insert to t do also delete from t', true],
    ['a policy', 'create policy p on t using (true); alter table t enable row level security', true],
    [
      'nothing',
      `create or replace function f() returns trigger language plpgsql as $$ begin return new; end $$`,
      false,
    ],
    ['a comment', `comment on table t is 'x'; analyze t`, false],
    [
      'a partition, with rows and an index of its own',
      `create table t2 partition of t for values from (9) to (99); insert into t values (9); create index on t2 (b)`,
      false,
    ],
  ])('depends on %s', async (_, sql, differs) => {
    const before = await target(TABLE);
    const { schema } = before.table;
    await database.pool.query(`begin; set local search_path = ${schema}; ${sql}; commit`);
    const now = await readTarget(database.pool, before.table);
    expect(hasSameRules(now!, before)).toBe(!differs);
  });

  it('depends on the query of a view', async () => {
    const before = await target('create table base (a int); create view t as select a from base where a > 1');
    const { schema } = before.table;
    await database.pool.query(
      `create or replace view ${schema}.t as select a from ${schema}.base where a > 2`,
    );
    expect(hasSameRules((await readTarget(database.pool, before.table))!, before)).toBe(false);
  });
});
