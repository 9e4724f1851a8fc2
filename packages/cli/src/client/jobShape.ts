/**
 * Quick checks of jobs: a value that passes them also passes jobSchema of @csvjobs/shared (a test compares). For any
 * other value, zod decides and explains.
 */
import type { Job, JobSummary } from '@csvjobs/shared';

const UUID = /^[\da-f]{8}-[\da-f]{4}-[1-8][\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;
const DATE = /^20\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;
const STATUS = /^(?:pending|processing|held|completed|failed|cancelled|undone)$/;
const COMPRESSION = /^(?:none|gzip|zstd)$/;
/** Number of fields of each, without the optional `table`, `reasons`, `spec` and `parent`. */
const SUMMARY_FIELDS = 10;
const JOB_FIELDS = 18;

type Values = Record<string, unknown>;

/** Whether a value is certainly a list of jobs. */
export function isJobList(value: unknown): value is Job[] {
  return Array.isArray(value) && value.every(isJob);
}

/** Whether a value is certainly a list of summaries. */
export function isSummaryList(value: unknown): value is JobSummary[] {
  return Array.isArray(value) && value.every((each) => isObject(each) && isSummary(each, SUMMARY_FIELDS));
}

/** Whether a value is certainly a job. Days after the 28th and unknown fields do not pass. */
export function isJob(value: unknown): value is Job {
  if (!isObject(value)) return false;
  const { errors, reasons, sizeBytes, sha256, attempt, source, notices, timings, failure, spec, parent } =
    value;
  const more = [reasons, spec, parent].filter((each) => each !== undefined).length;
  return (
    isSummary(value, JOB_FIELDS + more) &&
    (spec === undefined || isObject(spec)) &&
    (parent === undefined || matches(parent, UUID)) &&
    isPreview(errors) &&
    (reasons === undefined || isReasons(reasons)) &&
    isCount(sizeBytes) &&
    typeof sha256 === 'string' &&
    sha256.length === 64 &&
    isCount(attempt) &&
    (source === null || isSource(source)) &&
    Array.isArray(notices) &&
    notices.every((notice) => typeof notice === 'string') &&
    isTimings(timings) &&
    (failure === null || isFailure(failure))
  );
}

/** Checks the fields of a summary in a value with `fields` fields, plus the table, which older daemons do not send. */
function isSummary(value: Values, fields: number): boolean {
  const { table, startedAt, completedAt } = value;
  return (
    Object.keys(value).length === fields + (table === undefined ? 0 : 1) &&
    (table === undefined || typeof table === 'string') &&
    matches(value.id, UUID) &&
    typeof value.filename === 'string' &&
    matches(value.status, STATUS) &&
    isCount(value.totalRows) &&
    isCount(value.processedRows) &&
    isCount(value.successCount) &&
    isCount(value.failedCount) &&
    matches(value.createdAt, DATE) &&
    (startedAt === null || matches(startedAt, DATE)) &&
    (completedAt === null || matches(completedAt, DATE))
  );
}

function isPreview(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.every(
      (each: unknown) =>
        isObject(each) &&
        Object.keys(each).length === 3 &&
        isCount(each.rowNumber) &&
        each.rowNumber !== 0 &&
        typeof each.message === 'string' &&
        isObject(each.row) &&
        Object.values(each.row).every((cell) => typeof cell === 'string'),
    )
  );
}

function isReasons(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.every(
      (each: unknown) =>
        isObject(each) &&
        Object.keys(each).length === 2 &&
        typeof each.message === 'string' &&
        isCount(each.rows) &&
        each.rows !== 0,
    )
  );
}

function isSource(value: unknown): boolean {
  return (
    isObject(value) &&
    Object.keys(value).length === 3 &&
    typeof value.encoding === 'string' &&
    typeof value.delimiter === 'string' &&
    value.delimiter.length === 1 &&
    matches(value.compression, COMPRESSION)
  );
}

function isTimings(value: unknown): boolean {
  return (
    isObject(value) &&
    Object.keys(value).length === 3 &&
    isCount(value.queuedMs) &&
    isCount(value.readingMs) &&
    isCount(value.loadingMs)
  );
}

function isFailure(value: unknown): boolean {
  return (
    isObject(value) &&
    Object.keys(value).length === 2 &&
    typeof value.code === 'string' &&
    typeof value.message === 'string'
  );
}

function isObject(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function matches(value: unknown, pattern: RegExp): boolean {
  return typeof value === 'string' && pattern.test(value);
}
