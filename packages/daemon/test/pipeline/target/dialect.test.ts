/** Files in other dialects into a table: rows refused by PostgreSQL are reported with the file's values. */
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readSpec, type SpecInput } from '@csvjobs/shared';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { overridesFor } from '../../../src/intake/overrides.js';
import { findJob, insertJob } from '../../../src/sql/jobs.js';
import { readTarget } from '../../../src/sql/target/catalog.js';
import { createDatabase, type TestDatabase } from '../../support/postgres.js';
import { type Loading, openLoading } from '../support/loading.js';
import { runToEnd } from './support.js';

let loading: Loading;
let database: TestDatabase;
beforeAll(async () => {
  [loading, database] = await Promise.all([openLoading(), createDatabase()]);
  await database.pool.query(`
    create schema sales;
    create table sales.items (id int primary key, label text not null, net numeric check (net < 100), note text)`);
});
afterAll(async () => {
  await loading.close();
  await database.drop();
});

async function loaded(text: string, written: SpecInput) {
  const { pool } = database;
  await pool.query('truncate sales.items');
  const id = randomUUID();
  await writeFile(join(loading.folder, id), text);
  const target = (await readTarget(pool, { schema: 'sales', name: 'items' }))!;
  const spec = readSpec(written);
  const about = { filename: 'f.csv', sizeBytes: text.length, sha256: '0'.repeat(64), idempotencyKey: null };
  await insertJob(pool, { id, ...about, overrides: overridesFor({}, spec), into: { target, spec } });
  await runToEnd(loading, database, id, { lanes: 2, stopsAt: [2, 4] });
  const { rows } = await pool.query('select * from sales.items order by id');
  const { rows: rejects } = await pool.query(
    'select row_number as "rowNumber", line, code, row from job_errors where job_id = $1 order by row_number',
    [id],
  );
  return { rows: rows.map((row) => Object.values(row)), rejects, job: (await findJob(pool, id))! };
}

test('another quote, several characters between fields, decimal commas, words for missing values, and lines that are not records', async () => {
  const text = [
    'Items of May',
    `'id'::'label'::'net'::'note'`,
    `1::'it''s :: one'::1,5::NULL`,
    `5::five::5`,
    `2::'two\nlines'::200,5::'so ''much'''`,
    '# none',
    '::::::',
    `3::three::-::n`,
    `4::fo'ur::4::n`,
    '',
    'Total::::5',
  ].join('\n');
  const { rows, rejects, job } = await loaded(text, {
    dialect: { delimiter: '::', quoteChar: "'", commentChar: '#', nullSequence: 'NULL' },
    csvjobs: { decimalChar: ',', missingValues: ['-'] },
  });
  expect(rows).toEqual([
    [1, "it's :: one", '1.5', null],
    [3, 'three', null, 'n'],
    [5, 'five', '5', null],
  ]);
  expect(rejects).toMatchObject([
    {
      rowNumber: 3,
      line: 5,
      code: 'check_failed',
      row: { id: '2', label: 'two\nlines', net: '200,5', note: "so 'much'" },
    },
    { rowNumber: 5, line: 10, code: 'stray_quote', row: { raw: `4::fo'ur::4::n` } },
  ]);
  expect(job).toMatchObject({
    totalRows: 5,
    source: { delimiter: '::', headerLine: 2, footerLine: 12, shortRecords: true },
    notices: [
      'skipped 1 line before the header: "Items of May"',
      '1 record lacks fields at its end; where these are optional, they are read as empty',
      'skipped 1 empty record',
      'skipped 1 line after the records: "Total 5"; to read them as records, add --footer 0',
    ],
  });
});

test('lenient quotes are part of the value, in the table and in the report', async () => {
  const { rows, rejects } = await loaded(
    'id,label,net\n1,"Weird Al" Yankovic,1\n2,19" rack,200\n3,"a, b" c,1\n',
    {
      csvjobs: { quotes: 'lenient' },
    },
  );
  expect(rows).toEqual([[1, '"Weird Al" Yankovic', '1', null]]);
  expect(rejects).toMatchObject([
    { code: 'check_failed', row: { label: '19" rack' } },
    { code: 'stray_quote', row: { raw: '3,"a, b" c,1' } },
  ]);
});
