/**
 * Jobs for customers, loaded on the customers path or on that of any table, and everything that they leave.
 */
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Progress, Source, Spec, Target } from '@csvjobs/shared';
import type { OpenLane } from '../../../src/pipeline/loading.js';
import type { ReadOverrides } from '../../../src/pipeline/reading.js';
import { run } from '../../../src/pipeline/run.js';
import { prepareTarget } from '../../../src/pipeline/target/loadTarget.js';
import { claimJob } from '../../../src/sql/claimJob.js';
import { beginProcessing, completeJob } from '../../../src/sql/jobProgress.js';
import { findJob, insertJob } from '../../../src/sql/jobs.js';
import { readTarget } from '../../../src/sql/target/catalog.js';
import type { TestDatabase } from '../../support/postgres.js';
import { type Loading, never } from '../support/loading.js';

export interface CustomersFile {
  text: Uint8Array;
  spec?: Spec | undefined;
  overrides?: ReadOverrides;
}

export async function customersTarget({ pool }: TestDatabase): Promise<Target> {
  return (await readTarget(pool, { schema: 'public', name: 'customers' }))!;
}

/** A job as an upload makes it. @param target where the table has more columns than every `customers` */
export async function makeCustomersJob(
  loading: Loading,
  db: TestDatabase,
  { text, spec, overrides = {} }: CustomersFile,
  target?: Target,
): Promise<string> {
  const id = randomUUID();
  await writeFile(join(loading.folder, id), text);
  const file = { filename: 'f.csv', sizeBytes: text.length, sha256: '0'.repeat(64) };
  const into = target ? { target, spec, customers: true as const } : { spec };
  const asked = overrides as Parameters<typeof insertJob>[1]['overrides'];
  await insertJob(db.pool, { id, ...file, overrides: asked, idempotencyKey: null, into });
  return id;
}

export type Way = 'own' | 'target';

export interface Attempts {
  lanes: number;
  /** Ends the attempt after this many committed records, and starts another. */
  stopsAt?: readonly number[];
}

/** Loads a file to its end. Returns its job, or why it cannot be loaded. */
export async function loadCustomers(
  loading: Loading,
  db: TestDatabase,
  way: Way,
  file: CustomersFile,
  { lanes, stopsAt = [] }: Attempts,
): Promise<string> {
  const id = await makeCustomersJob(loading, db, file, way === 'own' ? undefined : await customersTarget(db));
  for (const stop of [...stopsAt, Number.POSITIVE_INFINITY]) {
    const drain = new AbortController();
    const publish = ({ processedRows }: Progress) => {
      if (processedRows >= stop) drain.abort();
    };
    const attempt = way === 'own' ? ownAttempt : targetAttempt;
    if (await attempt(loading, db, id, { lanes, publish, drain: drain.signal })) return id;
  }
  throw new Error('the job has not ended');
}

interface Attempt {
  lanes: number;
  publish(progress: Progress): void;
  drain: AbortSignal;
}

async function ownAttempt(
  loading: Loading,
  db: TestDatabase,
  id: string,
  { lanes, publish, drain }: Attempt,
) {
  const claimed = await claimJob(db.pool, id);
  return (await run(claimed!, loading.dependencies(db, lanes, { publish }), drain)) === 'completed';
}

/** Like `run`, but always on the path of any table. */
async function targetAttempt(
  loading: Loading,
  db: TestDatabase,
  id: string,
  { lanes, publish, drain }: Attempt,
): Promise<boolean> {
  const { job, checkpoint, overrides, into } = (await claimJob(db.pool, id))!;
  if (!into?.target) throw new Error('the job has no target');
  const deps = loading.dependencies(db, lanes);
  const { storage, limits, readers } = deps;
  const logPath = storage.emailsPath(id);
  const warn = (message: string, reason: Error) => {
    throw new Error(message, { cause: reason });
  };
  const task = { input: await storage.source(id), emailsPath: logPath, jobId: id, limits, overrides, into };
  const reading = readers.open(task, warn);
  const opened: OpenLane[] = [];
  try {
    let source = job.source as Source;
    let { totalRows } = job;
    if (job.status === 'pending') {
      const survey = await reading.survey();
      await beginProcessing(db.pool, id, job.attempt, survey);
      ({ source, totalRows } = survey);
    }
    const what = {
      job,
      source,
      checkpoint,
      totalRows,
      reading,
      lanes: opened,
      stopped: never,
      logPath,
      warn,
    };
    const start = await prepareTarget(deps, into, what);
    await start({
      committed: (progress, batch) => {
        publish(progress);
        reading.giveBack(batch);
      },
      drain,
    });
    if (drain.aborted) return false;
    await completeJob(db.pool, id, job.attempt);
    return true;
  } finally {
    await Promise.all([reading.close(), ...opened.map((lane) => lane.close())]);
  }
}

/** Everything that a job leaves, without what naturally differs between jobs. */
export async function leftBy({ pool }: TestDatabase, id: string) {
  const { rows: customers } = await pool.query(
    `select (c.job_id = $1) as own, row_number, name, email, phone, company, c.id is not null as id,
       created_at is not null as created
     from customers c order by own, row_number, email`,
    [id],
  );
  const { rows: rejects } = await pool.query(
    `select row_number, line, column_name, code, message, row, reasons, encode(original, 'escape') as original
     from job_errors where job_id = $1 order by row_number`,
    [id],
  );
  const { status, totalRows, processedRows, successCount, failedCount, errors, reasons, notices, table } =
    (await findJob(pool, id))!;
  const job = {
    status,
    totalRows,
    processedRows,
    successCount,
    failedCount,
    errors,
    reasons,
    notices,
    table,
  };
  return { customers, rejects, job };
}
