/** The next command for a file whose table or header does not fit, with the names of this call in it. */
import type { UploadSource } from '../client/uploadBody.js';
import { shellQuote } from '../text/text.js';
import { UserError } from '../userError.js';

/**
 * The same error with a command that can be copied.
 * @param table the table that was asked for; undefined for customers
 */
export function withCommands(
  error: UserError,
  { file }: Pick<UploadSource, 'file'>,
  table: string | undefined,
): UserError {
  const { code, exitCode, message: what, why, cause } = error;
  const next = nextFor(code, file, table);
  return next === undefined ? error : new UserError({ code, exitCode, what, why, next, cause });
}

/** Stdin cannot be read again: what is mapped is a file. */
function nextFor(code: string, file: string, table: string | undefined): string | undefined {
  const map = `csvjobs map ${shellQuote(file)}`;
  if (table === undefined)
    return file !== '-' && (code === 'header_invalid' || code === 'spec_mismatch') ? map : undefined;
  const into = shellQuote(table);
  const fit = file === '-' ? `csvjobs describe ${into}` : `${map} --into ${into}`;
  const commands: Record<string, string> = {
    table_not_found: `csvjobs tables, or csvjobs create-table ${shellQuote(file)} --into ${into}`,
    header_invalid: fit,
    spec_mismatch: fit,
    spec_invalid: `csvjobs describe ${into} --spec`,
  };
  return commands[code];
}
