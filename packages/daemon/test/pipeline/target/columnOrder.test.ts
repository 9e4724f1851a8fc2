/** The preview of rejects shows values in the order of the table's columns; jsonb orders keys by their length. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findJob } from '../../../src/sql/jobs.js';
import { createDatabase, type TestDatabase } from '../../support/postgres.js';
import { type Loading, openLoading } from '../support/loading.js';
import { makeTargetJob, runToEnd } from './support.js';

let loading: Loading;
let database: TestDatabase;
beforeAll(async () => {
  [loading, database] = await Promise.all([openLoading(), createDatabase()]);
});
afterAll(async () => {
  await loading.close();
  await database.drop();
});

test('a job shows the values of its rejects in the order of the table', async () => {
  const { pool } = database;
  await pool.query('create table ordered (quantity int, product_name text, id int, b text, a text)');
  const id = await makeTargetJob(loading, pool, {
    table: { schema: 'public', name: 'ordered' },
    header: ['a', 'b', 'id', 'product_name', 'quantity'],
    records: [['x', 'y', '1', 'desk', 'many']],
  });
  await runToEnd(loading, database, id, { lanes: 1 });

  const job = (await findJob(pool, id))!;
  expect(job.errors.map(({ row }) => Object.entries(row))).toEqual([
    [
      ['quantity', 'many'],
      ['product_name', 'desk'],
      ['id', '1'],
      ['b', 'y'],
      ['a', 'x'],
    ],
  ]);
});
