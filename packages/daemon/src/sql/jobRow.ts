/** A row of the jobs table: its columns, and the forms of the API that are made from it. */
import {
  assumedNotices,
  type ChangedRow,
  type Held,
  hasModeCounts,
  type Job,
  type JobSummary,
  type LoadMode,
  type ModeCounts,
  type Progress,
  progressOf,
  reasonCounts,
  rowsOf,
  type ShownRow,
  type Source,
  type Spec,
  type UndoCounts,
  withoutLine,
} from '@csvjobs/shared';
import type { OriginRow } from './origins.js';

/** A job's progress. */
export interface ProgressRow {
  id: string;
  target_table: string;
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
  column_order: string[] | null;
}

const MODE_COLUMNS = 'mode, updated_count, unchanged_count, skipped_count, removed_count';

export const PROGRESS_COLUMNS = `id, target_table, status, total_rows, processed_rows, success_count, failed_count, ${MODE_COLUMNS}`;

export const SUMMARY_COLUMNS = `id, filename, target_table, status, total_rows, processed_rows, success_count, failed_count,
  ${MODE_COLUMNS}, created_at, started_at, completed_at`;

/** The columns of the job's table in their order, for the preview of rejects: jsonb does not keep the order of keys. */
export const COLUMN_ORDER = `case when failed_count > 0 then jsonb_path_query_array(target, '$.columns[*].name') end as column_order`;

/** All columns except the idempotency key, which only the upload needs. */
export const JOB_COLUMNS = `${SUMMARY_COLUMNS}, errors, reasons, attempt, byte_offset, line, size_bytes, sha256,
  source, notices, failure_code, failure_message, queued_ms, reading_ms, loading_ms, spec, overrides, assumed, parent, dry_run,
  removed_rows, undone_at, undone_by, undone, held_until, held_rows, held_answer, held_answer_at, held_answer_by, origin,
  ${COLUMN_ORDER}`;

/** Milliseconds of a job that are not counted yet; clock_timestamp, because now() is the start of the transaction. */
export const SINCE_PHASE = `greatest(0, extract(epoch from clock_timestamp() - phase_since) * 1000)::bigint`;

/** Condition over a job's row: all its rows are one transaction (isWhole). */
export const WHOLE = `mode ?| '{atomic,dryRun}'`;

/** Converts a row of the table to the API's form. */
export function toJob(row: JobRow): Job {
  // Without reasons if some of the job's rejects were never counted by reason (see the migration).
  const counted = rowsOf(row.reasons) === row.failed_count;
  return {
    ...toSummary(row),
    errors: row.errors.map((each) => ({
      ...each,
      row: inOrder(each.row, row.column_order ?? []),
      message: withoutLine(each.message),
    })),
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

/** Values by column: those of `order` first. */
function inOrder<Value>(row: Record<string, Value>, order: readonly string[]): Record<string, Value> {
  const known = order.filter((name) => Object.hasOwn(row, name)).map((name) => [name, row[name]!] as const);
  return { ...Object.fromEntries(known), ...row };
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
  return progressOf({
    id: row.id,
    table: row.target_table,
    processedRows: row.processed_rows,
    totalRows: row.total_rows,
    successCount: row.success_count,
    failedCount: row.failed_count,
    status: row.status,
    ...countsOf(row),
  });
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
