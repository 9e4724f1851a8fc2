/** Quick checks of the events in a job's stream, as in jobShape.ts: with zod, watching costs half as much again. */
import type { FileReading, Progress } from '@csvjobs/shared';
import { hasProgress, isReading } from './modeShape.js';
import { isObject, matches, UUID } from './shape.js';

/** Number of fields of each, without the optional ones. */
const PROGRESS_FIELDS = 6;

/** Whether a value is certainly the data of a progress event. */
export function isProgress(value: unknown): value is Progress {
  if (!isObject(value)) return false;
  const { table, counts, reading } = value;
  const more = [table, counts, reading].filter((each) => each !== undefined).length;
  return (
    Object.keys(value).length === PROGRESS_FIELDS + more &&
    matches(value.jobId, UUID) &&
    (table === undefined || typeof table === 'string') &&
    hasProgress(value)
  );
}

/** Whether a value is certainly the data of a `reading` event. */
export function isJobReading(value: unknown): value is FileReading & { jobId: string } {
  if (!isObject(value)) return false;
  const { jobId, ...reading } = value;
  return matches(jobId, UUID) && isReading(reading);
}
