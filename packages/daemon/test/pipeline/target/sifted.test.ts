/**
 * Rejected rows do not slow the others down: those are still copied straight, which shows in their
 * transaction ID. It is that of the batch, as in job_errors, not that of a subtransaction.
 */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { inShortIf } from '../../support/form.js';
import { createDatabase, type TestDatabase } from '../../support/postgres.js';
import { type Loading, openLoading } from '../support/loading.js';
import { expectCounters, insertEach, makeTargetJob, rejected, runToEnd, type TargetFile } from './support.js';

let loading: Loading;
let database: TestDatabase;
beforeAll(async () => {
  [loading, database] = await Promise.all([openLoading(), createDatabase()]);
});
afterAll(async () => {
  await loading.close();
  await database.drop();
});
beforeEach(makeTables);

async function makeTables(): Promise<void> {
  await database.pool.query(`drop schema if exists sift cascade; create schema sift;
    create table sift.p (id int primary key); insert into sift.p select generate_series(0, 250);
    create table sift.t (a int primary key, b int check (b < 8), c int references sift.p, d text);
    insert into sift.t values (10001, 1, 1, 'there before')`);
}

const table = { schema: 'sift', name: 't' };
const fileOf = (records: TargetFile['records']): TargetFile => ({
  table,
  header: ['a', 'b', 'c', 'd'],
  records,
});
const record = (a: number | string, b: number | string = 1, c: number | string = 1) => [
  String(a),
  String(b),
  String(c),
  `row ${a}`,
];
const many = (count: number, make: (at: number) => string[]) =>
  Array.from({ length: count }, (_, at) => make(at));

/**
 * Loads a file in several lanes, and record by record: the same rows and rejects. Returns the rows that were
 * not copied straight.
 */
async function notStraight(file: TargetFile, lanes: number): Promise<number[]> {
  const all = 'select t::text as row from sift.t order by a';
  const refused = await insertEach(database.pool, file);
  const { rows: expected } = await database.pool.query(all);
  await makeTables();
  const id = await makeTargetJob(loading, database.pool, file);
  await runToEnd(loading, database, id, { lanes });
  expect((await database.pool.query(all)).rows).toEqual(expected);
  expect(await rejected(database.pool, id)).toEqual(refused);
  await expectCounters(database.pool, id, file.records.length, refused.length);
  const { rows } = await database.pool.query<{ a: number }>(
    `select a from sift.t where d <> 'there before' and xmin::text not in (select xmin::text from job_errors where job_id = $1) order by a`,
    [id],
  );
  return rows.map(({ a }) => a);
}

// Each batch has a reject, so that all of their transaction IDs are known.
const bad = (at: number) => at % 5 === 3;

for (const lanes of [1, 2])
  it(
    `rows next to those that violate a check or a foreign key are copied straight, ${lanes} lanes`,
    inShortIf(lanes === 2),
    async () => {
      const file = fileOf(many(400, (at) => (bad(at) ? record(at, at % 10 === 3 ? 9 : 1, 999) : record(at))));
      expect(await notStraight(file, lanes)).toEqual([]);
    },
  );

for (const lanes of [1, 2])
  it(
    `rows next to those whose key the table has are copied straight, ${lanes} lanes`,
    inShortIf(lanes === 1),
    async () => {
      const file = fileOf(many(400, (at) => (bad(at) ? record(10001 + (at - 3) / 5) : record(at))));
      // Only 10001 exists; the others repeat nothing. To give every batch a reject, each also has one of b.
      const withChecks = fileOf(file.records.map((each, at) => (at % 5 === 2 ? record(at, 9) : each)));
      expect(await notStraight(withChecks, lanes)).toEqual([]);
    },
  );

for (const lanes of [1, 2])
  it(
    `only rows whose key appeared earlier in the file are checked, and the first valid one wins, ${lanes} lanes`,
    inShortIf(lanes === 2),
    async () => {
      const records = many(400, (at) => (bad(at) ? record(at, 9) : record(at)));
      records[50] = record(1000, 9);
      records[60] = record('01000');
      records[70] = record('+1000');
      records[80] = record(5);
      records[390] = record(6);
      expect(await notStraight(fileOf(records), lanes)).toEqual([1000]);
    },
  );
