/** The gate of an atomic job: if it has more rejects than allowed, none of its rows are loaded. */
import {
  allowedRejects,
  grouped,
  isOrAre,
  type LoadMode,
  type Progress,
  readMaxErrors,
  rowCount,
} from '@csvjobs/shared';
import { Failure } from '../failure.js';

/**
 * Checks a job after each batch. Later rows cannot make up for one reject too many, even if the limit is a percentage,
 * because that is of all records of the file.
 * @throws {Failure} `gate_not_met`
 */
export function checkGate(mode: LoadMode, progress: Progress): void {
  const { failedCount, processedRows, totalRows } = progress;
  const limit = mode.atomic ? exceededLimit(mode, failedCount, totalRows) : undefined;
  if (limit === undefined) return;
  throw new Failure(
    'gate_not_met',
    `${grouped(failedCount)} of the first ${rowCount(processedRows)} ${isOrAre(failedCount)} rejected, and ${limit}: nothing was loaded. The report of the job has these rows; correct them or allow more, and upload the file again`,
  );
}

/** Says which limit a file exceeds with this number of rejects; undefined if it exceeds none. */
export function exceededLimit(
  { maxErrors, replace }: Pick<LoadMode, 'maxErrors' | 'replace'>,
  rejected: number,
  totalRows: number,
): string | undefined {
  const gate = maxErrors === undefined ? undefined : readMaxErrors(maxErrors);
  const allowed = gate ? allowedRejects(gate, totalRows) : totalRows;
  if (!gate || rejected <= allowed) return undefined;
  // The limit of a replacement, unless the user has set one.
  if (replace && maxErrors === 0)
    return 'a file that replaces a table may have none, unless --max-errors allows some';
  const share = 'rows' in gate ? '' : `, ${maxErrors} of ${rowCount(totalRows)}`;
  return `at most ${grouped(allowed)} may be rejected (--max-errors${share})`;
}
