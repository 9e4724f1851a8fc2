/** Columns looked up by natural keys: what a load stores and rejects, compared with a lookup per record. */
import { readSpec, type SpecInput, sentenceOf, type TargetReason } from '@csvjobs/shared';
import { beforeEach, describe, expect, it } from 'vitest';
import { connect } from '../../../src/sql/pool.js';
import { readTarget } from '../../../src/sql/target/catalog.js';
import { planLoad } from '../../../src/sql/target/loadPlan.js';
import { fillLookups } from '../../../src/sql/target/lookups.js';
import { readLookups } from '../../../src/sql/target/lookupTables.js';
import { createStage } from '../../../src/sql/target/stage.js';
import { inShortIf } from '../../support/form.js';
import { openTestLoad } from '../support/testLoad.js';
import { expectCounters, type Interruptions, makeTargetJob, randomOf, runToEnd } from './support.js';

const { loading, db } = await openTestLoad();

const TABLE = { schema: 'Sales', name: 't' };
const TABLES = `drop schema if exists "Sales" cascade; create schema "Sales";
  create domain "Sales".code as varchar(6) check (value <> 'never');
  create table "Sales"."Shops" (id int primary key, code "Sales".code, region text collate "C", no numeric(8,2), open date);
  insert into "Sales"."Shops" select n, 'c' || n % 50, case when n % 5 = 0 then null else 'r' || n % 3 end, n % 40, date '2024-01-01' + n % 30
    from generate_series(1, 60) n;
  create table "Sales".t (a int primary key, shop int references "Sales"."Shops" check (shop <> 7), other int, n int check (n < 5))`;
beforeEach(() => db.pool.query(TABLES));

const SPEC: SpecInput = {
  csvjobs: {
    lookup: {
      shop: { table: '"Sales"."Shops"', value: 'id', by: { code: 'Code', region: 'Region' } },
      other: { table: '"Sales"."Shops"', value: 'id', by: { no: 'No' } },
    },
  },
};
const HEADER = ['a', 'Code', 'Region', 'No', 'n'];

function recordsOf(seed: number): string[][] {
  const random = randomOf(seed);
  const draw = (values: readonly string[]) => values[Math.floor(random() * values.length)]!;
  const codes = ['c1 ', 'c999', 'longer than six', '', 'c7'];
  // 1 to 20 exist twice.
  const numbers = Array.from({ length: 25 }, (_, at) => String(at + 15)).concat(
    '031',
    '30.00',
    '31.239',
    'x',
    '99',
    '',
    '3e1',
  );
  return Array.from({ length: 400 }, (_, at) => {
    const shop = 1 + Math.floor(random() * 50);
    const wrong = random() < 0.2;
    return [
      at % 5 === 4 ? draw([...[20, 101, 1].map((back) => String(Math.abs(at - back))), 'x']) : String(at),
      wrong ? draw(codes) : `c${shop}`,
      wrong ? draw(['r1', 'R1', '']) : shop % 5 === 0 ? '' : `r${shop % 3}`,
      draw(numbers),
      draw(['1', '2', '3', '4', '1', '2', '3', '4', '9', 'x']),
    ];
  });
}

type Outcome = { table: unknown[]; refused: [row: number, codes: string[]][] };

/**
 * Looks up and inserts one record at a time. A value that is unreadable, or not found exactly once, rejects
 * the record.
 */
async function oracle(records: readonly string[][]): Promise<Outcome> {
  const refused: Outcome['refused'] = [];
  for (const [at, [a, code, region, no, n]] of records.entries()) {
    const codes: string[] = [];
    if (!/^\d+$/.test(a!)) codes.push('not_an_integer');
    if (!/^\d*$/.test(n!)) codes.push('not_an_integer');
    if (no === 'x') codes.push('not_a_number');
    const shop = await found(codes, [code!, region!], 'code::text = $1 and region = $2');
    const other = no === 'x' ? null : await found(codes, [no!], 'no = $1::numeric');
    if (shop === 7) codes.push('check_failed');
    if (n === '9') codes.push('check_failed');
    const { rowCount } =
      codes.length > 0
        ? { rowCount: 1 }
        : await db.pool.query('insert into "Sales".t values ($1, $2, $3, $4) on conflict do nothing', [
            a,
            shop,
            other,
            n,
          ]);
    if (rowCount === 0) codes.push('duplicate_in_file');
    if (codes.length > 0) refused.push([at + 1, codes]);
  }
  return { table: await stored(), refused };
}

