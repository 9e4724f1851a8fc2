/**
 * What empty fields mean, by column. An update keeps what a row has unless the spec says otherwise: a file that lacks a value
 * takes none away. New rows have NULL, as ever, unless it says so; so have known ones where the file replaces the table.
 */
import type { Target } from '@csvjobs/shared';
import type { ColumnFrom, PlannedBlank, PlannedConflict } from './planColumn.js';
import type { SpecColumn } from './specColumns.js';

/**
 * Settles `blanks` of each column, and lists those that are not NULL in the end. In a column of the key there is nothing to keep:
 * a row is found by its value.
 * @param conflict undefined where rows whose key is in the table are rejected
 */
export function plannedBlanks(
  columns: readonly SpecColumn[],
  byColumn: ReadonlyMap<string, ColumnFrom>,
  conflict: PlannedConflict | undefined,
  { keys }: Target,
): PlannedBlank[] {
  const updates = conflict?.onConflict === 'update';
  const key = keys.find(({ name }) => name === conflict?.key)?.columns ?? [];
  return columns.flatMap((each): PlannedBlank[] => {
    const { column, default: fresh } = each;
    const from = byColumn.get(column.name);
    if (from === undefined || from.kind === 'constant') return [];
    if (updates && key.includes(column.name)) each.blanks = each.blanks === 'keep' ? 'null' : each.blanks;
    else if (updates && !conflict.replaces) each.blanks ??= 'keep';
    else if (!updates && each.blanks === 'keep') each.blanks = 'default';
    if (each.blanks === 'keep')
      return [{ column: column.name, means: 'keep', ...(fresh !== undefined && { fresh }) }];
    // A default of the spec is a value, and stands before that of the table.
    return each.blanks === 'default' && fresh === undefined
      ? [{ column: column.name, means: 'default' }]
      : [];
  });
}
