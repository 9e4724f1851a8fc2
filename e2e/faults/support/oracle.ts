/** What a disturbed job must have become: what the slow reader expects, and row for row what an undisturbed one is. */
import { type RejectedRow, reasonIn } from '@csvjobs/shared';
import { expect } from 'vitest';
import type { Pool } from '../../../packages/daemon/src/sql/pool.js';
import { type Bench, openBench } from './bench.js';
import { completed, upload } from './client.js';
import type { DirtyFile } from './dirtyFile.js';
import { count } from './figures.js';

/** All that a job has left in the database, without what differs from run to run. */
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
  customers: (readonly [number, ...(string | null)[]])[];
  rejects: [number, number, string | null, string, string, RejectedRow][];
}

/** Puts in the customers that a file expects to be there already. */
export async function putKnown(pool: Pool, { known }: Pick<DirtyFile, 'known'>): Promise<void> {
  await pool.query(
    `with earlier as (
       insert into jobs (id, filename, size_bytes, sha256, status) values (gen_random_uuid(), 'earlier', 0, repeat('0', 64), 'completed')
       returning id
     )
     insert into customers (job_id, name, email, company) select id, 'n', unnest($1::text[]), 'c' from earlier`,
    [known],
  );
}

export async function contentsOf(pool: Pool, jobId: string): Promise<Contents> {
  const jobs = await pool.query(
    `select status, total_rows as total, processed_rows as processed, success_count as success,
       failed_count as failed, errors, reasons from jobs where id = $1`,
    [jobId],
  );
  const customers = await pool.query({
    text: `select row_number, name, email, phone, company from customers where job_id = $1 order by row_number`,
    values: [jobId],
    rowMode: 'array',
  });
  const rejects = await pool.query({
    text: `select row_number, line, column_name, code, message, row from job_errors where job_id = $1
           order by row_number`,
    values: [jobId],
    rowMode: 'array',
  });
  return {
    job: jobs.rows[0],
    customers: customers.rows as unknown as Contents['customers'],
    rejects: rejects.rows as unknown as Contents['rejects'],
  };
}

/** How far a job is, by the database. */
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

/** The contents of a run that nobody disturbed, made once a file. */
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
    const daemon = bench.daemon();
    const url = await daemon.url();
    await putKnown(bench.pool, file);
    const id = await upload(url, file.bytes);
    await completed(url, id);
    return await contentsOf(bench.pool, id);
  } finally {
    await bench.finish();
  }
}

/** The oracle. The scenario's line says how many rows it has checked. */
export async function expectUndisturbed(
  bench: Pick<Bench, 'pool'>,
  jobId: string,
  file: DirtyFile,
): Promise<void> {
  const contents = await contentsOf(bench.pool, jobId);
  const { job, customers, rejects } = contents;
  const counts = { total: job.total, processed: job.processed, success: job.success, failed: job.failed };
  expect({ status: job.status, ...counts }).toEqual({
    status: 'completed',
    total: file.records,
    processed: file.records,
    success: file.accepted.length,
    failed: file.rejected.length,
  });
  expect(job.success + job.failed).toBe(file.records);
  expect(customers).toEqual(file.accepted);
  expect(rejects.map(([row, line, , code]) => [row, line, code])).toEqual(file.rejected);
  const reasons: Record<string, number> = {};
  for (const [, , , , message] of rejects) reasons[reasonIn(message)] = (reasons[reasonIn(message)] ?? 0) + 1;
  expect(job.reasons).toEqual(reasons);
  expect(contents).toEqual(await undisturbedContents(file));
  count('rows checked', file.records);
}
