/** A job as its worker has it once the file is surveyed, without a file. */
import { randomUUID } from 'node:crypto';
import type { LoadMode } from '@csvjobs/shared';
import { claimJob } from '../../../src/sql/claimJob.js';
import { beginProcessing } from '../../../src/sql/jobProgress.js';
import { insertJob } from '../../../src/sql/jobs.js';
import type { Pool } from '../../../src/sql/pool.js';

const SOURCE = { encoding: 'utf-8', delimiter: ',', compression: 'none' } as const;

/** What the survey of a file with ten records finds. */
export const SURVEY = { totalRows: 10, headerText: 'a', source: SOURCE, notices: [] };

/** A job that waits. @returns its ID */
export async function waitingJob(pool: Pool, mode: LoadMode = {}): Promise<string> {
  const id = randomUUID();
  const file = { filename: 'f.csv', sizeBytes: 1, sha256: '' };
  await insertJob(pool, { id, ...file, overrides: {}, idempotencyKey: null, mode });
  return id;
}

/** A job of ten records that its first attempt loads. @returns its ID */
export async function processingJob(pool: Pool, mode?: LoadMode): Promise<string> {
  const id = await waitingJob(pool, mode);
  await claimJob(pool, id);
  await beginProcessing(pool, id, 1, SURVEY);
  return id;
}

/** All columns of a job. */
export async function rowOf(pool: Pool, id: string): Promise<Record<string, unknown>> {
  return (await pool.query('select * from jobs where id = $1', [id])).rows[0];
}
