/** A quick check of the answer to an upload, as in jobShape.ts. */
import type { Uploaded } from '@csvjobs/shared';
import { DATE, isCount, isObject, matches, STATUS, UUID } from './shape.js';

/** Whether a value is certainly the answer to an upload. */
export function isUploaded(value: unknown): value is Uploaded {
  if (!isObject(value)) return false;
  const { jobId, earlier, table } = value;
  const fields = 1 + (earlier === undefined ? 0 : 1) + (table === undefined ? 0 : 1);
  return (
    Object.keys(value).length === fields &&
    matches(jobId, UUID) &&
    (table === undefined || typeof table === 'string') &&
    (earlier === undefined || earlier === null || isEarlier(earlier))
  );
}

function isEarlier(value: unknown): boolean {
  return (
    isObject(value) &&
    Object.keys(value).length === 6 &&
    matches(value.jobId, UUID) &&
    typeof value.filename === 'string' &&
    matches(value.status, STATUS) &&
    matches(value.createdAt, DATE) &&
    isCount(value.successCount) &&
    isCount(value.failedCount)
  );
}
