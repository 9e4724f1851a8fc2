/** An undo removes no row that a trigger has changed in a transaction of the job, even if rows of the job are gone. */
import type { Spec } from '@csvjobs/shared';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MOST_STAGED } from '../../../src/sql/target/stageStep.js';
import { LIMITS } from '../../pipeline/support/loading.js';
import { makeTargetJob } from '../../pipeline/target/support.js';
import { inShortIf, LONG, sized, sizedIf } from '../../support/form.js';
import { many, openUndoing, type Undoing } from './undoing.js';

let u: Undoing;
beforeAll(async () => {
  u = await openUndoing();
});
afterAll(() => u.close());
beforeEach(() => u.sql('drop schema u cascade; create schema u'));

const UPDATE = { csvjobs: { mode: 'update', key: ['id'] } } as Spec;
const REPLACE = { csvjobs: { replace: true, maxRemoved: '100%', key: ['id'] } } as Spec;
const IMPOSSIBLE = {
  code: 'undo_impossible',
  message: expect.stringContaining('cannot say which rows are its own'),
};

/** Rows 1 and 2 are there before. A new row makes the others of its group not the latest. */
const LATEST = `create table u.t (id int primary key, grp int not null, latest boolean default true);
  insert into u.t values (1, 1), (2, 2);
  create function u.latest() returns trigger language plpgsql as $$ begin
    update u.t set latest = false where grp = new.grp and id <> new.id and latest; return null; end $$;
  create trigger latest after insert on u.t for each row execute function u.latest()`;

const others = (id: string) =>
  u.sql(
    'select sum(changed_others)::int as n, count(*) - count(changed_others) as unknown from job_transactions where job_id = $1',
    [id],
  );

describe('a trigger that changes rows which were there before', () => {
  const loads: [string, (string | number)[][], Parameters<Undoing['into']>[3]][] = [
    [
      'straight',
      [
        [3, 1],
        [4, 9],
      ],
      { lanes: 1 },
    ],
    ['in several lanes', [[3, 1], ...many(sized(1_000, 3_000), (at) => [at + 10, at + 10])], { lanes: 4 }],
    [
      'one by one',
      [
        [3, 1],
        [4, ''],
        [5, 9],
      ],
      { lanes: 2 },
    ],
    [
      'an update',
      [
        [3, 1],
        [2, 7],
      ],
      { lanes: 2, spec: UPDATE },
    ],
    [
      'an update that is refused a row',
      [
        [3, 1],
        [4, ''],
        [2, 7],
      ],
      { lanes: 1, spec: UPDATE },
    ],
    [
      'all or nothing',
      [
        [3, 1],
        [4, 9],
      ],
      { lanes: 1, spec: { csvjobs: { atomic: true } } as Spec },
    ],
    [
      'a replacement',
      [
        [1, 1],
        [3, 1],
      ],
      { lanes: 1, spec: REPLACE },
    ],
  ];
  for (const [what, records, how] of loads)
    it(what, sizedIf(/lanes|one by one|refused|replacement/.test(what)), async () => {
      await u.sql(LATEST);
      const id = await u.into('t', ['id', 'grp'], records, how);
      expect(await u.sql('select latest from u.t where id = 1')).toEqual([{ latest: false }]);
      expect(await others(id)).toEqual([{ n: 1, unknown: 0 }]);
      // One row of the job less, and the numbers agree.
      await u.sql(records.length > 100 ? 'delete from u.t where id = 10' : 'delete from u.t where id = 3');
      await u.sql('insert into u.t values (4, 9), (5, 9) on conflict do nothing');
      const before = await u.sql('select * from u.t order by id');
      await expect(u.undo(id)).rejects.toMatchObject(IMPOSSIBLE);
      expect(await u.sql('select * from u.t order by id')).toEqual(before);
    });
});

it('a trigger that moves a row to another partition', async () => {
  await u.sql(`create table u.t (id int, grp int, part text default 'now') partition by list (part);
    create table u.now partition of u.t for values in ('now'); create table u.old partition of u.t for values in ('old');
    insert into u.t values (1, 1);
    create function u.archive() returns trigger language plpgsql as $$ begin
      update u.t set part = 'old' where grp = new.grp and id <> new.id; return null; end $$;
    create trigger archive after insert on u.t for each row execute function u.archive()`);
  const id = await u.into(
    't',
    ['id', 'grp'],
    [
      [2, 1],
      [3, 5],
    ],
  );
  await u.sql('delete from u.t where id = 2');
  await expect(u.undo(id)).rejects.toMatchObject(IMPOSSIBLE);
  expect(await u.sql('select id from u.t order by id')).toEqual([{ id: 1 }, { id: 3 }]);
});

