/**
 * Tables with as many columns as PostgreSQL allows: the stage has room for two fewer, so refused rows are
 * inserted one by one.
 */
import { readSpec } from '@csvjobs/shared';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { inShortIf, LONG } from '../../support/form.js';
import { createDatabase, type TestDatabase } from '../../support/postgres.js';
import { LIMITS, type Loading, openLoading } from '../support/loading.js';
import { makeTargetJob, rejected, type TargetFile } from './support.js';

let loading: Loading;
let database: TestDatabase;
beforeAll(async () => {
  [loading, database] = await Promise.all([openLoading(), createDatabase()]);
});
afterAll(async () => {
  await loading.close();
  await database.drop();
});

const HEADER = Array.from({ length: 1_600 }, (_, at) => `c${at}`);
const table = { schema: 'public', name: 'many' };

async function make(rules: string, types: Record<string, string> = {}): Promise<void> {
  const columns = HEADER.map(
    (name) => `${name} ${types[name] ?? (name === 'c0' ? 'smallint primary key' : 'smallint')}`,
  );
  await database.pool.query(`drop table if exists many; create table many (${columns.join(', ')}${rules})`);
}

async function load(
  records: readonly string[][],
  more: Pick<TargetFile, 'spec'> & { lanes?: number } = {},
): Promise<string> {
  const { lanes = 1, ...file } = more;
  const whole = records.map((cells) => [...cells, ...HEADER.slice(cells.length).map(() => '1')]);
  const id = await makeTargetJob(loading, database.pool, { table, header: HEADER, records: whole, ...file });
  await loading.load(database, id, lanes, { limits: { ...LIMITS, maxRecordBytes: 20_000 } });
  return id;
}

const firsts = async () =>
  (await database.pool.query('select c0 from many order by c0')).rows.map(({ c0 }) => c0);

/** How many rows an undo would find: by the transactions that wrote them, each also by that of its own savepoint. */
async function knownRows(id: string): Promise<number> {
  const { rows } = await database.pool.query<{ known: number }>(
    `select count(*)::int as known from many m where exists (
       select from job_transactions t where t.job_id = $1
         and ((t.xid & 4294967295) = m.xmin::text::bigint or t.others @> m.xmin::text::bigint))`,
    [id],
  );
  return rows[0]!.known;
}

/** Row, code, and the message of each reject. */
async function report(id: string): Promise<[row: number, message: string][]> {
  const { rows } = await database.pool.query(
    'select row_number, message from job_errors where job_id = $1 order by row_number',
    [id],
  );
  return rows.map(({ row_number, message }) => [row_number, message]);
}

it('accepts rows, and rejects unreadable values and rows that violate a check', async () => {
  await make(', check (c1 < 9)');
  const id = await load([['1'], ['2', 'x'], ['3', '9'], ['4']]);
  expect(await firsts()).toEqual([1, 4]);
  const refused = await rejected(database.pool, id);
  expect(refused.map(({ rowNumber, why }) => ({ rowNumber, why }))).toEqual([
    { rowNumber: 2, why: 'not_an_integer' },
    { rowNumber: 3, why: '23514' },
  ]);
});

for (const lanes of [1, 2])
  it(
    `a row that repeats a key affects no other, and names the existing row (${lanes} lanes)`,
    inShortIf(lanes === 2),
    async () => {
      await make('');
      await database.pool.query('insert into many (c0) values (7)');
      const records = Array.from({ length: 30 }, (_, at) => [at % 10 === 9 ? `0${at - 8}` : String(at)]);
      const id = await load(records, { lanes });
      expect(await report(id)).toEqual([
        [8, 'c0: already in many (c0=7)'],
        [10, 'c0: duplicate of row 2 (c0=1)'],
        [20, 'c0: duplicate of row 12 (c0=11)'],
        [30, 'c0: duplicate of row 22 (c0=21)'],
      ]);
      expect(await firsts()).toEqual(Array.from({ length: 30 }, (_, at) => at).filter((at) => at % 10 !== 9));
      expect(await knownRows(id)).toBe(26);
    },
  );

