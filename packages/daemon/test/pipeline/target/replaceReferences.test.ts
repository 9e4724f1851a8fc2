/** Replacing the content of a table whose rows are referenced, or whose triggers change what is removed. */
import { describe, expect, it } from 'vitest';
import { inShortIf } from '../../support/form.js';
import { openReplacing, records, replaceJob, runOnce } from './replacing.js';

const { r, sql, make, refused } = await openReplacing();

describe('rows that others reference', () => {
  const CASES = [
    ['refuses', ''],
    ['cascades', 'on delete cascade'],
    ['changes rows', 'on delete set null'],
    ['is deferred', 'deferrable initially deferred'],
  ];
  for (const [what, action] of CASES)
    it(
      `stay, and so do all others, if a foreign key ${what}`,
      inShortIf(/cascades|deferred/.test(what!)),
      async () => {
        await make();
        await sql(
          `create table ref (id int, k int references t ${action}); insert into ref values (1, 3), (2, 4), (3, 50)`,
        );
        const id = await replaceJob(r, ['k', 'n'], records(5, 100));
        const error = await refused(id);
        expect(error.code).toBe('rows_referenced');
        expect(error.message).toContain(
          '2 rows of public.t that are not in the file are referenced by public.ref (ref_k_fkey), such as k = 3',
        );
        expect(await sql('select id, k from ref order by id')).toHaveLength(3);
        const { job } = await runOnce(r, await replaceJob(r, ['k', 'n'], records(3, 100)));
        expect(job.counts).toMatchObject({ removed: 2 });
        expect(await sql('select k from ref order by id')).toEqual([{ k: 3 }, { k: 4 }, { k: 50 }]);
      },
    );

  it('even if a row at the same place of another partition goes', async () => {
    await make(
      `create table t (k int primary key, n int references t on delete cascade) partition by range (k);
       create table t1 partition of t for values from (0) to (10); create table t2 partition of t for values from (10) to (20)`,
      'insert into t values (2, null), (11, 2)',
    );
    const error = await refused(await replaceJob(r, ['k', 'n'], [[11, 2]]));
    expect(error).toMatchObject({
      code: 'rows_referenced',
      message: expect.stringContaining('such as k = 2'),
    });
  });

  it('even remaining rows of the table itself; removed ones are removed together', async () => {
    await make(
      'create table t (k int primary key, n int references t on delete cascade)',
      'insert into t select i, nullif(i - 1, 0) from generate_series(1, 20) i',
    );
    const chain = (first: number) =>
      Array.from({ length: 21 - first }, (_, at) => [first + at, first + at - 1]);
    const error = await refused(await replaceJob(r, ['k', 'n'], chain(5).slice(1)));
    expect(error).toMatchObject({ code: 'rows_referenced' });
    expect(error.message).toContain(
      '1 row of public.t that is not in the file is referenced by public.t (t_n_fkey), such as k = 5',
    );
    const { job } = await runOnce(r, await replaceJob(r, ['k', 'n'], [[10, ''], ...chain(11)]));
    expect(job.counts).toEqual({ inserted: 0, updated: 1, unchanged: 10, skipped: 0, removed: 9 });
  });
});

