/**
 * The command that uploads a job's file again. Wherever it is printed, it keeps how the file was loaded, watches the new
 * job, because the first one did not load its file, and has `--yes` exactly where it could not ask.
 */
import type { Job } from '@csvjobs/shared';
import { unasked } from '../text/nothingLoaded.js';
import { fileArgument, STDIN_NAME, shellQuote } from '../text/text.js';
import { uploadOptions } from './uploadOptions.js';

/** The job to repeat, with the mode for this time. */
type Repeated = Pick<Job, 'id' | 'filename' | 'table' | 'mode' | 'spec'>;

/**
 * @param path of the file on this machine, if known; `-` for stdin
 * @param asks whether the command can ask questions where it will run
 */
export function uploadAgain(job: Repeated, path: string | undefined, asks: boolean): string {
  const words = ['csvjobs upload', ...fileWords(job.filename, path), ...uploadOptions(job), '--watch'];
  return unasked(words.join(' '), job, asks);
}

/** A file from stdin must come from stdin again. */
function fileWords(filename: string, path: string | undefined): string[] {
  if (path !== undefined && path !== '-') return [fileArgument(path)];
  if (filename === STDIN_NAME) return ['-'];
  return path === '-' ? ['-', '--name', shellQuote(filename)] : [fileArgument(filename)];
}
