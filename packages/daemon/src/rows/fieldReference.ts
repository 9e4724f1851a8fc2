/** How a spec and `--map` name the fields of a header: by their names, or by their numbers. */
import { foldName } from '@csvjobs/shared/reading';

/**
 * Returns the fields of the header that a name in the spec means: those with exactly this name, otherwise as `foldName`
 * compares. `#3` is the third field, for names that occur more than once.
 */
export function fieldsNamed(name: string, cells: readonly string[]): number[] {
  const all = [...cells.keys()];
  const exact = all.filter((position) => cells[position] === name.trim());
  if (exact.length > 0) return exact;
  const number = /^\s*#(\d+)\s*$/.exec(name)?.[1];
  if (number !== undefined) return all.filter((position) => position === Number(number) - 1);
  return all.filter((position) => foldName(cells[position]!) === foldName(name));
}

/** Returns what identifies a field in a spec or a `--map`: its name, or its number if its name is not unique. */
export function fieldReference(position: number, cells: readonly string[]): string {
  const name = cells[position]!;
  return name !== '' && fieldsNamed(name, cells).length === 1 ? name : `#${position + 1}`;
}
