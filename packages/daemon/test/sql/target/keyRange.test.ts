/** The part of a table between the keys of a batch: when it is read once instead of searched row by row, with the same result. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Client, connect } from '../../../src/sql/pool.js';
import { readTarget } from '../../../src/sql/target/catalog.js';
import { planLoad } from '../../../src/sql/target/loadPlan.js';
import { keyRange } from '../../../src/sql/target/upsert/keyRange.js';
import type { UpsertPlan } from '../../../src/sql/target/upsert/statements.js';
import { applyUpsert, stageUpsert } from '../../../src/sql/target/upsert/upsert.js';
import { createDatabase, type TestDatabase } from '../../support/postgres.js';

let database: TestDatabase;
let client: Client;
beforeAll(async () => {
  database = await createDatabase({ empty: true });
  client = await connect(database.connection, 'csvjobs tests');
  await client.query(
    'create table job_journal (entry bigserial, job_id uuid, was bigint[], key_columns text[], before text[])',
  );
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

const JOB = '00000000-0000-7000-8000-000000000000';

let tables = 0;

/** Creates a table, `t` in the DDL, fills it, and plans an update by its first key. */
async function planFor(ddl: string, names: readonly string[]): Promise<UpsertPlan & { index: string }> {
  const schema = `s${++tables}`;
  await client.query(`create schema ${schema}; set search_path = ${schema}; ${ddl}; reset search_path`);
  const target = (await readTarget(client, { schema, name: 't' }))!;
  const plan = planLoad(target, names);
  const key = target.keys[0]!;
  const sets = plan.columns.filter(({ name }) => !key.columns.includes(name));
  return {
    ...plan,
    conflict: { onConflict: 'update', updateOnly: false, key, undoKey: key.columns, sets, kept: [] },
    index: `${schema}.${key.name}`,
  };
}

/** Runs work over a stage with these rows, in a transaction that is rolled back. */
async function staged<T>(
  plan: UpsertPlan,
  rows: readonly (string | null)[][],
  work: () => Promise<T>,
): Promise<T> {
  await client.query('begin');
  try {
    const copy = Buffer.from(rows.map((row) => `${row.map((one) => one ?? '\\N').join('\t')}\n`).join(''));
    await stageUpsert(client, plan, { binary: new Uint8Array(), texts: { copy, numbered: false } });
    return await work();
  } finally {
    await client.query('rollback');
  }
}

/** The range of some rows, and how many rows of the table are in it. */
function rangeOf(plan: UpsertPlan, rows: readonly (string | null)[][]): Promise<number | undefined> {
  return staged(plan, rows, async () => {
    const range = await keyRange(client, plan, rows.length);
    if (range === undefined) return undefined;
    const { schema, name } = plan.target.table;
    return (await client.query(`select from ${schema}.${name} t where ${range}`)).rowCount ?? 0;
  });
}

const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => from + at);
const TABLE = `create table t (id int primary key, note text);
  insert into t select n, 'old' from generate_series(1, 1000) n`;

