/** The unique keys of a table, and which of them can find the rows that a file skips or updates. */
import { foldName } from './headers.js';
import type { Target, TargetKey } from './target.js';

/** Returns the keys by which a file may find rows: the named one, or all that can be used. */
export function findingKeys(target: Target, named: readonly string[] | undefined): TargetKey[] {
  if (!named) return target.keys.filter((key) => whyUnusable(key) === undefined);
  const key = keyMeant(target, named);
  return key ? [key] : [];
}

/**
 * Returns the keys that can find rows and whose columns the file fills. Partial ones are left out if another key fits: it
 * finds all rows.
 * @param replaces whether the file replaces the table
 */
export function fittingKeys(
  { keys }: Target,
  filled: (column: string) => boolean,
  replaces = false,
): TargetKey[] {
  const fitting = keys.filter(
    (key) => whyUnusable(key, replaces) === undefined && partColumns(key).every(filled),
  );
  const whole = fitting.filter(({ predicate }) => predicate === null);
  return whole.length > 0 ? whole : fitting;
}

/**
 * Returns the columns that a record must fill so that rows can be found by a key: not those of the predicate of a partial
 * index, whose value may be a default.
 */
export function partColumns({ columns, partColumns: own }: TargetKey): string[] {
  return own ?? columns;
}

/** Returns the column to blame for a repeated key, if the key has only one. */
export function onlyColumn(key: TargetKey): string | undefined {
  const [first, second] = partColumns(key);
  return second === undefined ? first : undefined;
}

/**
 * Returns the key that a user names by its columns or its name. If several keys have the same columns, prefers a usable
 * one over all rows: another may be partial or deferrable.
 */
export function keyMeant({ keys }: Target, named: readonly string[]): TargetKey | undefined {
  const asOne = (columns: readonly string[]) => columns.map(foldName).sort().join('\0');
  const wanted = asOne(named);
  // The columns of a partial key include those of its predicate, which no one names.
  const meant = keys.filter(
    (key) =>
      [asOne(key.columns), asOne(partColumns(key))].includes(wanted) ||
      (named.length === 1 && named[0] === key.name),
  );
  const usable = meant.filter((key) => whyUnusable(key) === undefined);
  return usable.find(({ predicate }) => predicate === null) ?? usable[0] ?? meant[0];
}

/**
 * Returns why rows cannot be found by a key, or undefined if they can.
 * @param replaces whether the rows that the file does not have are removed, which needs a key of all rows
 */
export function whyUnusable(key: TargetKey, replaces = false): string | undefined {
  if (key.deferrable) return 'is deferrable, so two rows may share it until the transaction ends';
  if (replaces && key.predicate !== null) return `covers only some rows (where ${key.predicate})`;
  return partColumns(key).length === 0 ? 'covers no column' : undefined;
}