describe('rows that reference each other, in a table with another unique key', () => {
  const tree = (action: string) =>
    make(
      `create table t (k int primary key, up int references t ${action}, slug text unique)`,
      `insert into t values (1, null, 'a'), (2, 1, 'b'), (3, 2, 'c'), (4, 2, 'd'), (5, 4, 'e')`,
    );
  const replaced = (records: (string | number)[][]) =>
    replaceJob(r, ['k', 'up', 'slug'], records, { key: ['k'] });

  for (const action of ['', 'on delete cascade', 'on delete set null'])
    it(`move before their row goes: ${action}`, inShortIf(action === 'on delete cascade'), async () => {
      await tree(action);
      // 3 leaves 2, which goes with 4 and 5; and the slug of 5 becomes that of a new row.
      const { job, error } = await runOnce(
        r,
        await replaced([
          [1, '', 'a'],
          [3, 1, 'c'],
          [6, 3, 'e'],
        ]),
      );
      expect(error).toBeUndefined();
      expect(job.counts).toEqual({ inserted: 1, updated: 1, unchanged: 1, skipped: 0, removed: 3 });
      expect(job.removedRows?.map(({ k }) => k).sort()).toEqual(['2', '4', '5']);
      expect(await sql('select * from t order by k')).toEqual([
        { k: 1, up: null, slug: 'a' },
        { k: 3, up: 1, slug: 'c' },
        { k: 6, up: 3, slug: 'e' },
      ]);
    });

  it('stay if one still references a row that is not in the file', async () => {
    await tree('on delete cascade');
    expect(
      await refused(
        await replaced([
          [1, '', 'a'],
          [3, 2, 'c'],
        ]),
      ),
    ).toMatchObject({
      code: 'rows_referenced',
      message: expect.stringContaining('such as k = 2'),
    });
  });

  it('a long chain is not searched to its end', async () => {
    await make(
      'create table t (k int primary key, up int references t, slug text unique)',
      'insert into t select i, nullif(i - 1, 0), i from generate_series(1, 300) i',
    );
    const { job } = await runOnce(r, await replaced([[300, '', '300']]));
    expect(job.counts).toMatchObject({ updated: 1, removed: 299 });
  });
});

describe('a trigger', () => {
  for (const [what, body, says] of [
    [
      'keeps rows',
      'if old.k = 2 then return null; end if; return old',
      '4 rows of public.t that are not in the file 3 could',
    ],
    ['refuses', `raise exception 'never'`, 'cannot be removed: never'],
    [
      'hides them instead',
      'update t set n = -1 where k = old.k; return null',
      'that are not in the file 0 could',
    ],
  ] as const)
    it(`that ${what}: nothing is changed`, inShortIf(what !== 'refuses'), async () => {
      await make(`create table t (k int primary key, n int); create function f() returns trigger language plpgsql as $$ begin ${body}; end $$;
      create trigger t before delete on t for each row execute function f()`);
      const error = await refused(await replaceJob(r, ['k', 'n'], records(5, 100)));
      expect(error.code).toBe('rows_not_removed');
      expect(error.message).toContain(says);
    });

  for (const [what, body] of [
    ['removes rows', 'delete from t where k < 3'],
    ['adds rows', 'if new.k < 1000 then insert into t values (new.k + 1000, 0); end if'],
  ] as const)
    it(`that ${what} during the load: nothing is changed`, inShortIf(what === 'adds rows'), async () => {
      await make(
        `create table t (k int primary key, n int);
       create function f() returns trigger language plpgsql as $$ begin ${body}; return null; end $$`,
        `insert into t select i, i from generate_series(1, 50) i;
       create trigger t after insert on t for each row execute function f()`,
      );
      const error = await refused(await replaceJob(r, ['k', 'n'], [...records(1, 50), ['101', '1']]));
      expect(error.code).toBe('rows_not_removed');
      expect(error.message).toContain('a trigger or a rule of the table adds or removes rows');
    });

  it('that changes the key of new rows keeps those rows', async () => {
    await make(
      `create table t (k text primary key, n int); create function f() returns trigger language plpgsql as $$ begin
        new.k := upper(new.k); return new; exception when others then raise; end $$;
      create trigger t before insert on t for each row execute function f()`,
      `insert into t values ('X', 1)`,
    );
    await runOnce(
      r,
      await replaceJob(
        r,
        ['k', 'n'],
        [
          ['a', 1],
          ['b', 2],
        ],
      ),
    );
    expect((await sql('select k from t order by k')).map(({ k }) => k)).toEqual(['A', 'B']);
  });
});
