/** The next command for an upload whose table or header does not fit, with the names of this call in it. */
import type { UploadSource } from '../client/uploadBody.js';
import { shellQuote } from '../text/text.js';
import { UserError } from '../userError.js';

/**
 * The same error with a command that can be copied.
 * @param words of the command line as it was called: with the options that the error names it is the command
 * @param table the table that was asked for; without one an error that names no options stays as it is
 */
export function withCommands(
  error: UserError,
  { file }: Pick<UploadSource, 'file'>,
  table: string | undefined,
  words: readonly string[] = [],
): UserError {
  const { options } = error;
  if (options && words.length > 0) return withNext(error, commandWith(words, file, options));
  if (table === undefined) return error;
  const into = shellQuote(table);
  const commands: Record<string, string> = {
    table_not_found: `csvjobs tables, or csvjobs create-table ${shellQuote(file)} --into ${into}`,
    header_invalid: `csvjobs describe ${into}`,
    spec_mismatch: `csvjobs describe ${into}`,
    spec_invalid: `csvjobs describe ${into} --spec`,
  };
  const next = commands[error.code];
  return next === undefined ? error : withNext(error, next);
}

function withNext({ code, exitCode, message: what, why, cause }: UserError, next: string): UserError {
  return new UserError({ code, exitCode, what, why, next, cause });
}

/** The same command for one file, with options at its end; a token is not repeated. */
function commandWith(words: readonly string[], file: string, options: readonly string[]): string {
  const [command = '', ...rest] = words.filter(
    (word, at) => !/^--token(=|$)/.test(word) && words[at - 1] !== '--token',
  );
  return ['csvjobs', command, file, ...rest, ...options].map(shellQuote).join(' ');
}
