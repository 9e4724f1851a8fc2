/** The expected result of a disturbed job: that of the slow reader and, row by row, that of an undisturbed job. */
import { headingOf, reasonIn, type TargetReason } from '@csvjobs/shared';
import { expect } from 'vitest';
import type { Pool } from '../../../packages/daemon/src/sql/pool.js';
import { type Bench, openBench } from './bench.js';
import { completed, upload } from './client.js';
import { count } from './figures.js';
import type { DirtyFile, LoadedTable, Reject } from './loadedTable.js';

/** Everything a job left in the database, without what differs between runs. */
export interface Contents {
  job: {
    status: string;
    total: number;
    processed: number;
    success: number;
    failed: number;
    errors: unknown;
    reasons: Record<string, number>;
  };
  rows: DirtyFile['accepted'];
  rejects: Reject[];
}

/** Prepares the table of a file: with the rows that the file expects. */
export async function putKnown(pool: Pool, { table, known }: DirtyFile): Promise<void> {
  await table.prepare(pool, known);
}

/** The rows and the report of a job for a file of `owner`. */
export async function contentsOf(
  pool: Pool,
  jobId: string,
  { table, owner }: { table: LoadedTable; owner: string },
): Promise<Contents> {
  const jobs = await pool.query(
    `select status, total_rows as total, processed_rows as processed, success_count as success,
       failed_count as failed, errors, reasons from jobs where id = $1`,
    [jobId],
  );
  const rejects = await pool.query({
    text: `select row_number, line, column_name, code, message, row, reasons from job_errors where job_id = $1
           order by row_number`,
    values: [jobId],
    rowMode: 'array',
  });
  return {
    job: jobs.rows[0],
    rows: await table.rowsOf(pool, { jobId, owner }),
    rejects: rejects.rows as unknown as Contents['rejects'],
  };
}

/** A job's progress in the database. */
export async function storedJob(
  pool: Pool,
  jobId: string,
): Promise<{ status: string; processed: number; attempt: number; failures: number }> {
  const { rows } = await pool.query(
    'select status, processed_rows as processed, attempt, failures from jobs where id = $1',
    [jobId],
  );
  return rows[0];
}

const undisturbed = new WeakMap<DirtyFile, Promise<Contents>>();

/** The contents of an undisturbed run in one lane; done once per file. */
export function undisturbedContents(file: DirtyFile): Promise<Contents> {
  let found = undisturbed.get(file);
  if (!found) {
    found = runUndisturbed(file);
    undisturbed.set(file, found);
  }
  return found;
}

async function runUndisturbed(file: DirtyFile): Promise<Contents> {
  const bench = await openBench();
  try {
    const daemon = bench.daemon({ WORKER_LANES: '1' });
    const url = await daemon.url();
    await putKnown(bench.pool, file);
    const id = await upload(url, file);
    await completed(url, id);
    return await contentsOf(bench.pool, id, file);
  } finally {
    await bench.finish();
  }
}

/** The oracle. The scenario's line has the number of checked rows. */
export async function expectUndisturbed(
  bench: Pick<Bench, 'pool'>,
  jobId: string,
  file: DirtyFile,
): Promise<void> {
  const contents = await contentsOf(bench.pool, jobId, file);
  const { job, rows, rejects } = contents;
  const counts = { total: job.total, processed: job.processed, success: job.success, failed: job.failed };
  expect({ status: job.status, ...counts }).toEqual({
    status: 'completed',
    total: file.records,
    processed: file.records,
    success: file.accepted.length,
    failed: file.rejected.length,
  });
  expect(job.success + job.failed).toBe(file.records);
  expect(rows).toEqual(file.accepted);
  expect(rejects.map(([row, line, , code]) => [row, line, code])).toEqual(file.rejected);
  const reasons: Record<string, number> = {};
  for (const reject of rejects) reasons[countedAs(reject)] = (reasons[countedAs(reject)] ?? 0) + 1;
  expect(job.reasons).toEqual(reasons);
  expect(contents).toEqual(await undisturbedContents(file));
  count('rows checked', file.records);
}

/** The key by which a rejected record is counted. */
function countedAs([, , , , message, , reasons]: Reject): string {
  return reasons === null ? reasonIn(message) : headingOf((reasons as TargetReason[])[0]!);
}
