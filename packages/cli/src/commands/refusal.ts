/** Refusing a file when no table prescribes its columns. */
import { PROBLEMS, type ProblemCode, problem } from '@csvjobs/shared';
import { problemError } from '../client/daemonError.js';
import { EXIT } from '../exitCodes.js';
import { clean } from '../text/text.js';
import { UserError } from '../userError.js';

/**
 * The error for an unreadable file, worded as when an upload is refused. Any columns will do, but the header must name
 * some.
 */
export function refusal(file: string, { code, message }: { code: string; message: string }): UserError {
  const known = Object.hasOwn(PROBLEMS, code) ? (code as ProblemCode) : 'file_invalid';
  if (known !== 'header_invalid') return problemError(problem(known, message));
  return new UserError({
    code,
    exitCode: EXIT.usage,
    what: `The header of ${clean(file)} cannot be used`,
    why: clean(message),
    next: 'fix the file so that its first line names the columns, then run the command again',
  });
}