describe('range', () => {
  it('is from the least to the greatest key, in any order, with few rows of the table', async () => {
    const plan = await planFor(TABLE, ['id', 'note']);
    expect(
      await rangeOf(plan, [
        ['30', 'a'],
        ['10', 'b'],
        ['29', 'c'],
        ...numbers(11, 20).map((id) => [`${id}`, 'd']),
      ]),
    ).toBe(21);
    expect(
      await rangeOf(plan, [
        ['2000', 'a'],
        ['3000', 'b'],
      ]),
    ).toBe(0);
  });

  it('is not used if the table has twice as many rows in it, and then not tried for seven batches', async () => {
    const plan = await planFor(TABLE, ['id', 'note']);
    const near = [
      ['1', 'a'],
      ['2', 'b'],
    ];
    expect(
      await rangeOf(plan, [
        ['1', 'a'],
        ['3', 'b'],
      ]),
    ).toBe(3);
    expect(
      await rangeOf(plan, [
        ['1', 'a'],
        ['4', 'b'],
      ]),
    ).toBeUndefined();
    for (let batch = 0; batch < 7; batch++) expect(await rangeOf(plan, near)).toBeUndefined();
    expect(await rangeOf(plan, near)).toBe(2);
  });

  it.each([
    ['tenant, id', ['tenant', 'id'], ['1', '5'], ['1', '7'], 3],
    ['id, code: up to the text', ['id', 'code'], ['5', '5'], ['7', '7'], 3],
    ['code, id: a text first', ['code', 'id'], ['5', '5'], ['5', '7'], undefined],
  ])('is over the first parts whose order is known: %s', async (_, key, first, last, rows) => {
    const plan = await planFor(
      `create table t (tenant int, id bigint, code text, note text, unique (${key.join(', ')}));
       insert into t select 1, n, n::text, 'old' from generate_series(1, 1000) n`,
      [...key, 'note'],
    );
    expect(
      await rangeOf(
        plan,
        [first, last].map((values) => [...values, 'new']),
      ),
    ).toBe(rows);
  });

  it('is in the order of the whole key', async () => {
    const plan = await planFor(
      `create table t (tenant int, id int, note text, unique (tenant, id));
       insert into t select 1 + (n > 500)::int, n from generate_series(1, 1000) n`,
      ['tenant', 'id', 'note'],
    );
    const rows = [
      ['2', '501', 'a'],
      ['1', '499', 'b'],
      ['1', '500', 'c'],
      ['2', '502', 'd'],
    ];
    expect(await rangeOf(plan, rows)).toBe(4);
  });

  it('leaves out keys with NULL, which no row has, and does not exist where they are equal', async () => {
    const ddl = (how: string) =>
      `create table t (id int unique ${how}, note text); insert into t select n from generate_series(1, 1000) n`;
    const rows = [
      [null, 'a'],
      ['5', 'b'],
      ['6', 'c'],
    ];
    expect(await rangeOf(await planFor(ddl(''), ['id', 'note']), rows)).toBe(2);
    expect(await rangeOf(await planFor(ddl(''), ['id', 'note']), [[null, 'a']])).toBeUndefined();
    expect(await rangeOf(await planFor(ddl('nulls not distinct'), ['id', 'note']), rows)).toBeUndefined();
  });

  it('is that of the rows that a partial index covers', async () => {
    const plan = await planFor(
      `create table t (id int, gone bool, note text); create unique index on t (id) where not gone;
       insert into t select n, n % 10 <> 0 from generate_series(1, 1000) n`,
      ['id', 'gone', 'note'],
    );
    const rows = [
      ['10', 'f', 'a'],
      ['30', 'f', 'b'],
      ['900', 't', 'c'],
    ];
    expect(await rangeOf(plan, rows)).toBe(21);
  });
});

it.each([
  ['int primary key', ['10', '12'], 0],
  ['int primary key', ['10', '13'], 2],
  ['numeric primary key', ['10', '12'], 1],
  ['int, part int default 0, unique (id, part)', ['10', '12'], 1],
])('of an id %s, the rows between %j are counted: %i', async (ddl, ids, counted) => {
  const plan = await planFor(
    `create table t (id ${ddl}, note text); insert into t (id) select n from generate_series(1, 1000, 2) n; analyze t`,
    ['id', 'note', ...(ddl.includes('part') ? ['part'] : [])],
  );
  const read = async () => {
    const { rows } = await client.query<{ n: number }>(
      'select pg_stat_get_xact_tuples_returned($1::regclass) as n',
      [plan.index],
    );
    return rows[0]!.n;
  };
  const rows = ids.map((id) => [id, 'new', ...(ddl.includes('part') ? ['0'] : [])]);
  const entries = await staged(plan, rows, async () => {
    const before = await read();
    await keyRange(client, plan, rows.length);
    return (await read()) - before;
  });
  expect(entries).toBe(counted);
});

