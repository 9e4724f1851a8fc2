/**
 * Conditions under which a partial unique index can find the rows that a file skips or updates. A record has its key only if
 * its row, as it would be inserted, satisfies the predicate (PostgreSQL manual, INSERT: ON CONFLICT).
 */
import type { Target, TargetColumn, TargetKey } from '@csvjobs/shared';
import { calledFunctions, listed, partColumns, whyUnusable, writeTableName } from '@csvjobs/shared/reading';
import type { ColumnFrom, PlannedConflict } from './planColumn.js';
import type { SpecColumn } from './specColumns.js';

export interface PartialKeyUse extends Pick<PlannedConflict, 'onConflict' | 'newRowsOnly'> {
  byColumn: ReadonlyMap<string, ColumnFrom>;
}

/** Returns a sentence for each reason why a plan cannot use a key; none for a key of all rows. */
export function partialKeyFaults(
  target: Target,
  key: TargetKey,
  columns: readonly SpecColumn[],
  use: PartialKeyUse,
): string[] {
  if (key.predicate === null) return [];
  const only = `the key ${key.name} covers only some rows of ${writeTableName(target.table)} (where ${key.predicate})`;
  const faults = key.columns
    .filter((name) => !partColumns(key).includes(name))
    .flatMap((name) => {
      const column = columns.find((each) => each.column.name === name);
      const advice = column && whatToFill(column, use);
      return advice === undefined
        ? []
        : [`${only}, and the value of ${name} in a new row is not known beforehand: ${advice}`];
    });
  if (use.onConflict === 'skip') return faults;
  const { byColumn, newRowsOnly } = use;
  const updated = [...byColumn.keys()].filter(
    (name) => !partColumns(key).includes(name) && !newRowsOnly.includes(name),
  );
  if (updated.length > 0 && !undoColumns(target, key, updated))
    faults.push(`${only}, so an undo needs another key for the updated rows; ${otherKey(target, updated)}`);
  return faults;
}

/** Returns what to do if the predicate cannot use the value that a new row would have, or undefined if it can. */
function whatToFill(
  { column, blanks = 'keep', default: fresh }: SpecColumn,
  use: PartialKeyUse,
): string | undefined {
  if (isFixed(column)) return undefined;
  if (!use.byColumn.has(column.name)) return 'add a field for it';
  const isKept = use.onConflict === 'update' && blanks === 'keep' && fresh === undefined;
  return isKept ? `say what its empty fields mean (--blanks ${column.name}=null)` : undefined;
}

/** Whether the table gives the column the same value in all rows of a transaction. */
function isFixed({ default: value, identity, generated }: TargetColumn): boolean {
  if (identity !== null || generated !== null) return false;
  return value === null || calledFunctions(value).every((name) => name === 'now');
}

/**
 * Returns the columns by which an undo finds the rows that a file updates. Rows outside of a partial index may have the same
 * values as one inside, so a key of all rows is needed there, which the update must leave as it is.
 * @param updated the columns that the update sets
 * @returns undefined if the table has no such key
 */
export function undoColumns(
  target: Target,
  key: TargetKey,
  updated: readonly string[],
): readonly string[] | undefined {
  if (key.predicate === null) return key.columns;
  return wholeKeys(target).find((columns) => !columns.some((name) => updated.includes(name)));
}

/** Returns whether the table has no key by which an undo could find the rows that are updated by this one. */
export function lacksUndoKey(target: Target, key: TargetKey): boolean {
  return key.predicate !== null && wholeKeys(target).length === 0;
}

/** The columns of each key that identifies every row. */
function wholeKeys({ keys, columns }: Target): string[][] {
  const known = (name: string, { nullsNotDistinct }: TargetKey) => {
    const { notNull, generated } = columns.find((column) => column.name === name)!;
    return generated === null && (notNull || nullsNotDistinct);
  };
  return keys
    .filter(
      (key) =>
        whyUnusable(key, true) === undefined &&
        key.parts.every(({ column }) => column !== null) &&
        key.columns.every((name) => known(name, key)),
    )
    .map((key) => key.columns);
}

function otherKey(target: Target, updated: readonly string[]): string {
  const [whole] = wholeKeys(target);
  if (!whole) return `the table has none: alter table ${writeTableName(target.table)} add primary key (…)`;
  const set = whole.filter((name) => updated.includes(name));
  return `the file sets ${listed(set)}, so leave that out (csvjobs.ignore in the spec), or use --key ${whole.join(',')}`;
}
