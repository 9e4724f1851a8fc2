/**
 * The transitions of a job while a worker has it. Each is fenced: it names the attempt that the worker got when it
 * claimed the job, and does nothing once a later attempt has taken over or the job is finished (for example
 * cancelled). Each returns null if the job is no longer this attempt's.
 */
import { setTimeout } from 'node:timers/promises';
import {
  type FileDialect,
  isWhole,
  type Job,
  PREVIEW_LIMIT,
  type Progress,
  rowsOf,
  type Source,
  type Spec,
  type Target,
} from '@csvjobs/shared';
import type { Checkpoint } from '../pipeline/checkpoint.js';
import {
  JOB_COLUMNS,
  type JobRow,
  PROGRESS_COLUMNS,
  type ProgressRow,
  SINCE_PHASE,
  toJob,
  toProgress,
} from './jobs.js';
import { intoAsKept, type JobInto } from './jobTarget.js';
import type { Db } from './pool.js';
import { WORKER_LEVEL } from './workerLevel.js';

export type { JobInto, JobTarget } from './jobTarget.js';

/** A claimed job: what the API shows of it, and where to continue. */
export interface ClaimedJob {
  job: Job;
  checkpoint: Checkpoint;
  /** What the person who uploaded the file specified about it. */
  overrides: {
    encoding?: string;
    delimiter?: string;
    dialect?: FileDialect;
    leaveOut?: string[];
    strict?: boolean;
  };
  /** The table that it loads into, as its upload found it, and how to read values. */
  into: JobInto;
}

/** Adds up the time of an attempt that stops: as reading until the file is surveyed, as loading from then on. */
const WORKED = `phase_since = clock_timestamp(),
  reading_ms = reading_ms + case status when 'pending' then ${SINCE_PHASE} else 0 end,
  loading_ms = loading_ms + case status when 'pending' then 0 else ${SINCE_PHASE} end`;

/** Condition over a job's row: all its rows are one transaction (isWhole). */
const WHOLE = `mode ?| '{atomic,dryRun}'`;

/** Initial values of everything that is counted for a job. */
const NOTHING_DONE: Readonly<Record<string, string>> = {
  processed_rows: '0',
  success_count: '0',
  failed_count: '0',
  updated_count: '0',
  unchanged_count: '0',
  skipped_count: '0',
  removed_count: '0',
  removed_rows: 'null',
  byte_offset: '0',
  line: '1',
  errors: `'[]'`,
  reasons: `'{}'`,
  assumed: `'{}'`,
  held_until: 'null',
  held_rows: 'null',
  held_answer: 'null',
  held_answer_at: 'null',
  held_answer_by: 'null',
};

/**
 * Claims a job that has work to do: from now on only this attempt can write. Returns null if it has none (any more).
 * A job whose rows are one transaction has no rows in its table yet, so it starts from scratch.
 * @param small whether the queue of small jobs delivered it; a job that belongs to the other queue is not claimed
 * @param level this worker's level; a job that needs a higher one is not claimed. A trigger compares it too
 * (migration 0078).
 */
export async function claimJob(
  db: Db,
  id: string,
  small?: boolean,
  level = WORKER_LEVEL,
): Promise<ClaimedJob | null> {
  const { rows } = await db.query<
    JobRow & { overrides: ClaimedJob['overrides']; target: Target | null; spec: Spec | null }
  >(
    `update jobs set attempt = attempt + 1, queued_ms = queued_ms + ${SINCE_PHASE}, phase_since = clock_timestamp(),
       claimed_level = $3,
       ${Object.entries(NOTHING_DONE)
         .map(([column, none]) => `${column} = case when ${WHOLE} then ${none} else ${column} end`)
         .join(', ')}
     where id = $1 and status in ('pending', 'processing') and small = coalesce($2, small)
       and worker_level <= $3
     returning ${JOB_COLUMNS}, target`,
    [id, small ?? null, level],
  );
  const row = rows[0];
  if (!row) return null;
  if (isWhole(row.mode)) await removeRejects(db, id, row.attempt);
  return {
    job: toJob(row),
    checkpoint: { byteOffset: row.byte_offset, line: row.line, rowNumber: row.processed_rows },
    overrides: row.overrides,
    into: intoAsKept(row),
  };
}

/** Removes the rejects that earlier attempts reported. They can add no more: each of their batches is fenced. */
async function removeRejects(db: Db, id: string, attempt: number): Promise<void> {
  await db.query(
    `delete from job_errors where job_id = $1
       and exists (select from jobs where id = $1 and attempt = $2 and status in ('pending', 'processing'))`,
    [id, attempt],
  );
}

/** How long a pooled backend must have waited for its client before it counts as abandoned, in ms. */
const POOLED_PATIENCE_MS = 5_000;
/** Interval between checks for abandoned backends, in ms. */
const POOLED_PAUSE_MS = 250;

