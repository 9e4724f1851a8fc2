/**
 * Chooses the unique key that finds the rows of a table that a file skips or updates. The table must have this key:
 * only then can no two rows have the same key, no matter what other sessions do in the meantime.
 */
import type { Spec, Target, TargetKey } from '@csvjobs/shared';
import { foldName, listed, quoteIdentifier, writeTableName } from '@csvjobs/shared/reading';
import type { ColumnFrom, PlannedConflict } from './planColumn.js';
import type { SpecColumn } from './specColumns.js';

/**
 * Plans what happens to records whose key is already in the table. Returns undefined if they are rejected, or if there
 * is a fault. If a file without the table's keys replaces the table, there are no such records: all rows are removed
 * before the first record.
 * @param faults gets a sentence if no key fits, or more than one
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
  // A default without a field is the value of new rows; it must not replace the value of an existing row.
  const newRowsOnly = columns
    .filter(
      ({ column, constant }) => byColumn.get(column.name)?.kind === 'constant' && constant === undefined,
    )
    .map(({ column }) => column.name);
  const onConflict = mode === 'skip' ? mode : 'update';
  return { onConflict, updateOnly, key: key.name, newRowsOnly, ...(replace && { replaces: true }) };
}

/** Returns options of the command line that name a suitable key, if there are several and the user has named none. */
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
      ? `the file has the columns of ${fitting.length} unique keys of ${table}: ${shownKeys(fitting)}; choose one with --key ${fitting[0]!.columns.join(',')}`
      : `the rows of ${table} cannot be found by a unique key${whyNoKey(target, filled)}; ${thereAre(target)}`,
  );
  return undefined;
}

function keyNamed(
  target: Target,
  named: readonly string[],
  filled: (column: string) => boolean,
  faults: string[],
): TargetKey | undefined {
  const key = keyMeant(target, named);
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

/** If several keys have the same columns, prefers a usable one: another may be partial or deferrable. */
function keyMeant({ keys }: Target, named: readonly string[]): TargetKey | undefined {
  const asOne = (columns: readonly string[]) => columns.map(foldName).sort().join('\0');
  const wanted = asOne(named);
  // The columns of a partial key include those of its predicate, which no one names; other keys include those of expressions.
  const namesOf = ({ columns, parts, predicate }: TargetKey) =>
    predicate === null ? columns : parts.flatMap(({ column }) => column ?? []);
  const meant = keys.filter(
    (key) =>
      [asOne(key.columns), asOne(namesOf(key))].includes(wanted) ||
      (named.length === 1 && named[0] === key.name),
  );
  return meant.find((each) => unusable(each) === undefined) ?? meant[0];
}

/** Whether the table lacks the named key, or any key without a name, whatever fields the file has. */
export function lacksUsableKey(target: Target, spec: Spec | undefined): boolean {
  const named = spec?.csvjobs?.key;
  if (!named) return target.keys.every((key) => unusable(key) !== undefined);
  const key = keyMeant(target, named);
  return key === undefined || unusable(key) !== undefined;
}

/** Returns why rows cannot be found by a key, or undefined if they can. */
function unusable({ deferrable, predicate, columns }: TargetKey): string | undefined {
  if (deferrable) return 'is deferrable, so two rows may share it until the transaction ends';
  if (predicate !== null) return `covers only some rows (where ${predicate})`;
  return columns.length === 0 ? 'covers no column' : undefined;
}

/**
 * Returns why no key can be used: of each whose columns the file has, what is wrong with it and what to do. Starts with a
 * punctuation mark.
 */
export function whyNoKey(target: Target, filled: (column: string) => boolean): string {
  const table = writeTableName(target.table);
  const passedOver = target.keys
    .filter(({ columns }) => columns.length > 0 && columns.every(filled))
    .flatMap((key) => {
      const why = unusable(key);
      if (why === undefined) return [];
      const advice = key.deferrable
        ? `use one that is not: alter table ${table} drop constraint ${quoteIdentifier(key.name)}, add unique (${key.columns.map(quoteIdentifier).join(', ')})`
        : 'use a unique constraint or index over all rows';
      return [`; ${shownKeys([key])} ${why}: ${advice}`];
    })
    .join('');
  return passedOver || ': the file does not have all columns of one';
}

/** What to do for a table without a suitable key. Only tables can have one. */
const NO_KEY: Record<Target['kind'], string> = {
  table: 'it has no suitable key: add a unique constraint to the table',
  'partitioned table': 'it has no suitable key: add a unique constraint to the table',
  view: 'a view has no keys: load into its table',
  'foreign table': 'a foreign table has no keys: load into the table on its server',
};

function thereAre(target: Target): string {
  const usable = target.keys.filter((key) => unusable(key) === undefined);
  if (usable.length > 0) return `its unique keys: ${shownKeys(usable)}`;
  return `${NO_KEY[target.kind]}, or load new rows with --on-conflict reject`;
}

function shownKeys(keys: readonly TargetKey[]): string {
  return listed(keys.map(({ name, columns }) => `${columns.join(',')} (${name})`));
}
