/** Tables with as many columns as PostgreSQL allows: the stage has room for two fewer. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDatabase, type TestDatabase } from '../../support/postgres.js';
import { LIMITS, type Loading, openLoading } from '../support/loading.js';
import { makeTargetJob, rejected } from './support.js';

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
const RULES = `, check (c1 < 9)`;

async function load(rules: string, ...starts: string[][]): Promise<string> {
  const columns = HEADER.map((name, at) => `${name} smallint${at === 0 ? ' primary key' : ''}`);
  await database.pool.query(`drop table if exists many; create table many (${columns.join(', ')}${rules})`);
  const records = starts.map((cells) => [...cells, ...HEADER.slice(cells.length).map(() => '1')]);
  const id = await makeTargetJob(loading, database.pool, { table, header: HEADER, records });
  await loading.load(database, id, 1, { limits: { ...LIMITS, maxRecordBytes: 20_000 } });
  return id;
}

it('takes rows, and rejects values that cannot be read and rows that break a check', async () => {
  const id = await load(RULES, ['1'], ['2', 'x'], ['3', '9'], ['4']);
  const { rows } = await database.pool.query('select c0, c1599 from many order by c0');
  expect(rows).toEqual([
    { c0: 1, c1599: 1 },
    { c0: 4, c1599: 1 },
  ]);
  const refused = await rejected(database.pool, id);
  expect(refused.map(({ rowNumber, why }) => ({ rowNumber, why }))).toEqual([
    { rowNumber: 2, why: 'not_an_integer' },
    { rowNumber: 3, why: '23514' },
  ]);
});

it('says so where a row has to be looked at as a whole', async () => {
  await expect(load('', ['1'], ['1'])).rejects.toMatchObject({ code: 'too_many_columns', retryable: false });
});