async function found(codes: string[], key: string[], condition: string): Promise<number | null> {
  if (key.every((part) => part === '')) return null;
  const values = key.map((part) => (part === '' ? null : part));
  const { rows } = await db.pool
    .query<{ id: number }>(`select id from "Sales"."Shops" where ${condition}`, values)
    .catch(() => ({ rows: [] }));
  if (rows.length !== 1) codes.push(rows.length === 0 ? 'lookup_missing' : 'lookup_ambiguous');
  return rows.length === 1 ? rows[0]!.id : null;
}

const stored = async () => (await db.pool.query('select * from "Sales".t order by a')).rows;

const WAYS: [string, Interruptions][] = [
  ['one lane', { lanes: 1 }],
  ['two lanes, and three attempts', { lanes: 2, stopsAt: [70, 200] }],
  ['four lanes, and an attempt that fails before a commit', { lanes: 4, stopsAt: [5], failsAt: 4 }],
];

for (const [way, how] of WAYS)
  it(`${way}: the same as record by record`, inShortIf(how.lanes === 4), async () => {
    const records = recordsOf(5);
    const expected = await oracle(records);
    const all = new Set(expected.refused.flatMap(([, codes]) => codes));
    expect([...all].sort()).toEqual(
      [
        'check_failed',
        'duplicate_in_file',
        'lookup_ambiguous',
        'lookup_missing',
        'not_a_number',
        'not_an_integer',
      ].sort(),
    );
    expect(expected.table.length).toBeGreaterThan(40);
    await db.pool.query(TABLES);
    const file = { table: TABLE, header: HEADER, records, spec: readSpec(SPEC) };
    const id = await makeTargetJob(loading, db.pool, file);
    await runToEnd(loading, db, id, how);
    const { rows } = await db.pool.query<{ row_number: number; reasons: TargetReason[]; message: string }>(
      'select row_number, reasons, message from job_errors where job_id = $1 order by 1',
      [id],
    );
    const refused = rows.map(({ row_number, reasons }) => [row_number, reasons.map(({ code }) => code)]);
    expect({ table: await stored(), refused }).toEqual(expected);
    for (const { reasons, message } of rows) expect(message).toBe(reasons.map(sentenceOf).join('; '));
    await expectCounters(db.pool, id, records.length, refused.length);
  });

for (const [way, how] of WAYS)
  it(
    `${way}: of several records looked up to one key, the first is loaded`,
    inShortIf(how.lanes === 2),
    async () => {
      await db.pool.query(
        'create table "Sales".u (shop int primary key references "Sales"."Shops", n int check (n <> 7))',
      );
      // Each of 21 to 39 exists once, and appears every 19 records, in several forms. Record 7 is rejected.
      const forms = ['', '0', '+', ' '];
      const records = Array.from({ length: 240 }, (_each, at) => [
        `${forms[Math.floor(at / 19) % forms.length]}${21 + (at % 19)}`,
        String(at + 1),
      ]);
      const spec = readSpec({
        csvjobs: { lookup: { shop: { table: '"Sales"."Shops"', value: 'id', by: { no: 'No' } } } },
      });
      const file = { table: { schema: 'Sales', name: 'u' }, header: ['No', 'n'], records, spec };
      const id = await makeTargetJob(loading, db.pool, file);
      await runToEnd(loading, db, id, how);
      const { rows } = await db.pool.query('select shop, n from "Sales".u order by shop');
      expect(rows).toEqual(
        Array.from({ length: 19 }, (_each, at) => ({ shop: 21 + at, n: at === 6 ? 26 : at + 1 })),
      );
      await expectCounters(db.pool, id, records.length, records.length - 19);
    },
  );

it('names the missing key, and shows it under the column', async () => {
  const records = [
    ['1', 'c60', 'r1', '', '1'],
    ['2', 'c1', '', '', '1'],
    ['3', '', '', '5', '1'],
    ['4', 'c1', 'r1', '', '1'],
  ];
  const id = await makeTargetJob(loading, db.pool, {
    table: TABLE,
    header: HEADER,
    records,
    spec: readSpec(SPEC),
  });
  await runToEnd(loading, db, id, { lanes: 1 });
  const { rows } = await db.pool.query(
    'select message, column_name, row from job_errors where job_id = $1 order by row_number',
    [id],
  );
  expect(rows).toEqual([
    {
      message: 'shop: "c60, r1" is not in "Sales"."Shops" (code, region)',
      column_name: 'shop',
      row: { a: '1', shop: 'c60 r1', other: '', n: '1' },
    },
    {
      message: 'shop: "c1" is not in "Sales"."Shops" (code, region)',
      column_name: 'shop',
      row: { a: '2', shop: 'c1', other: '', n: '1' },
    },
    {
      message: 'other: "5" is in "Sales"."Shops".no 2 times',
      column_name: 'other',
      row: { a: '3', shop: '', other: '5', n: '1' },
    },
  ]);
  expect(await stored()).toEqual([{ a: 4, shop: 1, other: null, n: 1 }]);
});

