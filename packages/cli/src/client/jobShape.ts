/**
 * A quick look at jobs: what these take, jobSchema of shared takes too (a test compares); what they doubt is zod's to
 * judge, and to explain.
 */
import type { Job, JobSummary } from '@csvjobs/shared';

const UUID = /^[\da-f]{8}-[\da-f]{4}-[1-8][\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;
const DATE = /^20\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;
const STATUS = /^(?:pending|processing|completed|failed|cancelled)$/;
const COMPRESSION = /^(?:none|gzip|zstd)$/;
const KEYS = [
  'id filename status totalRows processedRows successCount failedCount errors createdAt startedAt completedAt',
  'sizeBytes sha256 attempt source notices timings failure',
]
  .join(' ')
  .split(' ').length;

type Values = Record<string, unknown>;

/** Whether a value surely is a list of jobs. */
export function isJobList(value: unknown): value is Job[] {
  return Array.isArray(value) && value.every(isJob);
}

/** Whether a value surely is a list of jobs without their rejects. */
export function isSummaryList(value: unknown): value is JobSummary[] {
  return Array.isArray(value) && value.every((each) => isSummary(each, KEYS - 1));
}

/** Whether a value surely is a job; days after the 28th and unknown fields are doubted too. */
export function isJob(value: unknown): value is Job {
  if (!isObject(value)) return false;
  const { errors, reasons } = value;
  const told = reasons === undefined ? KEYS : KEYS + 1;
  return isSummary(value, told) && isPreview(errors) && (reasons === undefined || isReasons(reasons));
}

function isSummary(value: unknown, keys: number): value is JobSummary {
  if (!isObject(value) || Object.keys(value).length !== keys) return false;
  const { id, filename, status, createdAt, startedAt, completedAt, sha256, source, failure } = value;
  return (
    matches(id, UUID) &&
    typeof filename === 'string' &&
    matches(status, STATUS) &&
    COUNTS.every((name) => isCount(value[name])) &&
    matches(createdAt, DATE) &&
    (startedAt === null || matches(startedAt, DATE)) &&
    (completedAt === null || matches(completedAt, DATE)) &&
    typeof sha256 === 'string' &&
    sha256.length === 64 &&
    (source === null || isSource(source)) &&
    Array.isArray(value.notices) &&
    value.notices.every((notice) => typeof notice === 'string') &&
    isTimings(value.timings) &&
    (failure === null || isFailure(failure))
  );
}

const COUNTS = [
  'totalRows',
  'processedRows',
  'successCount',
  'failedCount',
  'sizeBytes',
  'attempt',
] as const satisfies (keyof Job)[];

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
