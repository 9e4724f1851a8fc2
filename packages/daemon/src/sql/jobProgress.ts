/**
 * The transitions of a job while a worker has it. Each is fenced: it names the attempt that the worker got when it
 * claimed the job, and does nothing once a later attempt has taken over or the job is finished (for example
 * cancelled). Each returns null if the job is no longer this attempt's.
 */
import { type Job, PREVIEW_LIMIT, type Progress, rowsOf, type Source } from '@csvjobs/shared';
import type { Checkpoint } from '../pipeline/checkpoint.js';
import {
  JOB_COLUMNS,
  type JobRow,
  PROGRESS_COLUMNS,
  type ProgressRow,
  SINCE_PHASE,
  toJob,
  toProgress,
  WHOLE,
} from './jobRow.js';
import type { Db } from './pool.js';
import { LOADED } from './undo/keptJob.js';

/** Adds up the time of an attempt that stops: as reading until the file is surveyed, as loading from then on. */
const WORKED = `phase_since = clock_timestamp(),
  reading_ms = reading_ms + case status when 'pending' then ${SINCE_PHASE} else 0 end,
  loading_ms = loading_ms + case status when 'pending' then 0 else ${SINCE_PHASE} end`;

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

/** To failed, with the reason; final until a person retries the job. The counters say which message is true. */
export async function failJob(
  db: Db,
  id: string,
  attempt: number,
  failure: { code: string; message: string; messageIfLoaded?: string | undefined },
): Promise<Job | null> {
  const { rows } = await db.query<JobRow>(
    `update jobs set status = 'failed', completed_at = now(), failure_code = $3,
       failure_message = case when ${LOADED} > 0 then $5 else $4 end, ${WORKED}
     where id = $1 and attempt = $2 and status in ('pending', 'processing')
     returning ${JOB_COLUMNS}`,
    [id, attempt, failure.code, failure.message, failure.messageIfLoaded ?? failure.message],
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