it('a row of the other table without the value is no match', async () => {
  await db.pool.query(`create table "Sales".codes (id int, code text); insert into "Sales".codes values (null, 'a'), (null, 'b'), (7, 'b');
    create table "Sales".v (a int, code int not null)`);
  const lookup = { code: { table: '"Sales".codes', value: 'id', by: { code: 'Code' } } };
  const id = await makeTargetJob(loading, db.pool, {
    table: { schema: 'Sales', name: 'v' },
    header: ['a', 'Code'],
    records: [
      ['1', 'a'],
      ['2', 'b'],
    ],
    spec: readSpec({ csvjobs: { lookup } }),
  });
  await runToEnd(loading, db, id, { lanes: 1 });
  expect((await db.pool.query('select * from "Sales".v')).rows).toEqual([{ a: 2, code: 7 }]);
  const { rows } = await db.pool.query('select message from job_errors where job_id = $1', [id]);
  expect(rows).toEqual([{ message: 'code: "a" is not in "Sales".codes.code' }]);
});

describe('the lookup table', () => {
  const wanted = {
    column: 'shop',
    table: '"Sales"."Shops"',
    value: 'id',
    by: [{ column: 'code', input: 'i' }],
  };
  const target = async () => (await readTarget(db.pool, TABLE))!;

  it.each([
    ['is missing', { table: '"Sales"."Shop"' }, 'target_missing', 'shop is looked up, does not exist'],
    ['lacks a column', { value: 'ident' }, 'spec_mismatch', '"Shops" has no column ident; it has id, code'],
    ['is the target', { table: '"Sales".t' }, 'spec_mismatch', 'is the table that is loaded'],
    ['has no schema', { table: 'Shops' }, 'spec_mismatch', 'write the table with its schema'],
  ])('%s', async (_, change, code, says) => {
    await expect(readLookups(db.pool, await target(), [{ ...wanted, ...change }])).rejects.toMatchObject({
      code,
      message: expect.stringContaining(says),
    });
  });

  it('is read by its types without domain and modifier', async () => {
    const by = ['code', 'region', 'no', 'open'].map((column) => ({ column, input: column }));
    const [lookup] = await readLookups(db.pool, await target(), [{ ...wanted, by }]);
    expect(lookup!.by.map(({ type }) => type)).toEqual(['character varying', 'text', 'numeric', 'date']);
  });

  it('has neither the columns of a table of its name in another schema, nor those that were dropped', async () => {
    await db.plain(`drop schema if exists apart cascade; create schema apart; create table apart."Shops" (later int);
      alter table "Sales"."Shops" drop column open`);
    await expect(readLookups(db.pool, await target(), [{ ...wanted, value: 'later' }])).rejects.toThrow(
      'has no column later; it has id, code, region, no.',
    );
    await db.plain('drop schema apart cascade');
  });

  it('is named if the role may not read it, or no longer', async () => {
    const client = await connect(db.connection, 'csvjobs tests');
    try {
      await client.query('create role reader_of_shops');
      await client.query('begin; set local role reader_of_shops');
      await expect(readLookups(client, await target(), [wanted])).rejects.toMatchObject({
        code: 'target_missing',
        message: expect.stringContaining('or the database role has no access to its schema'),
      });
      await client.query('rollback');
      await client.query(`grant usage on schema "Sales" to reader_of_shops;
        grant select (id) on "Sales"."Shops" to reader_of_shops`);
      const [lookup] = await readLookups(client, await target(), [wanted]);
      await client.query('begin; set local role reader_of_shops');
      const denied = {
        code: 'target_denied',
        message: expect.stringContaining('may not read "Sales"."Shops"'),
      };
      await expect(readLookups(client, await target(), [wanted])).rejects.toMatchObject({
        code: 'target_denied',
        message: expect.stringContaining(
          'grant select ("code") on "Sales"."Shops" to "reader_of_shops"; then retry the job',
        ),
      });
      const plan = planLoad(await target(), ['a', 'i'], [lookup!]);
      await createStage(client, plan);
      await expect(fillLookups(client, plan)).rejects.toMatchObject(denied);
      await client.query('rollback');
      await client.query('drop owned by reader_of_shops; drop role reader_of_shops');
    } finally {
      await client.end();
    }
  });
});