/**
 * Terminates the backends of earlier attempts at a job before it is claimed. A stopped process may hold rows of the
 * job, and the job's own row, in an open transaction, and the claim would wait for that.
 *
 * The backends are found by the name that each batch's transaction gives its backend while it lasts. A connection of
 * our own may be terminated at any time. A pooled backend may not: between the check and the signal its transaction
 * may end and the backend may go to another client. So it is terminated only after it has waited for its client
 * within that transaction for 5 s, which is the case of the stopped process. If a client was killed, the pooler
 * notices and closes the backend itself. (PostgreSQL terminates idle ones after a minute in any case: see lanes.ts.)
 *
 * Leaves a held job alone: it must not be claimed, and its transaction must stay.
 *
 * Also terminates backends of version 0.1, whose names have a space before the attempt. Version 0.1 itself looks for
 * names like that before it finds out that a job is not its own, so ours are named differently.
 */
export async function endEarlierAttempts(db: Db, id: string): Promise<void> {
  // Does not wait for a backend that is still at work: once the job is claimed again, it stops on its own.
  for (let left = 2 * Math.ceil(POOLED_PATIENCE_MS / POOLED_PAUSE_MS); left > 0; left--) {
    const { rows } = await db.query<{ soon: boolean }>(
      `with earlier as (
         select pid, application_name not like '% ${POOLED}'
             or greatest(state_change, query_start) < clock_timestamp() - $2 * interval '1 ms' as now
         from pg_stat_activity
         where usename = current_user and application_name like any($1) and pid <> pg_backend_pid()
           and not exists (select from jobs where id = $3 and status = 'held')
           and (application_name not like '% ${POOLED}' or wait_event = 'ClientRead'))
       select case when now then pg_terminate_backend(pid) is null else true end as soon from earlier`,
      [[loaderName(id, '%', false), `csvjobs ${id} %`], POOLED_PATIENCE_MS, id],
    );
    if (!rows.some(({ soon }) => soon)) return;
    await setTimeout(POOLED_PAUSE_MS);
  }
}

/** Suffix of the name of a pooled backend. */
const POOLED = 'pooled';

/** The application_name of the transactions that load a job for an attempt. At most 62 of PostgreSQL's 63 bytes. */
export function loaderName(id: string, attempt: number | '%', pooled: boolean): string {
  return `csvjobs ${id}/${attempt}${pooled ? ` ${POOLED}` : ''}`;
}

