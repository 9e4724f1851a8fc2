/** What to do about a job that stopped before its whole file was loaded. */
import type { Job } from '@csvjobs/shared';
import { failsAgain, isFileGone } from '@csvjobs/shared/rules';
import { unasked } from '../text/nothingLoaded.js';
import { uploadAgain } from './uploadAgain.js';

/** The table has changed since the upload; only a new upload reads it again. */
const TABLE_HAS_CHANGED = /^(table_(?!not_allowed$)|target_changed$)/;
/** The option that says how to read a file, by the prefix of the failure's code. */
const READ_WRONGLY: Partial<Record<string, string>> = {
  encoding: '--encoding <name>',
  delimiter: '--delimiter <text>',
};

/** What to change on the daemon first. */
const AFTER_A_CHANGE: Partial<Record<string, string>> = {
  decompressed_too_large: 'after raising MAX_DECODED_BYTES',
  table_not_allowed: 'once TARGET_TABLES of the daemon includes the table',
  zstd_unsupported: 'after updating Node.js on the daemon',
};

export interface Hint {
  when: string;
  command: string;
}

/**
 * Returns the next command and when to use it: `retry` only if the same file may get further. Undefined if there is no
 * useful next command.
 * @param path of the file on this machine, if known; `-` for stdin
 * @param asks whether the command can ask questions where it will run
 */
export function retryHint(
  {
    id,
    status,
    filename,
    failure,
    ...how
  }: Pick<Job, 'id' | 'status' | 'filename' | 'failure' | 'table' | 'mode' | 'spec'>,
  { path, asks = true }: { path?: string | undefined; asks?: boolean } = {},
): Hint | undefined {
  const retry = `csvjobs retry ${id}`;
  if (status === 'undone') return { when: 'to load it again', command: unasked(retry, how, asks) };
  if (status === 'cancelled') return { when: 'to continue', command: retry };
  if (status !== 'failed') return undefined;
  const code = failure?.code ?? '';
  // A refused replacement ends its message with the option that would allow it.
  const removed =
    code === 'max_removed_exceeded' ? /--max-removed (\d+)$/.exec(failure!.message)?.[1] : undefined;
  const mode = removed === undefined ? how.mode : { ...how.mode, maxRemoved: Number(removed) };
  if (code.startsWith('hold_')) return { when: 'to run it again', command: retry };
  const upload = uploadAgain({ id, filename, ...how, mode }, path, asks);
  if (isFileGone(code)) return { when: 'the daemon no longer has the file', command: upload };
  const why = failsAgain(code);
  if (code === 'max_removed_exceeded')
    return {
      when: `if these rows may be removed${removed ? '' : ', with the --max-removed of the message'}`,
      command: upload,
    };
  if (why === 'file' || code === 'gate_not_met') return { when: 'after fixing the file', command: upload };
  if (why === 'spec' || TABLE_HAS_CHANGED.test(code))
    return { when: 'with the table as it is now', command: upload };
  if (why === 'reading')
    return { when: 'with the right one', command: `${upload} ${READ_WRONGLY[code.split('_')[0] ?? '']}` };
  return { when: AFTER_A_CHANGE[code] ?? 'once that is fixed', command: retry };
}
