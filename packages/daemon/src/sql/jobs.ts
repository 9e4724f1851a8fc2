/**
 * The jobs table, as the API and the queue see it: insert, find, and the transitions that are not part of a load
 * (those are in jobProgress.ts).
 */
import {
  assumedNotices,
  type ChangedRow,
  CUSTOMERS,
  type FileDialect,
  type Held,
  hasModeCounts,
  type Job,
  type JobSummary,
  type LoadMode,
  type ModeCounts,
  type Progress,
  reasonCounts,
  rowsOf,
  type ShownRow,
  type Source,
  type Spec,
  type UndoCounts,
  withoutLine,
  writeTableName,
} from '@csvjobs/shared';
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

/** A job's progress. */
export interface ProgressRow {
  id: string;
  status: Job['status'];
  total_rows: number;
  processed_rows: number;
  success_count: number;
  failed_count: number;
  mode: LoadMode;
  updated_count: number;
  unchanged_count: number;
  skipped_count: number;
  removed_count: number;
}

/** What a list shows of a job. */
export interface SummaryRow extends ProgressRow {
  filename: string;
  target_table: string;
  created_at: Date;
  started_at: Date | null;
  completed_at: Date | null;
}

export interface JobRow extends SummaryRow {
  errors: Job['errors'];
  reasons: Record<string, number>;
  attempt: number;
  byte_offset: number;
  line: number;
  size_bytes: number;
  sha256: string;
  source: Source | null;
  notices: string[];
  failure_code: string | null;
  failure_message: string | null;
  queued_ms: number;
  reading_ms: number;
  loading_ms: number;
  spec: Spec | null;
  overrides: Record<string, unknown>;
  assumed: Record<string, number>;
  parent: string | null;
  dry_run: string | null;
  removed_rows: ShownRow[] | null;
  undone_at: Date | null;
  undone_by: string | null;
  undone: UndoCounts | null;
  held_until: Date | null;
  held_rows: ChangedRow[] | null;
  held_answer: 'accepted' | 'discarded' | null;
  held_answer_at: Date | null;
  held_answer_by: string | null;
  origin: OriginRow | null;
}

const MODE_COLUMNS = 'mode, updated_count, unchanged_count, skipped_count, removed_count';

export const PROGRESS_COLUMNS = `id, status, total_rows, processed_rows, success_count, failed_count, ${MODE_COLUMNS}`;

export const SUMMARY_COLUMNS = `id, filename, target_table, status, total_rows, processed_rows, success_count, failed_count,
  ${MODE_COLUMNS}, created_at, started_at, completed_at`;

/** All columns except the idempotency key, which only the upload needs. */
export const JOB_COLUMNS = `${SUMMARY_COLUMNS}, errors, reasons, attempt, byte_offset, line, size_bytes, sha256,
  source, notices, failure_code, failure_message, queued_ms, reading_ms, loading_ms, spec, overrides, assumed, parent, dry_run,
  removed_rows, undone_at, undone_by, undone, held_until, held_rows, held_answer, held_answer_at, held_answer_by, origin`;

/** Milliseconds of a job that are not counted yet; clock_timestamp, because now() is the start of the transaction. */
export const SINCE_PHASE = `greatest(0, extract(epoch from clock_timestamp() - phase_since) * 1000)::bigint`;

/** Condition over a job's row: all its rows are one transaction (isWhole). */
export const WHOLE = `mode ?| '{atomic,dryRun}'`;

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

/** Converts a row of the table to the API's form. */
export function toJob(row: JobRow): Job {
  // Without reasons if some of the job's rejects were never counted by reason (see the migration).
  const counted = rowsOf(row.reasons) === row.failed_count;
  return {
    ...toSummary(row),
    errors: row.errors.map((each) => ({ ...each, message: withoutLine(each.message) })),
    ...(counted && { reasons: reasonCounts(row.reasons) }),
    sizeBytes: row.size_bytes,
    sha256: row.sha256,
    attempt: row.attempt,
    source: row.source,
    notices: [...row.notices, ...assumedNotices(row.assumed)],
    timings: { queuedMs: row.queued_ms, readingMs: row.reading_ms, loadingMs: row.loading_ms },
    failure:
      row.failure_code === null ? null : { code: row.failure_code, message: row.failure_message ?? '' },
    ...(row.spec !== null && { spec: { ...row.spec } }),
    overrides: row.overrides,
    ...(row.dry_run !== null && { dryRunId: row.dry_run }),
    ...(row.parent !== null && { parent: row.parent }),
    ...(row.origin !== null && { origin: row.origin }),
    ...heldOf(row),
    ...(row.removed_rows !== null && row.removed_rows.length > 0 && { removedRows: row.removed_rows }),
    ...(row.undone_at !== null &&
      row.undone !== null && {
        undone: { ...row.undone, at: row.undone_at.toISOString(), by: row.undone_by ?? '' },
      }),
  };
}

/** How the job is or was held; nothing while it is being tried again. */
function heldOf(row: JobRow): { held?: Held } {
  if (row.held_until === null || row.status === 'pending' || row.status === 'processing') return {};
  return {
    held: {
      until: row.held_until.toISOString(),
      rows: row.held_rows ?? [],
      ...(row.held_answer !== null && { answer: row.held_answer }),
      ...(row.held_answer_at !== null && { answeredAt: row.held_answer_at.toISOString() }),
      ...(row.held_answer_by !== null && { answeredBy: row.held_answer_by }),
    },
  };
}

/** The part of a job that is published while it runs. */
export function toProgress(row: ProgressRow): Progress {
  return {
    jobId: row.id,
    processedRows: row.processed_rows,
    totalRows: row.total_rows,
    successCount: row.success_count,
    failedCount: row.failed_count,
    status: row.status,
    ...countsOf(row),
  };
}

/** Row counts for modes with more outcomes than inserted and rejected. */
function countsOf(row: ProgressRow): { counts?: ModeCounts } {
  if (!hasModeCounts(row.mode)) return {};
  const [updated, unchanged, skipped] = [row.updated_count, row.unchanged_count, row.skipped_count];
  const inserted = row.success_count - updated - unchanged;
  const removed = row.mode.replace && { removed: row.removed_count };
  return { counts: { inserted, updated, unchanged, skipped, ...removed } };
}

/** The part of a job that a list shows. */
export function toSummary(row: SummaryRow): JobSummary {
  return {
    id: row.id,
    filename: row.filename,
    table: row.target_table,
    status: row.status,
    totalRows: row.total_rows,
    processedRows: row.processed_rows,
    successCount: row.success_count,
    failedCount: row.failed_count,
    ...countsOf(row),
    ...(Object.keys(row.mode).length > 0 && { mode: row.mode }),
    createdAt: row.created_at.toISOString(),
    startedAt: row.started_at?.toISOString() ?? null,
    completedAt: row.completed_at?.toISOString() ?? null,
  };
}