/** Terminates the backends of one attempt: another attempt has the job now, and they are in its way. */
export async function endAttempt(db: Db, id: string, attempt: number): Promise<void> {
  await db.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where usename = current_user and application_name = $1 and pid <> pg_backend_pid()`,
    [loaderName(id, attempt, false)],
  );
}

/**
 * Returns the jobs whose attempts still own them. An attempt also owns a job that it has just held, completed or
 * failed. An attempt that is `loading` has lost the job if that is pending: it was cancelled and retried meanwhile.
 */
export async function ownedAttempts(
  db: Db,
  attempts: readonly { jobId: string; attempt: number; loading: boolean }[],
): Promise<Set<string>> {
  const { rows } = await db.query<{ id: string }>(
    `select id from jobs
       join unnest($1::uuid[], $2::int[], $3::bool[]) as mine (id, attempt, loading) using (id, attempt)
     where status in ('processing', 'held', 'completed', 'failed') or (status = 'pending' and not loading)`,
    [
      attempts.map(({ jobId }) => jobId),
      attempts.map(({ attempt }) => attempt),
      attempts.map(({ loading }) => loading),
    ],
  );
  return new Set(rows.map(({ id }) => id));
}

/** From pending to processing, once the file has been surveyed. */
export async function beginProcessing(
  db: Db,
  id: string,
  attempt: number,
  found: { totalRows: number; headerText: string; source: Source; notices: string[] },
): Promise<Job | null> {
  const { rows } = await db.query<JobRow>(
    `update jobs set status = 'processing', total_rows = $3, source = $4, notices = $5, header = $6,
       reading_ms = reading_ms + ${SINCE_PHASE}, phase_since = clock_timestamp(),
       started_at = coalesce(started_at, now()), failure_code = null, failure_message = null
     where id = $1 and attempt = $2 and status in ('pending', 'processing')
     returning ${JOB_COLUMNS}`,
    [
      id,
      attempt,
      found.totalRows,
      JSON.stringify(found.source),
      JSON.stringify(found.notices),
      found.headerText,
    ],
  );
  return rows[0] ? toJob(rows[0]) : null;
}

/**
 * Inside a batch's transaction: checks that the job is this attempt's, and protects it from deletion until the
 * transaction ends. This replaces the check and the lock that the foreign key's trigger would take for each row.
 */
export async function holdJob(db: Db, id: string, attempt: number): Promise<boolean> {
  const { rowCount } = await db.query(
    `select from jobs where id = $1 and attempt = $2 and status = 'processing' for key share`,
    [id, attempt],
  );
  return rowCount === 1;
}

/** What a batch adds to its job: how many rows were inserted, updated, unchanged and skipped. */
export interface Advance {
  inserted: number;
  updated?: number;
  unchanged?: number;
  skipped?: number;
  /** Its rejected rows by reason. `failedCount` is their sum, so the two cannot differ. */
  reasons: Readonly<Record<string, number>>;
  /** How many values were read differently from how they are written in the file, by assumption. */
  assumed?: Readonly<Record<string, number>>;
  checkpoint: Checkpoint;
}

/** Maximum length of values in the preview of rejects, in characters; the report has them in full. */
const PREVIEW_LENGTH = 200;

/**
 * Counts a batch and moves the checkpoint, in the batch's own transaction and after its rows. Fills the preview of
 * rejects from the report until it is full. Returns the job's progress, or null if fenced; it does not return the
 * preview, which is up to 500 kB. Each committed batch resets the count of failed attempts, unless all batches are
 * one transaction.
 */
export async function advance(db: Db, id: string, attempt: number, batch: Advance): Promise<Progress | null> {
  const { inserted, updated = 0, unchanged = 0, skipped = 0 } = batch;
  const success = inserted + updated + unchanged;
  const failed = rowsOf(batch.reasons);
  const { rows } = await db.query<ProgressRow>(
    `update jobs set
       processed_rows = processed_rows + $3 + $4 + $12, success_count = success_count + $3, failed_count = failed_count + $4,
       updated_count = updated_count + $10, unchanged_count = unchanged_count + $11, skipped_count = skipped_count + $12,
       loading_ms = loading_ms + ${SINCE_PHASE}, phase_since = clock_timestamp(),
       byte_offset = $5, line = $6, failures = case when ${WHOLE} then failures else 0 end, failure_code = null, failure_message = null,
       errors = case when $4 = 0 or jsonb_array_length(errors) >= ${PREVIEW_LIMIT} then errors else (
         select coalesce(jsonb_agg(jsonb_build_object('rowNumber', row_number, 'message', message, 'row', (
             select jsonb_object_agg(key, left(value, ${PREVIEW_LENGTH})) from jsonb_each_text(row)
           )) order by row_number), '[]')
         from (select * from job_errors where job_id = $1 order by row_number limit ${PREVIEW_LIMIT}) first
       ) end,
       reasons = case when $4 = 0 then reasons else reasons || (
         select jsonb_object_agg(key, value::bigint + coalesce((reasons ->> key)::bigint, 0))
         from jsonb_each_text($8)
       ) end,
       assumed = case when $9::jsonb = '{}' then assumed else assumed || (
         select jsonb_object_agg(key, value::bigint + coalesce((assumed ->> key)::bigint, 0))
         from jsonb_each_text($9)
       ) end
     where id = $1 and attempt = $2 and status = 'processing' and processed_rows + $3 + $4 + $12 = $7
     returning ${PROGRESS_COLUMNS}`,
    [
      id,
      attempt,
      success,
      failed,
      batch.checkpoint.byteOffset,
      batch.checkpoint.line,
      batch.checkpoint.rowNumber,
      JSON.stringify(batch.reasons),
      JSON.stringify(batch.assumed ?? {}),
      updated,
      unchanged,
      skipped,
    ],
  );
  return rows[0] ? toProgress(rows[0]) : null;
}

/**
 * From processing to completed; refused while a record of the file is unaccounted for. Uses clock_timestamp because
 * the transaction of an atomic job started with its first batch.
 */
export async function completeJob(db: Db, id: string, attempt: number): Promise<Job | null> {
  const { rows } = await db.query<JobRow>(
    `update jobs set status = 'completed', completed_at = clock_timestamp(), loading_ms = loading_ms + ${SINCE_PHASE}
     where id = $1 and attempt = $2 and status = 'processing' and processed_rows = total_rows
     returning ${JOB_COLUMNS}`,
    [id, attempt],
  );
  return rows[0] ? toJob(rows[0]) : null;
}

/** To failed, with the reason; final until a person retries the job. */
export async function failJob(
  db: Db,
  id: string,
  attempt: number,
  failure: { code: string; message: string },
): Promise<Job | null> {
  const { rows } = await db.query<JobRow>(
    `update jobs set status = 'failed', completed_at = now(), failure_code = $3, failure_message = $4, ${WORKED}
     where id = $1 and attempt = $2 and status in ('pending', 'processing')
     returning ${JOB_COLUMNS}`,
    [id, attempt, failure.code, failure.message],
  );
  return rows[0] ? toJob(rows[0]) : null;
}

/**
 * Stores why an attempt failed, while the job waits for its next one. Returns how many attempts in a row have now
 * failed without committing a batch, or null if the job is no longer this attempt's.
 */
export async function noteFailure(
  db: Db,
  id: string,
  attempt: number,
  failure: { code: string; message: string },
): Promise<number | null> {
  const { rows } = await db.query<{ failures: number }>(
    `update jobs set failures = failures + 1, failure_code = $3, failure_message = $4, ${WORKED}
     where id = $1 and attempt = $2 and status in ('pending', 'processing')
     returning failures`,
    [id, attempt, failure.code, failure.message],
  );
  return rows[0]?.failures ?? null;
}
