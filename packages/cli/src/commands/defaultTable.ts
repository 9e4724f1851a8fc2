/** A refused file for which no table was named: it may be meant for another table than customers. */
import { CUSTOMERS } from '@csvjobs/shared/paths';
import { withFullStop } from '@csvjobs/shared/rules';
import { UserError } from '../userError.js';
import { commandWith } from './tableHints.js';

/** Whether the daemon has found another table that the file fits: the next command names it. */
export function fitsAnother({ options }: Pick<UserError, 'options'>): boolean {
  return options?.includes('--into') ?? false;
}

/** Problems of a file that does not fit its table. */
const DOES_NOT_FIT = ['header_invalid', 'spec_mismatch', 'key_unusable'];

/**
 * Returns the same error, with where its table came from and the command that names another.
 * @param named the table that an option, a spec, the project file or another job names
 * @param words the words of this command line
 */
export function withDefaultTable(
  error: UserError,
  { file }: { file: string },
  named: string | undefined,
  words: readonly string[],
): UserError {
  const { code, exitCode, message: what, why, next, options, cause } = error;
  if (named !== undefined || !DOES_NOT_FIT.includes(code) || fitsAnother(error)) return error;
  const from = `No --into was given, so the table is ${CUSTOMERS}; for another one: ${commandWith(words, file, [])} --into <table>`;
  return new UserError({
    ...{ code, exitCode, what, next, options, cause },
    why: why === undefined ? from : `${withFullStop(why)} ${from}`,
  });
}
