/**
 * The jobs table, as the API and the queue see it: insert, find, and the transitions that are not part of a load
 * (those are in jobProgress.ts).
 */
import {
  CUSTOMERS,
  type FileDialect,
  type Job,
  type LoadMode,
  type Progress,
  writeTableName,
} from '@csvjobs/shared';
import { JOB_COLUMNS, type JobRow, PROGRESS_COLUMNS, type ProgressRow, toJob, toProgress } from './jobRow.js';
import type { JobInto } from './jobTarget.js';
import type { OriginRow } from './origins.js';
import type { Db } from './pool.js';
import { WORKER_LEVEL } from './workerLevel.js';

/** What an upload knows about a job before any work on it. */
export interface NewJob {
  id: string;
  filename: string;
  sizeBytes: number;
  sha256: string;
  /** What the person who uploaded the file specified about it; the rest is detected. */
  overrides: {
    encoding?: string;
    delimiter?: string;
    dialect?: FileDialect;
    leaveOut?: string[];
    strict?: boolean;
  };
  idempotencyKey: string | null;
  /** The table that it loads into, and the spec of the upload. */
  into?: JobInto;
  /** How its rows are loaded; by default as new rows, batch by batch. */
  mode?: LoadMode;
  /** The job whose rejected records this file contains, fixed. */
  parent?: string | undefined;
  /** The dry run whose file it loads. */
  dryRunId?: string | undefined;
  /** Its file is small. It need not wait behind large ones, unless their order affects the final table content. */
  small?: boolean;
  /** Where its file is, if it was named instead of uploaded. */
  origin?: OriginRow | undefined;
}

/** Returns a job's table, as the API writes it. */
export function tableOf(into: JobInto): string {
  return into?.target && !into.customers ? writeTableName(into.target.table) : CUSTOMERS;
}

/** Condition over a job's mode, in its row or in a parameter: it may overwrite or remove what another job writes. */
const overwrites = (mode: string) => `(${mode} ? 'replace' or ${mode} ->> 'onConflict' = 'update')`;

/**
 * Whether a small job may overtake large ones that were uploaded before it. It may not if they load into the same
 * table and
 * - one of the two overwrites what the other writes: the later upload must win; or
 * - the large one is one transaction: a row that both have would keep the small job, and all small ones behind it,
 *   waiting until that transaction ends.
 */
const MAY_GO_AHEAD = `not exists (
  select from jobs as earlier
  where earlier.status in ('pending', 'processing') and not earlier.small and earlier.target_table = $7
    and (${overwrites('earlier.mode')} or earlier.mode ?| '{atomic,dryRun}' or ${overwrites('$11::jsonb')}))`;

/** Inserts a job. If its idempotency key is taken, inserts nothing and returns the job that has the key. */
export async function insertJob(db: Db, job: NewJob): Promise<{ job: Job; created: boolean }> {
  const inserted = await db.query<JobRow>(
    `insert into jobs (id, filename, size_bytes, sha256, overrides, idempotency_key, target_table, target, spec, parent,
       mode, dry_run, small, origin, worker_level)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13 and ${MAY_GO_AHEAD}, $14, ${WORKER_LEVEL})
     on conflict (idempotency_key) do nothing
     returning ${JOB_COLUMNS}`,
    [
      job.id,
      job.filename,
      job.sizeBytes,
      job.sha256,
      JSON.stringify(job.overrides),
      job.idempotencyKey,
      tableOf(job.into),
      asJson(job.into?.target),
      asJson(job.into?.spec),
      job.parent ?? null,
      JSON.stringify(job.mode ?? {}),
      job.dryRunId ?? null,
      job.small ?? false,
      asJson(job.origin),
    ],
  );
  if (inserted.rows[0]) return { job: toJob(inserted.rows[0]), created: true };
  const existing = await findJobByKey(db, job.idempotencyKey ?? '');
  if (!existing) throw new Error('a job was neither put in nor found by its idempotency key');
  return { job: existing, created: false };
}

function asJson(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value);
}

/** Returns the job that was uploaded with an idempotency key. */
export async function findJobByKey(db: Db, key: string): Promise<Job | null> {
  const { rows } = await db.query<JobRow>(`select ${JOB_COLUMNS} from jobs where idempotency_key = $1`, [
    key,
  ]);
  return rows[0] ? toJob(rows[0]) : null;
}

/** Returns a job by its id (a UUID; anything else is an error from PostgreSQL). */
export async function findJob(db: Db, id: string): Promise<Job | null> {
  const { rows } = await db.query<JobRow>(
    `select ${JOB_COLUMNS} from jobs where id = $1 and deleted_at is null`,
    [id],
  );
  return rows[0] ? toJob(rows[0]) : null;
}

/** Returns a job's progress and attempt, without the preview of up to 100 rejects. */
export async function findProgress(
  db: Db,
  id: string,
): Promise<{ progress: Progress; attempt: number } | null> {
  const { rows } = await db.query<ProgressRow & { attempt: number }>(
    `select ${PROGRESS_COLUMNS}, attempt from jobs where id = $1 and deleted_at is null`,
    [id],
  );
  return rows[0] ? { progress: toProgress(rows[0]), attempt: rows[0].attempt } : null;
}

/** Returns the ids of all unfinished jobs, small ones or others, oldest first: the content of their queue. */
export async function unfinishedJobs(db: Db, small = false): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    `select id from jobs where status in ('pending', 'processing') and small = $1 order by created_at, id`,
    [small],
  );
  return rows.map((row) => row.id);
}

/** Returns whether a pending job belongs on the queue of small jobs; undefined if it is not pending. */
export async function isSmall(db: Db, id: string): Promise<boolean | undefined> {
  const { rows } = await db.query<{ small: boolean }>(
    `select small from jobs where id = $1 and status = 'pending'`,
    [id],
  );
  return rows[0]?.small;
}

/** Returns the ids that belong to jobs. */
export async function knownJobs(db: Db, ids: readonly string[]): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    'select id from jobs where id = any($1) and deleted_at is null',
    [ids],
  );
  return rows.map((row) => row.id);
}

/** Cancels an unfinished job. Its worker can write nothing more, and finds out within a second (queue/ownership). */
export async function cancelJob(db: Db, id: string): Promise<Job | null> {
  const { rows } = await db.query<JobRow>(
    `update jobs set status = 'cancelled', completed_at = now()
     where id = $1 and status in ('pending', 'processing')
     returning ${JOB_COLUMNS}`,
    [id],
  );
  return rows[0] ? toJob(rows[0]) : null;
}

/** Puts a failed or cancelled job back to pending; it continues from its checkpoint. */
export async function retryJob(db: Db, id: string): Promise<Job | null> {
  const { rows } = await db.query<JobRow>(
    `update jobs set status = 'pending', phase_since = now(), completed_at = null, failures = 0, failure_code = null, failure_message = null
     where id = $1 and status in ('failed', 'cancelled') and deleted_at is null
     returning ${JOB_COLUMNS}`,
    [id],
  );
  return rows[0] ? toJob(rows[0]) : null;
}