for (const [found, trigger] of [
  ['found in advance', ''],
  [
    'found by the insert',
    `create or replace function odd() returns trigger language plpgsql as $$ begin
       if new.c1 = 3 then raise exception 'no'; end if; return null; end $$;
     create trigger odd after insert on many for each row execute function odd()`,
  ],
] as const)
  it(`repeating two keys names the first in table order: ${found}`, inShortIf(trigger !== ''), async () => {
    await make('', { c0: 'smallint', c2: 'numeric' });
    // PostgreSQL names the key that was created first, the table the primary key.
    await database.pool.query(
      `alter table many add unique (c2, c3); alter table many add primary key (c0); ${trigger}`,
    );
    const id = await load([
      ['1', '1', '1'],
      ['2', '1', '1.0'],
      ['1', '1', '1'],
      ['3', '1', '3'],
      ['4', '3', '4'],
    ]);
    expect(await report(id)).toEqual([
      [2, expect.stringMatching(/^(c2, c3: )?(duplicate of row 1|already in many).*c2=1.*, c3=1/)],
      [3, expect.stringMatching(/^c0: .*\(c0=1\)$/)],
      ...(trigger === '' ? [] : [[5, 'refused by a trigger (P0001): no']]),
    ]);
  });

it('texts that only PostgreSQL reads, references, checks and NULL', LONG, async () => {
  await database.pool.query(
    'drop table if exists many, p; create table p (id int primary key); insert into p values (1)',
  );
  await make(', check (c3 > 0), foreign key (c2) references p', { c1: 'interval day not null', c2: 'int' });
  const id = await load([
    ['1', '5', '1'],
    ['2', 'soon', '1'],
    ['3', '5', '9'],
    ['4', '5', '1', '0'],
    ['5', '', '1'],
    ['6', '1 day', '1'],
  ]);
  expect(await report(id)).toEqual([
    [2, expect.stringContaining('invalid input syntax for type interval: "soon"')],
    [3, 'c2: 9 is not in p.id (many_c2_fkey)'],
    [4, expect.stringMatching(/^c3: the check many_c3_check .* does not hold$/)],
    [5, 'c1: a value is required'],
  ]);
  const { rows } = await database.pool.query('select c0, c1::text from many order by c0');
  expect(rows).toEqual([
    { c0: 1, c1: '5 days' },
    { c0: 6, c1: '1 day' },
  ]);
});

it('a row that a rule drops: the reason names rules too', LONG, async () => {
  await make('');
  await database.pool.query('create rule odd as on insert to many where new.c0 = 3 do instead nothing');
  const id = await load([['1'], ['3']]);
  expect(await report(id)).toEqual([[2, 'a trigger or a rule of the table dropped the row']]);
});

it('a trigger that changes, drops and raises, and a self-reference', LONG, async () => {
  await make(', foreign key (c1) references many');
  await database.pool.query(`create or replace function odd() returns trigger language plpgsql as $$ begin
      if new.c0 = 3 then return null; end if; if new.c0 = 4 then raise exception 'no'; end if; new.c2 := 7; return new; end $$;
    create trigger odd before insert on many for each row execute function odd()`);
  const id = await load([
    ['1', '1'],
    ['2', '5'],
    ['3', '1'],
    ['4', '1'],
    ['5', '1'],
  ]);
  expect(await report(id)).toEqual([
    [2, expect.stringMatching(/^c1: 5 is not in many\.c0 \(many_c1_fkey\)$/)],
    [3, 'a trigger or a rule of the table dropped the row'],
    [4, 'refused by a trigger (P0001): no'],
  ]);
  const { rows } = await database.pool.query('select c0, c2 from many order by c0');
  expect(rows).toEqual([
    { c0: 1, c2: 7 },
    { c0: 5, c2: 7 },
  ]);
});

