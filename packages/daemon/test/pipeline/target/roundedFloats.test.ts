/** Numbers that `real` and `double precision` round: loaded, and counted by column, alike by a load, a check and a preview. */
import { join } from 'node:path';
import { type CheckEvent, readSpec, type SpecInput } from '@csvjobs/shared';
import { beforeEach, expect, it } from 'vitest';
import { checkFile } from '../../../src/pipeline/checkFile.js';
import { findJob } from '../../../src/sql/jobs.js';
import { readTarget } from '../../../src/sql/target/catalog.js';
import { previewOf } from '../preview/support.js';
import { LIMITS } from '../support/loading.js';
import { openTestLoad } from '../support/testLoad.js';
import { makeTargetJob, runToEnd } from './support.js';

const { loading, db } = await openTestLoad();
const TABLE = { schema: 'public', name: 't' };
beforeEach(() => db.pool.query('drop table if exists t; drop type if exists pair; drop domain if exists d'));

async function load(header: string[], records: string[][], csvjobs?: SpecInput['csvjobs']) {
  const spec = csvjobs && readSpec({ csvjobs });
  const file = { table: TABLE, header, records, ...(spec && { spec }) };
  const id = await makeTargetJob(loading, db.pool, file);
  const target = (await readTarget(db.pool, TABLE))!;
  const task = { path: join(loading.folder, id), overrides: {}, limits: LIMITS, maxUploadBytes: 1e9 };
  const ends: CheckEvent[] = [];
  for await (const event of checkFile({ ...task, into: { target, spec } })) ends.push(event);
  await runToEnd(loading, db, id, { lanes: 2 });
  const { notices, errors } = (await findJob(db.pool, id))!;
  return { notices, errors, end: ends.at(-1) };
}

it('a load, a check and a preview count the values of each column', async () => {
  await db.pool.query(`create domain d as float8 check (value > 0); create type pair as (x real, y text);
    create table t (id int primary key, f float8, r real, l float8[], c pair, p point, d d, n numeric)`);
  const long = '9007199254740993';
  const header = ['id', 'f', 'r', 'l', 'c', 'p', 'd', 'n'];
  const records = [
    ['1', long, '16777217', `{1,${long}}`, '(16777217,a)', `(${long},0)`, long, long],
    ['2', ` -${long} `, '0.1', '{1}', '(0.1,a)', '(0.1,0)', '0.1', '0.1'],
    ...Array.from({ length: 50 }, (_, at) => [String(at + 3), '0.1', '16777216', '', '', '', '1', '']),
    ['53', '0.30000000000000004', '1.1754944e-38', `{${long},${long}}`, '', '', '1e22', ''],
  ];
  const expected = [
    'f: a value rounded to double precision (2 rows)',
    'l: a value rounded to double precision (2 rows)',
    'c: a value rounded to real (1 row)',
    'd: a value rounded to double precision (1 row)',
    'p: a value rounded to double precision (1 row)',
    'r: a value rounded to real (1 row)',
  ];
  const { notices, end } = await load(header, records);
  const { rows } = await db.pool.query(
    'select f::text, r::text, n::text from t where id in (1, 53) order by id',
  );
  expect(rows).toEqual([
    { f: '9.007199254740992e+15', r: '1.6777216e+07', n: long },
    { f: '0.30000000000000004', r: '1.1754944e-38', n: null },
  ]);
  expect([...notices].sort()).toEqual([...expected].sort());
  expect(end).toMatchObject({ type: 'checked', failedCount: 0, notices });
  await db.pool.query('truncate t');
  const text = [header, ...records].map((cells) => cells.map((each) => `"${each}"`).join()).join('\n');
  const previewed = await previewOf(loading, db, 't', `${text}\n`, { rows: 2 });
  expect([...previewed.notices].sort()).toEqual(
    expected.map((each) => each.replace(/^l(.*)2 rows/, 'l$11 row')).sort(),
  );
});

it('a file without such values has no notice', async () => {
  await db.pool.query('create table t (id int primary key, f float8, r real)');
  const { notices, end } = await load(
    ['id', 'f', 'r'],
    [
      ['1', '0.1', '3.4028235e38'],
      ['2', '1e22', ''],
    ],
  );
  expect(notices).toEqual([]);
  expect(end).not.toHaveProperty('notices');
});

it('a constant and a default of the spec count too', async () => {
  await db.pool.query('create table t (id int primary key, f float8, r real)');
  const spec = { constant: { f: '9007199254740993' }, default: { r: '16777217' } };
  const { notices } = await load(
    ['id', 'r'],
    [
      ['1', ''],
      ['2', '1'],
    ],
    spec,
  );
  expect([...notices].sort()).toEqual([
    'f: a value rounded to double precision (2 rows)',
    'r: a value rounded to real (1 row)',
  ]);
});

it('with --strict they are rejected', async () => {
  await db.pool.query('create table t (id int primary key, f float8, l real[])');
  const records = [
    ['1', '9007199254740993', ''],
    ['2', '0.1', '{16777217}'],
    ['3', '1e22', '{0.1}'],
  ];
  const { notices, errors } = await load(['id', 'f', 'l'], records, { strict: true });
  expect(notices).toEqual([]);
  expect(errors.map(({ message }) => message)).toEqual([
    'f: 9007199254740993 would be rounded to double precision',
    'l: {16777217} would be rounded to real',
  ]);
  expect((await db.pool.query('select id from t')).rows).toEqual([{ id: 3 }]);
});