describe('a trigger that only adds rows', () => {
  /** Each row of a job gets a row of a trigger, and a refused one leaves none. `-1` is refused, after its trigger. */
  const ECHO = (timing: string, more = '') => `create table u.t (id int primary key, n int) ${more};
    create function u.echo() returns trigger language plpgsql as $$ begin
      if new.id < 1000 then insert into u.t values (new.id + 1000, 0); end if;
      if new.n = -1 then raise 'never'; end if; return null; end $$;
    create ${timing} for each row execute function u.echo()`;
  const AFTER = 'trigger echo after insert on u.t';
  const DEFERRED = 'constraint trigger echo after insert on u.t deferrable initially deferred';
  const PARTS = `partition by range (id); create table u.low partition of u.t for values from (0) to (1000);
    create table u.high partition of u.t for values from (1000) to (5000)`;
  const loads: [string, string, Parameters<Undoing['into']>[3]][] = [
    ['straight', ECHO(AFTER), { lanes: 1 }],
    ['in several lanes', ECHO(AFTER), { lanes: 4 }],
    ['deferred', ECHO(DEFERRED), { lanes: 2 }],
    ['with partitions', ECHO(AFTER, PARTS), { lanes: 2 }],
    ['an update', ECHO(AFTER), { lanes: 2, spec: UPDATE }],
    ['an update with partitions', ECHO(AFTER, PARTS), { lanes: 1, spec: UPDATE }],
    ['all or nothing', ECHO(AFTER), { lanes: 1, spec: { csvjobs: { atomic: true } } as Spec }],
    // The loop stops for an error that may be about a right or a setting, and runs again: no role is called -1.
    [
      'a loop that runs again',
      ECHO(AFTER).replace("raise 'never'", 'perform new.n::text::regrole'),
      { lanes: 2 },
    ],
  ];
  describe.each(loads)('%s', (what, table, how) => {
    // In the short form one of each: new rows, an update, partitions, and each way to refuse a row.
    const chosen = inShortIf(/^(deferred|an update with|all or|a loop)/.test(what));
    const load = (records: (string | number)[][]) => u.into('t', ['id', 'n'], records, how);
    it.each([
      [
        'accepted rows',
        [
          [1, 1],
          [2, 1],
          [3, 1],
        ],
      ],
      [
        'refused ones too',
        [
          [1, 1],
          [9, -1],
          [2, 1],
          [2, 2],
          [8, -1],
          [3, 1],
        ],
      ],
    ])('with %s', chosen, async (__, records) => {
      await u.sql(table);
      const id = await load(records);
      expect(await others(id)).toEqual([{ n: 3, unknown: 0 }]);
      await u.sql('delete from u.t where id < 1000');
      await expect(u.undo(id)).rejects.toMatchObject(IMPOSSIBLE);
      expect(await u.sql('select id from u.t order by id')).toEqual([
        { id: 1001 },
        { id: 1002 },
        { id: 1003 },
      ]);
    });

    it('does not count if it adds none', chosen, async () => {
      await u.sql(table);
      const id = await load([
        [1001, 1],
        [1002, -1],
        [1003, 1],
        [1003, 2],
        [1004, -1],
      ]);
      expect(await others(id)).toEqual([{ n: 0, unknown: 0 }]);
      expect(await u.undo(id)).toMatchObject({ removed: 2, missing: 0 });
    });
  });

  it('in a table with more columns than a stage has', LONG, async () => {
    const wide = many(MOST_STAGED, (at) => `c${at}`);
    await u.sql(`${ECHO(AFTER)}; alter table u.t ${wide.map((name) => `add ${name} bool`).join(', ')}`);
    const id = await makeTargetJob(u.loading, u.database.pool, {
      table: { schema: 'u', name: 't' },
      header: ['id', 'n', ...wide],
      records: ['1,1', '9,-1', '2,1', '2,2', '1005,1', '3,1'].map((row) => [
        ...row.split(','),
        ...wide.map(() => ''),
      ]),
    });
    await u.loading.load(u.database, id, 1, { limits: { ...LIMITS, maxRecordBytes: 100_000 } });
    expect(await others(id)).toEqual([{ n: 3, unknown: 0 }]);
  });
});