it('a missing right ends the job, unless the row names the table, or a trigger claims it in its own words', async () => {
  await make('');
  const role = `many_${process.pid}`;
  await database.pool.query(`create role ${role}; create table closed (n int);
    create function lacks() returns trigger language plpgsql security definer as $$ begin
      if new.c0 = 2 then raise insufficient_privilege using message = 'permission denied for table x'; end if;
      if new.c0 = 3 then raise undefined_object using message = 'unknown'; end if;
      if new.c0 = 4 then execute 'select from closed'; end if;
      if new.c0 = 5 then perform from closed; end if;
      return new; end $$;
    alter function lacks() owner to ${role};
    create trigger lacks before insert on many for each row execute function lacks()`);
  const id = await load([['1'], ['2'], ['3'], ['4']]);
  expect(await report(id)).toEqual([
    [2, expect.stringContaining('permission denied for table x')],
    [3, expect.stringContaining('unknown')],
    [4, expect.stringContaining('permission denied for table closed')],
  ]);
  await expect(load([['6'], ['5']])).rejects.toMatchObject({ code: 'target_denied' });
  expect(await firsts()).toEqual([1]);
  await database.pool.query(`drop table many, closed; drop function lacks; drop role ${role}`);
});

it('a deferred key refuses the row that repeats it', LONG, async () => {
  await make(', unique (c2) deferrable initially deferred');
  const id = await load([
    ['1', '1', '5'],
    ['2', '1', '5'],
    ['x', '1', '6'],
  ]);
  expect(await report(id)).toEqual([
    [2, 'c2: duplicate of row 1 (c2=5)'],
    [3, expect.stringContaining('"x"')],
  ]);
  expect(await firsts()).toEqual([1]);
});

it('a rule of a partition is that of the table, and one of another table is not', LONG, async () => {
  await make(') partition by range (c0', { c1: 'smallint not null' });
  await database.pool.query('create table many_1 partition of many for values from (0) to (100)');
  const id = await load([['1'], ['2', '']]);
  expect(await report(id)).toEqual([[2, 'c1: a value is required']]);
  await make('', { c1: 'smallint' });
  await database.pool.query(`create schema other; create table other.many (c0 int, c1 int not null); create table other.more (c0 int, c1 int not null);
    create function other.f() returns trigger language plpgsql as $$ begin
      if new.c0 = 1 then insert into other.many values (1, null); end if;
      if new.c0 = 2 then insert into other.more values (2, null); end if;
      return new; end $$;
    create trigger f before insert on many for each row execute function other.f()`);
  expect(await report(await load([['1'], ['2'], ['3']]))).toEqual([
    [1, expect.stringMatching(/^PostgreSQL refused the row .*"c1" of relation "many"/)],
    [2, expect.stringMatching(/^PostgreSQL refused the row .*"c1" of relation "more"/)],
  ]);
  await database.pool.query('drop schema other cascade');
});

it('a trigger that gives a row another key, writes elsewhere, drops rows, and runs out of space', async () => {
  await make('');
  await database.pool.query(`drop table if exists seen; create table seen (n int);
    create or replace function odd() returns trigger language plpgsql as $$ begin
      insert into seen values (new.c0);
      if new.c1 = 2 then return null; end if;
      if new.c1 = 3 then raise exception 'no'; end if;
      if new.c1 = 4 then raise exception 'no space' using errcode = '53100'; end if;
      if new.c1 = 5 then new.c0 := 100; end if;
      return new; end $$;
    create trigger odd before insert on many for each row execute function odd()`);
  const id = await load([
    ['1', '5'],
    ['2', '1'],
    ['2', '5'],
    ['3', '2'],
    ['4', '3'],
  ]);
  expect(await report(id)).toEqual([
    [3, 'c0: already in many, perhaps from an earlier row of this file (c0=100)'],
    [4, 'a trigger or a rule of the table dropped the row'],
    [5, 'refused by a trigger (P0001): no'],
  ]);
  expect((await database.pool.query('select n from seen order by n')).rows).toEqual([{ n: 1 }, { n: 2 }]);
  expect(await knownRows(id)).toBe(2);
  await expect(
    load([
      ['5', '3'],
      ['6', '4'],
    ]),
  ).rejects.toMatchObject({ code: '53100' });
  expect(await firsts()).toEqual([2, 100]);
});

it.each([
  ['skips or updates known rows', { mode: 'skip' as const }],
  ['fills empty fields with the DEFAULT', { blanks: 'default' as const }],
])('is refused before any row is loaded if the file %s', async (why, csvjobs) => {
  await make('');
  await expect(load([['1']], { spec: readSpec({ csvjobs }) })).rejects.toMatchObject({
    code: 'too_many_columns',
    retryable: false,
    message: expect.stringContaining(why),
  });
  expect(await firsts()).toEqual([]);
});