/** Rows that the table has, changed; one that lies between them, and ones outside. */
describe.each([
  ['int2', ['-32768', '-1', '0', '32767'], '7'],
  ['int8', ['-9223372036854775808', '-10', '2', '9223372036854775807'], '7'],
  ['numeric', ['-Infinity', '-10.50', '2', 'NaN'], '1e20'],
  [
    'uuid',
    [
      '00000000-0000-0000-0000-000000000000',
      '0a000000-0000-0000-0000-000000000000',
      'ffffffff-ffff-ffff-ffff-ffffffffffff',
    ],
    '10000000-0000-0000-0000-000000000000',
  ],
  ['date', ['-infinity', '0044-03-15 BC', '2026-01-31', 'infinity'], '2026-02-01'],
  ['time', ['00:00:00', '12:30:00.000001', '24:00:00'], '01:00:00'],
  ['timestamp', ['0044-03-15 00:00:00 BC', '2026-01-31 12:00:00.000001', 'infinity'], '2026-02-01 00:00:00'],
  [
    'timestamptz',
    ['-infinity', '2026-01-31 12:00:00+05', '2026-01-31 12:00:00.5-05'],
    '2026-01-31 12:00:00+00',
  ],
])('a key of type %s', (type, known, fresh) => {
  it('finds what it has', async () => {
    const plan = await planFor(`create table t (id ${type} primary key, note text)`, ['id', 'note']);
    const table = `${plan.target.table.schema}.t`;
    for (const id of known) await client.query(`insert into ${table} values ($1, 'old')`, [id]);
    const rows = [...known, fresh].map((id, at) => [id, at === 0 ? 'old' : `new ${at}`]);
    expect(await rangeOf(plan, rows)).toBe(known.length);
    const { counts, stored } = await staged(plan, rows, async () => ({
      counts: await applyUpsert(client, plan, JOB, { rows: rows.length, mayRepeat: false }),
      stored: await client.query(
        `select from ${table} t join unnest($1::${type}[], $2::text[]) r (id, note) on t.id = r.id and t.note = r.note`,
        [rows.map(([id]) => id), rows.map(([, note]) => note)],
      ),
    }));
    expect(counts).toEqual({ inserted: 1, updated: known.length - 1, unchanged: 1, skipped: 0, refused: [] });
    expect(stored.rowCount).toBe(rows.length);
  });
});

it('is read once, without the rest of the table, whatever the statistics say', async () => {
  // By its statistics, the table has no row outside of the range.
  const plan = await planFor(
    `create table t (id int primary key, note text) with (autovacuum_enabled = false);
     insert into t select n, 'old' from generate_series(8301, 8700) n; analyze t;
     insert into t select n, 'old' from generate_series(1, 8300) n; insert into t select n, 'old' from generate_series(8701, 9000) n`,
    ['id', 'note'],
  );
  const read = async () => {
    const { rows } = await client.query<Record<'searches' | 'entries' | 'scans', number>>(
      `select pg_stat_get_xact_numscans(i) as searches, pg_stat_get_xact_tuples_returned(i) as entries, pg_stat_get_xact_numscans(t) as scans
       from (select $1::regclass as i, $2::regclass as t) relations`,
      [plan.index, `${plan.target.table.schema}.t`],
    );
    return rows[0]!;
  };
  const readFor = (ids: readonly number[]) =>
    staged(
      plan,
      ids.map((id) => [`${id}`, id % 2 === 0 ? 'old' : 'new']),
      async () => {
        const before = await read();
        await applyUpsert(client, plan, JOB, { rows: ids.length, mayRepeat: false });
        const after = await read();
        return {
          searches: after.searches - before.searches,
          entries: after.entries - before.entries,
          scans: after.scans - before.scans,
        };
      },
    );
  const near = await readFor(numbers(8301, 8700));
  expect(near.searches).toBeLessThan(10);
  expect(near.entries).toBeLessThan(500);
  expect(near.scans).toBe(0);
  const far = await readFor(numbers(1, 200).map((n) => n * 45));
  expect(far.searches).toBeGreaterThanOrEqual(200);
  expect(far.scans).toBe(0);
});