describe('only rows of others count', () => {
  /** A trigger that changes only the row that is written, as most do, and a foreign key that refuses rows late. */
  const STAMPED = `create table u.up (id int primary key); insert into u.up values (1);
    create table u.t (id int primary key, up int references u.up, stamp int);
    insert into u.t values (1, 1), (2, 1);
    create function u.stamp() returns trigger language plpgsql as $$ begin new.stamp := 7; return new; end $$;
    create trigger stamp before insert or update on u.t for each row execute function u.stamp()`;
  for (const lanes of [1, 2, 4])
    it(
      `${lanes} lanes: not the job own, and not those of refused records`,
      inShortIf(lanes === 2),
      async () => {
        await u.sql(STAMPED);
        await u.sql('insert into u.up select generate_series(2, 5)');
        const before = await u.sql('select id, up from u.t order by id');
        const records = [
          [1, 2],
          [2, 99],
          [3, 3],
          [4, 98],
          [1, 4],
          [3, 5],
        ];
        const id = await u.into('t', ['id', 'up'], records, { lanes, spec: UPDATE });
        expect(await others(id)).toEqual([{ n: 0, unknown: 0 }]);
        expect(await u.undo(id)).toMatchObject({ removed: 1, restored: 1, missing: 0 });
        expect(await u.sql('select id, up from u.t order by id')).toEqual(before);
      },
    );

  it('a replacement, an update after it, and their undo in both orders', async () => {
    await u.sql(STAMPED);
    const before = await u.sql('select * from u.t order by id');
    const first = await u.into(
      't',
      ['id', 'up'],
      [
        [1, ''],
        [3, 1],
      ],
      { lanes: 1, spec: REPLACE },
    );
    const second = await u.into(
      't',
      ['id', 'up'],
      [
        [1, 1],
        [3, ''],
        [9, 1],
      ],
      { lanes: 2, spec: UPDATE },
    );
    expect(await others(first)).toEqual([{ n: 0, unknown: 0 }]);
    expect(await u.undo(second)).toMatchObject({ removed: 1, restored: 1 });
    expect(await others(first)).toEqual([{ n: 0, unknown: 0 }]);
    expect(await u.undo(first)).toMatchObject({ removed: 1, restored: 2 });
    expect(await u.sql('select id, up from u.t order by id')).toEqual(
      before.map(({ id, up }) => ({ id, up })),
    );
  });
});

it('an undo whose triggers change other rows gives them the ids of the job that gets its rows back', async () => {
  await u.sql(`create table u.t (id int primary key, a int, touched int default 0); insert into u.t values (1, 1);
    create function u.touch() returns trigger language plpgsql as $$ begin
      update u.t set touched = touched + 1 where id = 1; return null; end $$`);
  const first = await u.into(
    't',
    ['id', 'a'],
    [
      [2, 1],
      [3, 1],
    ],
  );
  const second = await u.into('t', ['id', 'a'], [[2, 2]], { spec: UPDATE });
  await u.sql(
    `create trigger touch after update on u.t for each row when (new.id > 1) execute function u.touch()`,
  );
  expect(await u.undo(second)).toMatchObject({ restored: 1 });
  await u.sql('delete from u.t where id = 3');
  await expect(u.undo(first)).rejects.toMatchObject(IMPOSSIBLE);
  expect(await u.sql('select id from u.t order by id')).toEqual([{ id: 1 }, { id: 2 }]);
});

it.each([
  ['restores', 'update', UPDATE],
  ['brings back', 'insert', { csvjobs: { replace: true, maxRemoved: '100%' } } as Spec],
])('so does one that %s rows one by one, because others are refused', async (_, event, spec) => {
  await u.sql(`create table u.t (id int primary key, a int, touched int default 0); insert into u.t values (1, 1);
    create function u.touch() returns trigger language plpgsql as $$ begin
      if new.id = 4 then raise 'no'; end if;
      update u.t set touched = touched + 1 where id = 1; return null; end $$`);
  const records = (a: number) => [2, 3, 4].map((id) => [id, a]);
  const first = await u.into('t', ['id', 'a'], records(1));
  const second = await u.into(
    't',
    ['id', 'a'],
    event === 'update'
      ? records(2).filter(([id]) => id !== 3)
      : [
          [1, 1],
          [3, 1],
        ],
    { spec },
  );
  await u.sql(
    `create trigger touch after ${event} on u.t for each row when (new.id > 1) execute function u.touch()`,
  );
  expect(await u.undo(second)).toMatchObject({ restored: 1, refused: 1 });
  expect(await others(first)).toEqual([{ n: 1, unknown: 0 }]);
  await u.sql('delete from u.t where id = 3');
  await expect(u.undo(first)).rejects.toMatchObject(IMPOSSIBLE);
  expect((await u.sql('select id from u.t order by id')).map(({ id }) => id)).toEqual(
    event === 'update' ? [1, 2, 4] : [1, 2],
  );
});

