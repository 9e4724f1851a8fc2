/** The unique keys of a table, and which of them can find the rows that a file skips or updates. */
import { foldName } from './headers.js';
import type { Target, TargetKey } from './target.js';

/** Returns the keys by which a file may find rows: the named one, or all that can be used. */
export function findingKeys(target: Target, named: readonly string[] | undefined): TargetKey[] {
  if (!named) return target.keys.filter((key) => whyUnusable(key) === undefined);
  const key = keyMeant(target, named);
  return key ? [key] : [];
}

/** Returns the keys that can find rows and whose columns the file fills. */
export function fittingKeys({ keys }: Target, filled: (column: string) => boolean): TargetKey[] {
  return keys.filter((key) => whyUnusable(key) === undefined && key.columns.every(filled));
}

/**
 * Returns the key that a user names by its columns or its name. If several keys have the same columns, prefers a usable
 * one: another may be partial or deferrable.
 */
export function keyMeant({ keys }: Target, named: readonly string[]): TargetKey | undefined {
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
  return meant.find((each) => whyUnusable(each) === undefined) ?? meant[0];
}

/** Returns why rows cannot be found by a key, or undefined if they can. */
export function whyUnusable({ deferrable, predicate, columns }: TargetKey): string | undefined {
  if (deferrable) return 'is deferrable, so two rows may share it until the transaction ends';
  if (predicate !== null) return `covers only some rows (where ${predicate})`;
  return columns.length === 0 ? 'covers no column' : undefined;
}
