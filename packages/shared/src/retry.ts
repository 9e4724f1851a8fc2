/** Whether a failed job can get further by a retry, which reads the same bytes in the same way. */

/** Failures that are the file's own, by how their codes begin (docs/errors.md, 413, 415 and 422). */
const FILE_IS_WRONG = /^(file|header|gzip)_|^(zstd_damaged|strict)$/;
/** How a file is to be read is said at its upload, and stays with the job. */
const READ_WRONGLY = /^(encoding|delimiter)_/;
const SPEC_IS_WRONG = /^spec_/;
/** The daemon has the file no longer; it may come back with its folder. */
const FILE_IS_GONE = /^file_(missing|gone)$/;

/** Why a job that failed with this code fails again however often it is tried; undefined where it may get further. */
export function failsAgain(code: string): 'file' | 'reading' | 'spec' | undefined {
  if (FILE_IS_GONE.test(code)) return undefined;
  if (FILE_IS_WRONG.test(code)) return 'file';
  if (READ_WRONGLY.test(code)) return 'reading';
  return SPEC_IS_WRONG.test(code) ? 'spec' : undefined;
}

/** Whether a job failed because its file is not there. */
export function isFileGone(code: string): boolean {
  return FILE_IS_GONE.test(code);
}