it('rows that are all gone are counted, whatever triggers have changed', async () => {
  await u.sql(LATEST);
  const id = await u.into('t', ['id', 'grp'], [[3, 1]]);
  await u.sql('delete from u.t where id = 3; update u.t set grp = 5');
  expect(await u.undo(id)).toMatchObject({ removed: 0, missing: 1 });
  expect(await u.sql('select id from u.t order by id')).toEqual([{ id: 1 }, { id: 2 }]);
});

describe('if it was not counted, as by an older daemon', () => {
  const forget = (id: string) =>
    u.sql('update job_transactions set changed_others = null where job_id = $1', [id]);

  it('a table with triggers is refused', async () => {
    await u.sql(LATEST);
    const id = await u.into(
      't',
      ['id', 'grp'],
      [
        [3, 1],
        [4, 9],
      ],
    );
    await forget(id);
    await u.sql('delete from u.t where id = 3');
    await expect(u.undo(id)).rejects.toMatchObject(IMPOSSIBLE);
    expect(await u.sql('select id from u.t order by id')).toEqual([{ id: 1 }, { id: 2 }, { id: 4 }]);
  });

  it.each([
    ['the rest is unknown', null],
    ['the rest changed others', 1],
  ])('a part of the job is known to have changed no others, and %s', async (_, n) => {
    await u.sql(LATEST);
    const id = await u.into('t', ['id', 'grp'], [[3, 1]]);
    await u.writeAs(id, ['insert into u.t values (4, 9)'], { inserted: 1 });
    await u.sql('update job_transactions set changed_others = $2 where job_id = $1 and changed_others = 1', [
      id,
      n,
    ]);
    await u.sql('delete from u.t where id = 3');
    await expect(u.undo(id)).rejects.toMatchObject(IMPOSSIBLE);
    expect(await u.sql('select id from u.t order by id')).toEqual([{ id: 1 }, { id: 2 }, { id: 4 }]);
  });

  it('a table with a key to itself that changes rows is refused', async () => {
    await u.sql(`create table u.t (id int primary key, b int unique, up int references u.t (b) on update cascade);
      insert into u.t values (1, 1, null), (2, null, 1)`);
    const records = [
      [1, 10],
      [3, ''],
    ];
    const id = await u.into('t', ['id', 'b'], records, { lanes: 1, spec: UPDATE });
    expect(await u.sql('select up from u.t where id = 2')).toEqual([{ up: 10 }]);
    await forget(id);
    await u.sql('delete from u.t where id = 3');
    await expect(u.undo(id)).rejects.toMatchObject(IMPOSSIBLE);
    expect(await u.sql('select id, up from u.t order by id')).toEqual([
      { id: 1, up: null },
      { id: 2, up: 10 },
    ]);
  });

  it('a table without any is undone', async () => {
    await u.sql('create table u.t (id int primary key)');
    const id = await u.into('t', ['id'], [[3], [4]]);
    await forget(id);
    expect(await u.undo(id)).toMatchObject({ removed: 2 });
  });

  it('a database that counts nothing', async () => {
    await u.sql(`${LATEST}; alter database ${u.database.pool.options.database} set track_counts = off`);
    const id = await u.into(
      't',
      ['id', 'grp'],
      [
        [3, 1],
        [4, 9],
      ],
      { lanes: 1 },
    );
    await u.sql(`alter database ${u.database.pool.options.database} reset track_counts`);
    expect(await others(id)).toEqual([{ n: null, unknown: 1 }]);
    await u.sql('delete from u.t where id = 3');
    await expect(u.undo(id)).rejects.toMatchObject(IMPOSSIBLE);
  });
});
