/** How a failure ends the program: its exit code, and the message on stderr. */
import { asFailure } from './failure.js';

/** What the caller can correct (arguments, configuration): exit code 2. Everything else is 1. */
const FOR_THE_CALLER = new Set([
  'usage',
  'configuration_invalid',
  'databases_differ',
  'data_dir_unusable',
  'upload_dir_foreign',
  'upload_dir_damaged',
  'upload_dir_unusable',
  'queue_foreign',
  'uploads_apart',
  'uploads_missing',
]);

/**
 * Prints the failure to stderr, and returns the exit code. If the reader went away, prints nothing and
 * returns 0.
 */
export function sayFailure(error: unknown): number {
  const failure = asFailure(error);
  if (failure.code === 'reader_gone') return 0;
  process.stderr.write(`csvjobsd: ${failure.message}\n`);
  if (failure.code === 'unexpected') process.stderr.write(`${failure.stack}\n`);
  return FOR_THE_CALLER.has(failure.code) ? 2 : 1;
}
