/** The gate of an atomic job: if it has more rejects than allowed, none of its rows are loaded. */
import {
  allowedRejects,
  isOrAre,
  type LoadMode,
  type Progress,
  readMaxErrors,
  withNoun,
} from '@csvjobs/shared';
import { Failure } from '../failure.js';

/**
 * Checks a job after each batch. Later rows cannot make up for one reject too many, even if the limit is a percentage,
 * because that is of all records of the file.
 * @throws {Failure} `gate_not_met`
 */
export function checkGate({ atomic, maxErrors }: LoadMode, progress: Progress): void {
  const gate = atomic && maxErrors !== undefined ? readMaxErrors(maxErrors) : undefined;
  if (!gate) return;
  const { failedCount, processedRows, totalRows } = progress;
  const allowed = allowedRejects(gate, totalRows);
  if (failedCount <= allowed) return;
  const share = 'rows' in gate ? '' : `, ${maxErrors} of ${withNoun(totalRows, 'row')}`;
  throw new Failure(
    'gate_not_met',
    `${failedCount} of the first ${withNoun(processedRows, 'row')} ${isOrAre(failedCount)} rejected, and at most ${allowed} may be rejected (--max-errors${share}): nothing was loaded. The report of the job has these rows; correct them or allow more, and upload the file again`,
  );
}
