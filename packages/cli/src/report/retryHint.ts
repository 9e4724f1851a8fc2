/** What to do about a job that ended before all of its file was loaded. */
import { CUSTOMERS, type Job } from '@csvjobs/shared';
import { shellQuote } from '../text/text.js';

/**
 * Failures that are the file's own, by how their codes begin (docs/errors.md, 413, 415 and 422): a retry reads the same
 * bytes in the same way, and fails again.
 */
const FILE_IS_WRONG = /^(file|header|gzip)_|^zstd_damaged$/;
/** The table, or the spec, is another one than the file was uploaded for: only a new upload looks at it anew. */
const UPLOAD_ANEW = /^(spec_|table_|target_changed$)/;
/** How a file is to be read is said at its upload, and stays with the job: the option for it, by how the code begins. */
const READ_WRONGLY: Partial<Record<string, string>> = {
  encoding: '--encoding <name>',
  delimiter: '--delimiter <text>',
};
/** The daemon has the file no longer. */
const FILE_IS_GONE = /^file_(missing|gone)$/;

/** What is to be changed at the daemon first. */
const AFTER_A_CHANGE: Partial<Record<string, string>> = {
  decompressed_too_large: 'after raising MAX_DECODED_BYTES',
  zstd_unsupported: 'after updating Node.js on the daemon',
};

export interface Hint {
  when: string;
  command: string;
}

/**
 * The next command, with the words before it: `retry` only where the same file may get further. Undefined where there is
 * nothing to go on with.
 */
export function retryHint({
  id,
  status,
  filename,
  failure,
  table,
}: Pick<Job, 'id' | 'status' | 'filename' | 'failure' | 'table'>): Hint | undefined {
  const retry = `csvjobs retry ${id}`;
  if (status === 'cancelled') return { when: 'to go on', command: retry };
  if (status !== 'failed') return undefined;
  const code = failure?.code ?? '';
  // A name may begin with a hyphen.
  const into = table === undefined || table === CUSTOMERS ? '' : ` --into ${shellQuote(table)}`;
  const upload = `csvjobs upload ${shellQuote(filename.startsWith('-') ? `./${filename}` : filename)}${into}`;
  if (FILE_IS_GONE.test(code)) return { when: 'the daemon no longer has the file', command: upload };
  if (FILE_IS_WRONG.test(code)) return { when: 'after fixing the file', command: upload };
  if (UPLOAD_ANEW.test(code)) return { when: 'with the table as it is now', command: upload };
  const option = READ_WRONGLY[code.split('_')[0] ?? ''];
  if (option) return { when: 'with the right one', command: `${upload} ${option}` };
  return { when: AFTER_A_CHANGE[code] ?? 'once that is fixed', command: retry };
}
