/** The example of docs/spec.md loads what the page says. */
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  csvjobsBlockSchema,
  dialectSchema,
  fieldConstraintsSchema,
  fieldSchema,
  readSpec,
  tableSchemaSchema,
} from '@csvjobs/shared';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { createDatabase, type TestDatabase } from '../../support/postgres.js';
import { type Loading, openLoading } from '../support/loading.js';
import { makeTargetJob, runToEnd } from './support.js';

const page = readFileSync(new URL('../../../../../docs/spec.md', import.meta.url), 'utf8');
/** The first block of code in a language. */
const block = (language: string) => new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'ms').exec(page)![1]!;
/** Rows of the page's table whose first cell begins like this. */
const cells = (start: string) =>
  page
    .split('\n')
    .filter((line) => line.startsWith(`| ${start}`))
    .map((line) =>
      line
        .slice(2, -2)
        .split(' | ')
        .map((cell) => cell.trim()),
    );

let loading: Loading;
let database: TestDatabase;
beforeAll(async () => {
  [loading, database] = await Promise.all([openLoading(), createDatabase()]);
});
afterAll(async () => {
  await loading.close();
  await database.drop();
});

test('two rows are loaded and one is rejected, as shown', async () => {
  const { pool } = database;
  await pool.query(block('sql'));
  const table = { schema: 'sales', name: 'orders' };
  const spec = readSpec(parse(block('yaml')));
  const id = await makeTargetJob(loading, pool, { table, header: [], records: [], spec });
  await writeFile(join(loading.folder, id), block('csv'));
  await runToEnd(loading, database, id, { lanes: 1 });

  const columns = cells('number')[0]!;
  const { rows } = await pool.query<Record<string, string | null>>(
    `select ${columns.map((name) => `${name === 'paid' ? `case when paid then 't' else 'f' end` : `${name}::text`} as ${name}`).join(', ')} from sales.orders order by 1`,
  );
  expect(rows.map((row) => columns.map((name) => row[name] ?? ''))).toEqual(cells('A-'));
  const rejects = await pool.query<{ message: string }>('select message from job_errors where job_id = $1', [
    id,
  ]);
  expect(rejects.rows.map(({ message }) => message.split('; '))).toEqual([block('text').trim().split('\n')]);
});

test('every property of a spec is on the page', () => {
  const { shape } = tableSchemaSchema;
  const names = [
    shape,
    fieldSchema.shape,
    fieldConstraintsSchema.shape,
    dialectSchema.shape,
    csvjobsBlockSchema.shape,
  ].flatMap((each) => Object.keys(each));
  const named = new Set(page.match(/[a-zA-Z]+/g));
  expect(names.filter((name) => !named.has(name) && name !== '$schema')).toEqual([]);
});
