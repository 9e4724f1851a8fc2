/** Names of tables on the command line. */
import { readTableName } from '@csvjobs/shared/rules';
import { clean } from '../text/text.js';
import { usageError } from '../userError.js';

/**
 * Checks a name before asking the daemon, because an invalid name in a URL could turn it into another URL.
 * @throws UserError (exit 2)
 */
export function assertTableName(name: string): void {
  if (readTableName(name)) return;
  throw usageError(
    `"${clean(name)}" is not the name of a table`,
    'write table or schema.table; put a name with dots or quotes in double quotes: "my.table"',
    'csvjobs tables',
  );
}
