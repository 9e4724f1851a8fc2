/** Quick checks of what lists show of a job's mode and progress, as in jobShape.ts. */
import { isCount, isObject, matches, STATUS, type Values } from './shape.js';

const ON_CONFLICT = /^(?:reject|skip|update)$/;
const isTrue = (value: unknown) => value === true;
const isLimit = (value: unknown) => isCount(value) || typeof value === 'string';

const MODE: Record<string, (value: unknown) => boolean> = {
  onConflict: (value) => matches(value, ON_CONFLICT),
  key: (value) =>
    Array.isArray(value) && value.length > 0 && value.every((column) => typeof column === 'string'),
  updateOnly: isTrue,
  atomic: isTrue,
  dryRun: isTrue,
  replace: isTrue,
  hold: isTrue,
  maxRemoved: isLimit,
  maxErrors: isLimit,
};

/** Whether a value is certainly the mode of a job. */
export function isMode(value: unknown): boolean {
  return isObject(value) && Object.entries(value).every(([name, setting]) => MODE[name]?.(setting) === true);
}

/** Whether a value is certainly the counts of a job with a mode. */
export function isModeCounts(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { inserted, updated, unchanged, skipped, removed } = value;
  return (
    Object.keys(value).length === (removed === undefined ? 4 : 5) &&
    [inserted, updated, unchanged, skipped].every(isCount) &&
    (removed === undefined || isCount(removed))
  );
}

/** Whether a value certainly has what a job and its events say of its progress. */
export function hasProgress({ status, counts, reading, ...numbers }: Values): boolean {
  const { totalRows, processedRows, successCount, failedCount } = numbers;
  return (
    matches(status, STATUS) &&
    [totalRows, processedRows, successCount, failedCount].every(isCount) &&
    (counts === undefined || isModeCounts(counts)) &&
    (reading === undefined || isReading(reading))
  );
}

/** Whether a value certainly says how far a file is read. */
export function isReading(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { readBytes, totalBytes, pass } = value;
  return Object.keys(value).length === 3 && [readBytes, totalBytes, pass].every(isCount) && pass !== 0;
}
