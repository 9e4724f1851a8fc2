/**
 * What empty fields mean, by column. Unless the spec says otherwise, an update keeps the row's value, because a file
 * that lacks a value should not remove one; new rows get NULL, and so do existing rows if the file replaces the table.
 */
import type { Target } from '@csvjobs/shared';
import { partColumns } from '@csvjobs/shared/reading';
import type { ColumnFrom, PlannedBlank, PlannedConflict } from './planColumn.js';
import type { SpecColumn } from './specColumns.js';

/**
 * Settles `blanks` of each column, and returns the columns whose empty fields are not NULL in the end. A key column has
 * no value to keep, because its value finds the row.
 * @param conflict undefined if records whose key is in the table are rejected
 */
export function plannedBlanks(
  columns: readonly SpecColumn[],
  byColumn: ReadonlyMap<string, ColumnFrom>,
  conflict: PlannedConflict | undefined,
  { keys }: Target,
): PlannedBlank[] {
  const updates = conflict?.onConflict === 'update';
  const found = keys.find(({ name }) => name === conflict?.key);
  const key = found ? partColumns(found) : [];
  return columns.flatMap((each): PlannedBlank[] => {
    const { column, default: fresh } = each;
    const from = byColumn.get(column.name);
    if (from === undefined || from.kind === 'constant') return [];
    if (conflict && key.includes(column.name)) each.blanks = each.blanks === 'keep' ? 'null' : each.blanks;
    else if (updates && !conflict.replaces) each.blanks ??= 'keep';
    else if (!updates && each.blanks === 'keep') each.blanks = 'default';
    if (each.blanks === 'keep')
      return [{ column: column.name, means: 'keep', ...(fresh !== undefined && { fresh }) }];
    // A default of the spec takes precedence over the table's DEFAULT.
    return each.blanks === 'default' && fresh === undefined
      ? [{ column: column.name, means: 'default' }]
      : [];
  });
}
