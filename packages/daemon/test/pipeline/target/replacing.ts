/** Jobs that replace the content of a table, and the expected result, for tests. */
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Spec, TableName } from '@csvjobs/shared';
import { expect } from 'vitest';
import { modeFor } from '../../../src/intake/mode.js';
import { run } from '../../../src/pipeline/run.js';
import { claimJob } from '../../../src/sql/claimJob.js';
import { findJob, insertJob } from '../../../src/sql/jobs.js';
import { readTarget } from '../../../src/sql/target/catalog.js';
import type { TestDatabase } from '../../support/postgres.js';
import { type Loading, never } from '../support/loading.js';
import { openTestLoad } from '../support/testLoad.js';
import { makeTargetJob } from './support.js';

export const T: TableName = { schema: 'public', name: 't' };

export interface Replacing {
  loading: Loading;
  database: TestDatabase;
}

/** Creates a job that replaces t, by default however much that removes. */
export function replaceJob(
  { loading, database }: Replacing,
  header: readonly string[],
  records: readonly (readonly (string | number)[])[],
  csvjobs: NonNullable<Spec['csvjobs']> = {},
): Promise<string> {
  return makeTargetJob(loading, database.pool, {
    table: T,
    header,
    records: records.map((record) => record.map(String)),
    spec: { csvjobs: { replace: true, maxRemoved: '100%', ...csvjobs } } as Spec,
  });
}

/** Creates a job that replaces all customers, as its upload would. */
export async function customersReplaced(
  { loading, database: { pool } }: Replacing,
  records: readonly (readonly string[])[],
): Promise<string> {
  const id = randomUUID();
  const lines = [['name', 'email', 'phone', 'company'], ...records].map((cells) => `${cells.join(',')}\n`);
  const text = lines.join('');
  await writeFile(join(loading.folder, id), text);
  const target = (await readTarget(pool, { schema: 'public', name: 'customers' }))!;
  const spec = { csvjobs: { replace: true } } as Spec;
  const file = { filename: 'f.csv', sizeBytes: text.length, sha256: '0'.repeat(64), overrides: {} };
  const into = { target, spec, customers: true } as const;
  await insertJob(pool, { id, ...file, idempotencyKey: null, into, mode: modeFor(spec, target) });
  return id;
}

/** Runs a job in one attempt. Returns the job, or its failure. */
export async function runOnce({ loading, database }: Replacing, id: string, lanes = 2) {
  const claimed = (await claimJob(database.pool, id))!;
  const error = await run(claimed, loading.dependencies(database, lanes), never).then(
    () => undefined,
    (reason) => reason as { code: string; message: string; retryable: boolean },
  );
  return { job: (await findJob(database.pool, id))!, error };
}

/** The rows of t as text, each with the transaction that wrote it. */
export async function rowsOf({ pool }: TestDatabase, without: readonly string[] = []) {
  const { rows } = await pool.query<{ row: string; version: string }>(
    'select (to_jsonb(t) - $1::text[])::text as row, t.xmin::text as version from t order by 1, 2',
    [without],
  );
  return rows;
}

export const textsOf = (rows: readonly { row: string }[]) => rows.map(({ row }) => row);

/** Records of the columns k and n for the keys from `first` to `last`, equal to those that `make` creates. */
export const records = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, at) => [first + at, first + at]);

/** Opens what a test file needs to replace t, and closes it after its last test. */
export async function openReplacing() {
  const { loading, db: database } = await openTestLoad();
  const r: Replacing = { loading, database };
  const sql = async (text: string) => (await database.pool.query(text)).rows;
  return {
    r,
    sql,
    /** Creates t, by default with a hundred rows from 1 on. */
    async make(
      table = 'create table t (k int primary key, n int)',
      rows = 'insert into t select i, i from generate_series(1, 100) i',
    ): Promise<void> {
      await sql(`drop table if exists t, ref, seen cascade; drop function if exists f; ${table}; ${rows}`);
    },
    /** Runs a job that must fail, and leave the table unchanged. */
    async refused(id: string) {
      const before = await rowsOf(database);
      const { error, job } = await runOnce(r, id);
      expect(await rowsOf(database)).toEqual(before);
      expect(await sql(`select 1 from job_journal where job_id = '${id}'`)).toEqual([]);
      expect(error?.retryable).toBe(false);
      expect(job.status).not.toBe('completed');
      return error!;
    },
  };
}
