/** Batches without the rows that the table has already, read from PostgreSQL. */
import type { Spec, Target } from '@csvjobs/shared';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { START } from '../../../src/pipeline/checkpoint.js';
import { targetHeader } from '../../../src/pipeline/headerRule.js';
import { Reader } from '../../../src/pipeline/reader.js';
import { planRows } from '../../../src/pipeline/target/planRows.js';
import type { TargetBatch } from '../../../src/pipeline/target/targetBatch.js';
import { TargetSink } from '../../../src/pipeline/target/targetSink.js';
import { type Remaining, withoutUnchanged } from '../../../src/pipeline/target/unchangedRows.js';
import { beginBatch } from '../../../src/pipeline/target/upsertBatch.js';
import { rowPlan } from '../../../src/rows/rowPlan.js';
import { copyOut } from '../../../src/sql/copy.js';
import { type Client, connect } from '../../../src/sql/pool.js';
import { readTarget } from '../../../src/sql/target/catalog.js';
import { rowsApart } from '../../../src/sql/target/sideBySide.js';
import { STAGE_STEP } from '../../../src/sql/target/stageStep.js';
import type { UpsertPlan } from '../../../src/sql/target/upsert/statements.js';
import { readStored } from '../../../src/sql/target/upsert/stored.js';
import { createDatabase, type TestDatabase } from '../../support/postgres.js';
import { OPTIONS } from '../support/run.js';

