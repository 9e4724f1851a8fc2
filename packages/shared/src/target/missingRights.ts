/**
 * Rights that the rules of a table need and the database role lacks. PostgreSQL checks them for each statement, whatever its
 * rows, so a file that needs one is refused before it is loaded: by an upload, `csvjobs check` and the job itself.
 */
import { quoteIdentifier, quoteTableName, writeTableName } from './tableName.js';
import type { MissingRight, Target } from './target.js';

/**
 * Returns those that a load needs.
 * @param filled the columns that get their values from the file, so their defaults are not used
 * @param updateOnly no rows are inserted; whether PostgreSQL then computes a column or an index depends on what the rows
 *   change, so only the checks of the table count
 */
export function rightsNeeded(
  { missingRights = [] }: Pick<Target, 'missingRights'>,
  filled: readonly string[],
  updateOnly = false,
): MissingRight[] {
  return missingRights.filter(({ rule, name }) =>
    updateOnly ? rule === 'check' : rule !== 'default' || !filled.includes(name),
  );
}

/** Returns a sentence with the statements that grant them; undefined if there are none. */
export function sayMissingRights(
  { table }: Pick<Target, 'table'>,
  missing: readonly MissingRight[],
): string | undefined {
  if (missing.length === 0) return undefined;
  const users = new Map<string, string[]>();
  for (const each of missing) {
    const right = `${each.right} on ${each.object}`;
    users.set(right, [...(users.get(right) ?? []), writeRule(each)]);
  }
  const rights = [...users].map(([right, rules]) => `${right} (needed by ${rules.join(', ')})`);
  const grants = [...new Set(missing.map(({ grant }) => grant))];
  return `the database role lacks rights that rules of ${writeTableName(table)} need: ${rights.join('; ')}. The owner can grant ${grants.length === 1 ? 'it' : 'them'}: ${grants.join('; ')}`;
}

/**
 * Returns the statement with which the owner can grant INSERT into these columns. Undefined if a right is not what they lack, or
 * an earlier version has read the table.
 */
export function grantInsert(
  { table, deniedColumns }: Pick<Target, 'table' | 'deniedColumns'>,
  names: readonly string[],
): string | undefined {
  if (!deniedColumns || !names.every((name) => deniedColumns.names.includes(name))) return undefined;
  const columns = names.map(quoteIdentifier).join(', ');
  return `grant insert (${columns}) on ${quoteTableName(table)} to ${quoteIdentifier(deniedColumns.role)}`;
}

function writeRule({ rule, name }: MissingRight): string {
  return rule === 'default' ? `the default of ${name}` : `${RULES[rule]} ${name}`;
}

const RULES = {
  generated: 'the generated column',
  check: 'the check',
  index: 'the index',
  partitioning: 'the partition key of',
  trigger: 'the condition of the trigger',
} as const;
