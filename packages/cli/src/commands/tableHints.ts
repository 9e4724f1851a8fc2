/** The next command for an upload whose table or header does not fit, with the names of this call in it. */
import type { UploadSource } from '../client/uploadBody.js';
import { shellQuote } from '../text/text.js';
import { UserError } from '../userError.js';

/**
 * The same error with a command that can be copied.
 * @param table the table that was asked for; without one the error stays as it is
 */
export function withCommands(
  error: UserError,
  { file }: Pick<UploadSource, 'file'>,
  table: string | undefined,
): UserError {
  if (table === undefined) return error;
  const into = shellQuote(table);
  const commands: Record<string, string> = {
    table_unknown: `csvjobs tables, or csvjobs create-table ${shellQuote(file)} --into ${into}`,
    header_invalid: `csvjobs describe ${into}`,
    spec_mismatch: `csvjobs describe ${into}`,
    spec_invalid: `csvjobs describe ${into} --spec`,
  };
  const { code, exitCode, message: what, why, cause } = error;
  const next = commands[code];
  return next === undefined ? error : new UserError({ code, exitCode, what, why, next, cause });
}
