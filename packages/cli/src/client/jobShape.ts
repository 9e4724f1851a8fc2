/**
 * Quick checks of jobs: a value that passes them also passes jobSchema of @csvjobs/shared (a test compares). For any
 * other value, zod decides and explains.
 */
import type { Job, JobSummary } from '@csvjobs/shared';
import { hasProgress, isMode } from './modeShape.js';
import { DATE, isCount, isObject, matches, UUID, type Values } from './shape.js';

const COMPRESSION = /^(?:none|gzip|zstd)$/;
const LINE_END = /^(?:lf|crlf|cr)$/;
/** Number of fields of each, without the optional ones that the checks name. */
const SUMMARY_FIELDS = 10;
const JOB_FIELDS = 18;

/** Whether a value is certainly a list of jobs. */
export function isJobList(value: unknown): value is Job[] {
  return Array.isArray(value) && value.every(isJob);
}

/** Whether a value is certainly a list of summaries. */
export function isSummaryList(value: unknown): value is JobSummary[] {
  return Array.isArray(value) && value.every((each) => isObject(each) && isSummary(each, SUMMARY_FIELDS));
}

/** Whether a value is certainly a job. One with unknown fields does not pass. */
export function isJob(value: unknown): value is Job {
  if (!isObject(value)) return false;
  const {
    errors,
    reasons,
    sizeBytes,
    sha256,
    attempt,
    source,
    notices,
    timings,
    failure,
    spec,
    parent,
    overrides,
  } = value;
  const more = [reasons, spec, parent, overrides].filter((each) => each !== undefined).length;
  return (
    isSummary(value, JOB_FIELDS + more) &&
    (spec === undefined || isObject(spec)) &&
    (parent === undefined || matches(parent, UUID)) &&
    (overrides === undefined || isObject(overrides)) &&
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

/** Checks the fields of a summary in a value with `fields` fields, plus those that not all jobs have. */
function isSummary(value: Values, fields: number): boolean {
  const { table, counts, reading, mode, startedAt, completedAt } = value;
  const more = [table, counts, reading, mode].filter((each) => each !== undefined).length;
  return (
    Object.keys(value).length === fields + more &&
    (table === undefined || typeof table === 'string') &&
    (mode === undefined || isMode(mode)) &&
    matches(value.id, UUID) &&
    typeof value.filename === 'string' &&
    hasProgress(value) &&
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
        Object.keys(each).length === (each.advice === undefined ? 2 : 3) &&
        typeof each.message === 'string' &&
        (each.advice === undefined || typeof each.advice === 'string') &&
        isCount(each.rows) &&
        each.rows !== 0,
    )
  );
}

/** As of most files; zod decides about those with more to say. */
function isSource(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { fields, lineEnd } = value;
  const more = [fields, lineEnd].filter((each) => each !== undefined).length;
  return (
    Object.keys(value).length === 3 + more &&
    (fields === undefined || (isCount(fields) && fields !== 0)) &&
    (lineEnd === undefined || matches(lineEnd, LINE_END)) &&
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
