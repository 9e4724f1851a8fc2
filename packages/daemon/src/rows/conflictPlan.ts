/**
 * Which unique key finds the rows of a table that a file skips or updates. It must be one that the table has: only then can no
 * row have the key twice, whatever other sessions do meanwhile.
 */
import {
  foldName,
  listed,
  quoteIdentifier,
  type Spec,
  type Target,
  type TargetKey,
  writeTableName,
} from '@csvjobs/shared';
import type { ColumnFrom, PlannedConflict } from './planColumn.js';
import type { SpecColumn } from './specColumns.js';

/**
 * What becomes of rows whose key is in the table; undefined where they are rejected, and where something is wrong. A table that is
 * replaced by a file without its keys has no such row: all go before the first record.
 * @param faults takes a sentence where no key, or more than one, is meant
 */
export function conflictPlan(
  target: Target,
  columns: readonly SpecColumn[],
  spec: Spec | undefined,
  byColumn: ReadonlyMap<string, ColumnFrom>,
  faults: string[],
): PlannedConflict | undefined {
  const { mode = 'reject', key: named, updateOnly = false, replace = false } = spec?.csvjobs ?? {};
  const filled = (name: string) => byColumn.has(name);
  if (mode === 'reject' && (!replace || (!named && fittingKeys(target, filled).length === 0)))
    return undefined;
  const key = named ? keyNamed(target, named, filled, faults) : onlyKey(target, filled, faults);
  if (!key) return undefined;
  // A default that no field stands for says what a new row has; it is not to replace what a row of the table has.
  const newRowsOnly = columns
    .filter(
      ({ column, constant }) => byColumn.get(column.name)?.kind === 'constant' && constant === undefined,
    )
    .map(({ column }) => column.name);
  const onConflict = mode === 'skip' ? mode : 'update';
  return { onConflict, updateOnly, key: key.name, newRowsOnly, ...(replace && { replaces: true }) };
}

/** The options of a command line that name a key which fits, where none was named and there are several. */
export function keyOptions(target: Target, filled: (column: string) => boolean): string[] | undefined {
  const [first, second] = fittingKeys(target, filled);
  return first && second ? ['--key', first.columns.join(',')] : undefined;
}

function fittingKeys({ keys }: Target, filled: (column: string) => boolean): TargetKey[] {
  return keys.filter((key) => unusable(key) === undefined && key.columns.every(filled));
}

function onlyKey(
  target: Target,
  filled: (column: string) => boolean,
  faults: string[],
): TargetKey | undefined {
  const fitting = fittingKeys(target, filled);
  if (fitting.length === 1) return fitting[0];
  const table = writeTableName(target.table);
  faults.push(
    fitting.length > 1
      ? `the file has all columns of ${fitting.length} unique keys of ${table}: ${shownKeys(fitting)}; say which with --key ${fitting[0]!.columns.join(',')}`
      : `the file has all columns of no unique key of ${table}, by which its rows could be found${passedOver(target, filled)}; ${thereAre(target)}`,
  );
  return undefined;
}

function keyNamed(
  target: Target,
  named: readonly string[],
  filled: (column: string) => boolean,
  faults: string[],
): TargetKey | undefined {
  const wanted = named.map(foldName).sort().join('\0');
  const isMeant = ({ name, columns }: TargetKey) =>
    columns.map(foldName).sort().join('\0') === wanted || (named.length === 1 && named[0] === name);
  const meant = target.keys.filter(isMeant);
  // Of several keys on the same columns the plain one: another may be on an expression.
  const key = meant.find((each) => unusable(each) === undefined) ?? meant[0];
  const place = `csvjobs.key: ${named.join(', ')}`;
  if (!key) {
    faults.push(`${place} is no unique key of ${writeTableName(target.table)}; ${thereAre(target)}`);
    return undefined;
  }
  const why = unusable(key);
  const lacking = key.columns.filter((name) => !filled(name));
  if (why !== undefined) faults.push(`${place} cannot be used: ${key.name} ${why}; ${thereAre(target)}`);
  else if (lacking.length > 0)
    faults.push(`${place}: the file has no field for ${listed(lacking)}; ${thereAre(target)}`);
  else return key;
  return undefined;
}

/** Why rows cannot be found by a key; undefined where they can. */
function unusable({ deferrable, predicate, columns }: TargetKey): string | undefined {
  if (deferrable) return 'is deferrable, so that two rows may have it for a while';
  if (predicate !== null) return `is for some rows only (where ${predicate})`;
  return columns.length === 0 ? 'looks at no column' : undefined;
}

/** Keys of which the file has all columns, and by which no rows can be found all the same: why, and what to do; with `; ` in front. */
export function passedOver(target: Target, filled: (column: string) => boolean): string {
  const table = writeTableName(target.table);
  return target.keys
    .filter(({ columns }) => columns.length > 0 && columns.every(filled))
    .flatMap((key) => {
      const why = unusable(key);
      if (why === undefined) return [];
      const advice = key.deferrable
        ? `make it one that is not: alter table ${table} drop constraint ${quoteIdentifier(key.name)}, add unique (${key.columns.map(quoteIdentifier).join(', ')})`
        : 'a unique constraint or index over all rows would do';
      return [`; ${shownKeys([key])} ${why}: ${advice}`];
    })
    .join('');
}

function thereAre(target: Target): string {
  const usable = target.keys.filter((key) => unusable(key) === undefined);
  if (usable.length > 0) return `its unique keys: ${shownKeys(usable)}`;
  return `it has none that can be used: add a unique constraint to the table, or load new rows with --on-conflict reject`;
}

function shownKeys(keys: readonly TargetKey[]): string {
  return listed(keys.map(({ name, columns }) => `${columns.join(',')} (${name})`));
}
