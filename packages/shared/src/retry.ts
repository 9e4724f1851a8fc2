/** Whether a retry of a failed job, which reads the same bytes in the same way, can get further. */

/** Failures caused by the file itself, by how their codes begin (docs/errors.md, 413, 415 and 422). */
const FILE_IS_WRONG = /^(file|header|gzip)_|^(zstd_damaged|strict)$/;
/** How to read a file is set at its upload and stays with the job. */
const READ_WRONGLY = /^(encoding|delimiter)_/;
const SPEC_IS_WRONG = /^spec_|^key_unusable$/;
/** The daemon no longer has the file; it may come back with its folder. */
const FILE_IS_GONE = /^file_(missing|gone)$/;

/**
 * Why a job that failed with this code fails again no matter how often it is retried; undefined if it may get further.
 */
export function failsAgain(code: string): 'file' | 'reading' | 'spec' | undefined {
  if (FILE_IS_GONE.test(code)) return undefined;
  if (FILE_IS_WRONG.test(code)) return 'file';
  if (READ_WRONGLY.test(code)) return 'reading';
  return SPEC_IS_WRONG.test(code) ? 'spec' : undefined;
}

/** Whether a job failed because its file is gone. */
export function isFileGone(code: string): boolean {
  return FILE_IS_GONE.test(code);
}