let database: TestDatabase;
let client: Client;
beforeAll(async () => {
  database = await createDatabase({ empty: true });
  client = await connect(database.connection, 'csvjobs tests');
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

let tables = 0;

/** A table, `t` in its DDL, and the plan by which the columns of a file go into it. */
async function planFor(
  ddl: string,
  header: readonly string[],
  csvjobs: Spec['csvjobs'] = { mode: 'update' },
) {
  const schema = `s${++tables}`;
  await client.query(`create schema ${schema}; set search_path = ${schema}; ${ddl}; reset search_path`);
  const target = (await readTarget(client, { schema, name: 't' }))!;
  const spec: Spec = { csvjobs };
  const filePlan = rowPlan(target, spec, header);
  const names = filePlan.columns.map(({ column }) => column);
  return { target, spec, header, plan: planRows(target, filePlan, names, []) as UpsertPlan };
}
type Planned = { target: Target; spec: Spec; header: readonly string[]; plan: UpsertPlan };

/** The records as the reading thread makes a batch of them. */
function batchOf({ target, spec, header, plan }: Planned, records: readonly string[]): TargetBatch {
  const layout = { fields: header.length, lineEnd: 'lf' as const };
  const options = { ...OPTIONS, checkpoint: START, layout, batchRows: 100_000, batchBytes: 2 ** 26 };
  const sink = new TargetSink({ ...options, apart: rowsApart(plan), target });
  const rule = targetHeader({ target, spec });
  const { delimiter, maxRecordBytes } = options;
  const reader = new Reader({ delimiter, maxRecordBytes, layout, rule }, sink);
  const text = [header.join(), ...records].map((line) => `${line}\n`).join('');
  const batches = [...reader.push(Buffer.from(text)), ...reader.end()];
  expect(batches).toHaveLength(1);
  return batches[0]!;
}

async function inTransaction<T>(work: () => Promise<T>): Promise<T> {
  await client.query('begin');
  try {
    return await work();
  } finally {
    await client.query('rollback');
  }
}

const comparedTo = (planned: Planned, records: readonly string[]) =>
  inTransaction(() => withoutUnchanged(client, planned.plan, batchOf(planned, records)));

/** The stage numbers of the rows, as positions from 1. */
function positions({ rows: { count, copy } }: Remaining): number[] {
  const bytes = Buffer.from(copy.buffer, copy.byteOffset, copy.length);
  const numbers: number[] = [];
  let at = 19;
  for (let row = 0; row < count; row++) {
    const columns = bytes.readInt16BE(at);
    numbers.push(Number(bytes.readBigInt64BE(at + 6)) / STAGE_STEP);
    at += 2;
    for (let column = 0; column < columns; column++) at += 4 + Math.max(0, bytes.readInt32BE(at));
  }
  if (count > 0) expect(bytes.subarray(at)).toEqual(Buffer.from([0xff, 0xff]));
  return numbers;
}

const left = async (planned: Planned, records: readonly string[]) => {
  const remaining = await comparedTo(planned, records);
  return remaining && [remaining.found, positions(remaining)];
};

const TABLE = `create table t (id int primary key, name text, price numeric(10,2));
  insert into t select n, 'name ' || n, n from generate_series(-5, 1000) n`;
const HEADER = ['id', 'name', 'price'];
const asTable = (id: number) => `${id},name ${id},${id}.00`;
const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => from + at);

describe('an update', () => {
  it('stages only changed and new rows, under their own numbers', async () => {
    const records = numbers(-5, 20).map(asTable);
    records[3] = '-2,another,-2.00';
    records[10] = '5,,5.00';
    records.push('2000,new,1.00');
    expect(await left(await planFor(TABLE, HEADER), records.slice(0, -1))).toEqual([24, [4, 11]]);
    const far = await planFor(TABLE, HEADER);
    expect(await left(far, numbers(990, 1001).map(asTable))).toEqual([11, [12]]);
  });

  it('has the numbers of its rows on the stage', async () => {
    const planned = await planFor(TABLE, HEADER);
    const records = numbers(1, 30).map(asTable);
    for (const at of [2, 17]) records[at] = `${at + 1},changed,0.00`;
    await inTransaction(async () => {
      const upserts = { jobId: '00000000-0000-7000-8000-000000000000', plan: planned.plan, early: true };
      await client.query(
        'create temporary table job_journal (entry bigserial, job_id uuid, was bigint[], key_columns text[], before text[]) on commit drop',
      );
      const { applied } = await beginBatch(client, upserts, batchOf(planned, records));
      expect(applied).toMatchObject({ updated: 2, unchanged: 28, refused: [] });
    });
  });

  it('stages nothing if all rows are unchanged', async () => {
    const planned = await planFor(TABLE, HEADER);
    const upserts = { jobId: '00000000-0000-7000-8000-000000000000', plan: planned.plan, early: true };
    await inTransaction(async () => {
      // The stage would need a temporary table.
      await client.query('set transaction read only');
      const { applied, waiting } = await beginBatch(
        client,
        upserts,
        batchOf(planned, numbers(1, 500).map(asTable)),
      );
      expect(applied).toMatchObject({ unchanged: 500, updated: 0, inserted: 0 });
      expect(waiting).toEqual({ staged: 0, left: undefined, aside: false });
    });
  });

  it.each([
    ['smallint', [-32767, -300, -1, 0, 1, 255, 256, 32767]],
    ['integer', [-2147483647, -70000, -1, 0, 1, 65536, 2147483647]],
    ['bigint', ['-922337203685477', -1, 0, 1, '4294967296', '922337203685477']],
    [
      'uuid',
      [
        '00000000-0000-0000-0000-000000000001',
        '7fffffff-0000-0000-0000-000000000000',
        'ffffffff-ffff-ffff-ffff-ffffffffffff',
      ],
    ],
    ['date', ['0001-01-01', '1969-12-31', '1999-12-31', '2000-01-01', '2024-02-29', '9999-12-31']],
    [
      'timestamp',
      [
        '0001-01-01 00:00:00',
        '1999-12-31 23:59:59.999999',
        '2000-01-01 00:00:00',
        '2024-03-31 02:30:00.000001',
      ],
    ],
    [
      'timestamptz',
      ['0001-01-01 00:00:00Z', '1999-12-31 23:59:59Z', '2024-03-31 01:30:00Z', '2024-10-27 02:30:00.5+02'],
    ],
  ])('finds keys of %s', async (type, keys) => {
    const values = keys.map((key) => `('${key}', 'x')`).join(', ');
    const planned = await planFor(
      `create table t (day int default 1, k ${type} not null, v text, unique (day, k), unique (k)); insert into t (k, v) values ${values}`,
      ['k', 'v'],
      { mode: 'update', key: ['k'] },
    );
    // A whole number alone must have few others between its ends: the first and the last are compared apart.
    const alone = /int/.test(type) ? keys.map((key) => [key]) : [keys];
    for (const some of alone) {
      const fresh = { ...planned, plan: { ...planned.plan } };
      expect(
        await left(
          fresh,
          some.map((key) => `${key},x`),
        ),
      ).toEqual([some.length, []]);
    }
    const two = await planFor(
      `create table t (day int not null, k ${type} not null, v text, unique (day, k)); insert into t (k, v, day) select k, v, 1 from s${tables}.t`,
      ['day', 'k', 'v'],
    );
    expect(
      await left(
        two,
        keys.map((key) => `1,${key},x`),
      ),
    ).toEqual([keys.length, []]);
  });

  it('compares keys whose later parts have an order of their own', async () => {
    const ddl = `create table t (a int, b text collate "und-x-icu", v text, primary key (a, b)); insert into t
      values (1, 'a', 'x'), (1, 'B', 'x'), (1, 'c', 'x'), (2, 'a', 'x')`;
    const records = ['1,a,x', '1,B,x', '1,c,x', '2,a,x'];
    expect(await left(await planFor(ddl, ['a', 'b', 'v']), records)).toEqual([4, []]);
  });

  it('compares values of any type that a row has', async () => {
    const ddl = `create type mood as enum ('sad', 'happy'); create domain amount as numeric(8,2);
      create table t (id int primary key, a bool, b float8, c bytea, d json, e jsonb, f mood, g amount, h time, i inet, l char(3), m varchar(9));
      insert into t values (1, true, 1.5, '\\x00ff', '{"a":  1}', '{"a": 1}', 'sad', 7.50, '12:30', '10.0.0.1', 'abc', 'm'),
        (2, null, null, null, null, null, null, null, null, null, null, null)`;
    const header = [...'abcdefghilm'];
    const planned = await planFor(ddl, ['id', ...header], { mode: 'update', blanks: 'null' });
    const same = [
      'true',
      '1.5',
      '\\x00ff',
      '"{""a"":  1}"',
      '"{""a"": 1}"',
      'sad',
      '7.50',
      '12:30',
      '10.0.0.1',
      'abc',
      'm',
    ];
    const empty = `2${','.repeat(same.length)}`;
    expect(await left(planned, [`1,${same.join()}`, empty])).toEqual([2, []]);
    const others = [
      'false',
      '2',
      '\\x00',
      '"{""a"": 1}"',
      '{}',
      'happy',
      '7.51',
      '12:31',
      '10.0.0.2',
      'abd',
      '',
    ];
    for (const [at, other] of others.entries()) {
      const fresh = { ...planned, plan: { ...planned.plan } };
      expect(await left(fresh, [`1,${same.with(at, other).join()}`, empty])).toEqual([1, [1]]);
    }
  });

  it('compares arrays: one with other bounds is another value', async () => {
    const ddl = `create table t (id int primary key, a int[], b text[]); insert into t values
      (1, '{1,2}', '{a,NULL}'), (2, '{}', '{}'), (3, '[2:3]={1,2}', '{a,NULL}'), (4, '{1,2}', '{a,"NULL"}')`;
    const same = ['1,"{1,2}","{a,NULL}"', '2,{},{}'];
    const changed = ['3,"{1,2}","{a,NULL}"', '4,"{1,2}","{a,NULL}"'];
    expect(await left(await planFor(ddl, ['id', 'a', 'b']), [...same, ...changed])).toEqual([2, [3, 4]]);
  });

  it('compares intervals, points and ranges: other bytes for an equal range are left to PostgreSQL', async () => {
    const ddl = `create table t (id int primary key, a interval, b point, c int4range); insert into t values
      (1, '1 day 02:00', '(1,2)', '[1,5)'), (2, '1 mon', '(1,2)', '[1,5)'), (3, '26:00', '(1,2)', '[1,5)'),
      (4, '1 day 02:00', '(1,2)', '[1,4]')`;
    const files = ['1 day 02:00', '30 days', '1 day 02:00', '1 day 02:00'];
    const lines = files.map((interval, at) => `${at + 1},${interval},"(1,2)","[1,${at === 3 ? '4]' : '5)'}"`);
    expect(await left(await planFor(ddl, ['id', 'a', 'b', 'c']), lines)).toEqual([1, [2, 3, 4]]);
  });

  it('finds numbers with fewer decimals than their column', async () => {
    const ddl = `create table t (id int primary key, a numeric(10,2), b numeric(12,6), c numeric(5,0), d numeric);
      insert into t values (1, 12.5, 0, 7, 1.50), (2, 12, 100.25, 0, 1.5), (3, -0.5, 123456.123456, -1, 2)`;
    const records = ['1,12.5,0,7,1.50', '2,12,100.25,0,1.5', '3,-.5,123456.123456,-1,2', '4,1,1,1,1'];
    const planned = await planFor(ddl, ['id', 'a', 'b', 'c', 'd']);
    expect(await left(planned, records)).toEqual([3, [4]]);
    // Written otherwise, it is another value where the column has no scale.
    const fresh = { ...planned, plan: { ...planned.plan } };
    expect(await left(fresh, ['1,12.5,0,7,1.5', ...records.slice(1, 3)])).toEqual([2, [1]]);
  });

  it('finds numbers with gaps, as the table has none between them either', async () => {
    const ddl = `create table t (id bigint primary key, v text);
      insert into t select n * 4096, 'x' from generate_series(1, 300) n`;
    const planned = await planFor(ddl, ['id', 'v']);
    const records = numbers(20, 60).map((id) => `${id * 4096},x`);
    expect(await left(planned, records)).toEqual([41, []]);
    // Once they have been found, the rows of the next batch are not counted before.
    expect(await left(planned, [...records.slice(1), '999999,new'])).toEqual([40, [41]]);
  });

  it('leaves empty fields that keep a value to PostgreSQL', async () => {
    const planned = await planFor(TABLE, HEADER);
    expect(await left(planned, ['1,,1.00', asTable(2)])).toEqual([1, [1]]);
  });
});

describe('rows that are skipped', () => {
  it('are found by their keys', async () => {
    const planned = await planFor(TABLE, HEADER, { mode: 'skip' });
    const records = numbers(1, 20).map((id) => `${id},another,0.00`);
    expect(await left(planned, [...records.slice(0, 9), ...records.slice(12)])).toEqual([17, []]);
    expect(await left(planned, numbers(999, 1003).map(asTable))).toEqual([2, [3, 4, 5]]);
  });
});

it('a role needs to read no other columns than those that are compared', async () => {
  const ddl = `${TABLE}; alter table t add secret int; drop role if exists reader_of_some; create role reader_of_some;
    grant select (id, name, price) on t to reader_of_some`;
  for (const csvjobs of [{ mode: 'update' }, { mode: 'skip' }] as const) {
    const planned = await planFor(ddl, HEADER, csvjobs);
    const batch = batchOf(planned, numbers(1, 5).map(asTable));
    const schema = `s${tables}`;
    await inTransaction(async () => {
      if (csvjobs.mode === 'skip')
        await client.query(`revoke select (name, price) on ${schema}.t from reader_of_some`);
      await client.query(`grant usage on schema ${schema} to reader_of_some; set local role reader_of_some`);
      expect(await withoutUnchanged(client, planned.plan, batch)).toMatchObject({ found: 5 });
    });
    await client.query(`drop schema ${schema} cascade; drop role reader_of_some`);
  }
});

describe('no rows are compared', () => {
  it.each([
    ['a key that may be NULL', 'create table t (k int unique, v text)', ['k', 'v'], {}],
    [
      'a part of it that may be',
      'create table t (a int not null, k int, v text, unique (a, k))',
      ['a', 'k', 'v'],
      {},
    ],
    [
      'a key of some rows',
      'create table t (id int primary key generated always as identity, k int not null, v text); create unique index on t (k) where v is not null',
      ['k', 'v'],
      { key: ['k'] },
    ],
    [
      'a DEFAULT in the place of empty fields',
      `create table t (k int primary key, v text default 'x')`,
      ['k', 'v'],
      { blanks: { v: 'default' } },
    ],
    ['a key whose first part is a text', 'create table t (k text primary key, v text)', ['k', 'v'], {}],
    ['a key of decimals', 'create table t (k numeric primary key, v text)', ['k', 'v'], {}],
    ['infinite dates', 'create table t (k date primary key, v text)', ['k', 'v'], {}, 'infinity,x'],
  ] as [string, string, string[], object, string?][])('with %s', async (_, ddl, header, more, record) => {
    const planned = await planFor(ddl, header, { mode: 'update', ...more } as Spec['csvjobs']);
    const batch = batchOf(planned, [record ?? header.map(() => '1').join()]);
    expect(await inTransaction(() => withoutUnchanged(client, planned.plan, batch))).toBeUndefined();
  });

  it('if an update leaves columns out', async () => {
    const ddl = 'create table t (k int primary key, v text, w text)';
    const { plan, ...planned } = await planFor(ddl, ['k', 'v', 'w']);
    const conflict = { ...plan.conflict, sets: plan.conflict.sets.slice(1) };
    expect(await left({ ...planned, plan: { ...plan, conflict } }, ['1,v,w'])).toBeUndefined();
  });
});

describe('batches are not compared', () => {
  const same = numbers(1, 10).map(asTable);
  const changed = same.map((record, at) => (at < 2 ? record.replace('name', 'x') : record));

  /** For each batch, whether it was compared. */
  async function each(planned: Planned, batches: readonly (readonly string[])[]): Promise<boolean[]> {
    const all: boolean[] = [];
    for (const records of batches) all.push((await comparedTo(planned, records)) !== undefined);
    return all;
  }
  const no = (times: number) => Array.from({ length: times }, () => false);

  it('for seven batches after one with too many changes, then for fifteen, and again after one without', async () => {
    const planned = await planFor(TABLE, HEADER);
    const batches = [changed, ...numbers(1, 7).map(() => same), changed, ...numbers(1, 15).map(() => same)];
    batches.push(same, changed, same);
    expect(await each(planned, batches)).toEqual([true, ...no(7), true, ...no(15), true, true, false]);
  });

  it('if their keys are in another order, or far apart', async () => {
    const backwards = [...same].reverse();
    expect(await each(await planFor(TABLE, HEADER), [backwards, same])).toEqual([false, false]);
    expect(await each(await planFor(TABLE, HEADER), [['1,a,1.00', '900,b,1.00'], same])).toEqual([
      false,
      false,
    ]);
  });

  /** Ten rows, of which some have a name of 2,000,000 bytes and the others none. */
  const withNames = (long: string) => `create table t (id int primary key, name text, price numeric(10,2));
    alter table t alter name set storage external;
    insert into t select n, case when ${long} then repeat('x', 2000000) end, n from generate_series(1, 10) n`;
  const nameless = numbers(1, 10).map((id) => `${id},,${id}.00`);

  it('ever again if the rows of the table are much longer', async () => {
    const planned = await planFor(withNames('true'), HEADER, { mode: 'update', blanks: 'null' });
    const batches = [nameless, ...numbers(1, 40).map(() => nameless)];
    expect(await each(planned, batches)).toEqual([true, ...no(40)]);
  });

  it('with long values that the table keeps where the file has none', async () => {
    const planned = await planFor(withNames('n = 4'), HEADER);
    // Had PostgreSQL sent it, no other batch would be compared.
    expect(await left(planned, nameless)).toEqual([9, [4]]);
    expect(await left(planned, nameless)).toEqual([9, [4]]);
  });

  it('with all the rows between two keys that are far apart', async () => {
    const ddl = `create table t (day date, n int, v text, primary key (day, n));
      insert into t select '2020-01-01'::date + n / 100, n, repeat('x', 2000) from generate_series(1, 5000) n`;
    const planned = await planFor(ddl, ['day', 'n', 'v']);
    const readRows = async () => {
      const { rows } = await client.query(
        `select idx_tup_fetch + seq_tup_read as count from pg_stat_xact_user_tables where schemaname = $1 and relname = 't'`,
        [`s${tables}`],
      );
      return rows[0].count;
    };
    await inTransaction(async () => {
      const batch = batchOf(planned, ['2020-01-01,1,', '2020-02-20,5000,']);
      expect(await withoutUnchanged(client, planned.plan, batch)).toBeUndefined();
      expect(await readRows()).toBeLessThan(10);
      // Nor if none of them is short enough to be sent.
      const all = { range: 'true', short: 'octet_length(t.v) < 10', limit: 4, distance: undefined };
      await readStored(client, planned.plan, all, () => {});
      expect(await readRows()).toBeLessThan(20);
    });
  });
});

describe('the connection', () => {
  const rows = `copy (select repeat('x', 1000) from generate_series(1, 2000)) to stdout; set local enable_sort to default`;

  it('can be used after the reader of the rows has failed', async () => {
    await inTransaction(async () => {
      let pieces = 0;
      const failing = copyOut(client, rows, () => {
        if (++pieces === 2) throw new Error('enough');
      });
      await expect(failing).rejects.toThrow('enough');
      expect(pieces).toBe(2);
      expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    });
  });

  it('can be used after PostgreSQL has refused the statement, at once or in the middle', async () => {
    for (const statement of [
      'copy (select 1 / 0) to stdout',
      'copy (select 1 / (n - 90000) from generate_series(1, 100000) n) to stdout',
    ])
      await inTransaction(async () => {
        await expect(copyOut(client, statement, () => {})).rejects.toMatchObject({ code: '22012' });
        await client.query('rollback');
        expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
      });
  });

  it('that is closed in the middle ends the statement', async () => {
    const other = await connect(database.connection, 'csvjobs tests');
    await other.query('begin');
    const {
      rows: [own],
    } = await other.query('select pg_backend_pid() as pid');
    let killed: Promise<unknown> | undefined;
    const endless = copyOut(
      other,
      `copy (select repeat('x', 1000) from generate_series(1, 3000000)) to stdout`,
      () => {
        killed ??= client.query('select pg_terminate_backend($1)', [own.pid]);
      },
    );
    await expect(endless).rejects.toThrow();
    await killed;
    await other.end().catch(() => {});
  });
});
