/**
 * Plans how the rows of a file go into its table: what the file fills, what replaces empty fields, and how known rows
 * change.
 */
import { partColumns, type Target } from '@csvjobs/shared';
import { undoColumns } from '../../rows/partialKeys.js';
import type { PlannedBlank, RowPlan } from '../../rows/rowPlan.js';
import { literal } from '../../sql/target/literal.js';
import {
  type DefaultValue,
  defaultOf,
  type LoadPlan,
  type Lookup,
  planLoad,
} from '../../sql/target/loadPlan.js';

/**
 * @param names the columns of the plan, in order
 * @param lookups the lookups of the plan, with the types of the other tables
 * @throws {Failure} as planLoad does
 */
export function planRows(
  target: Target,
  { conflict, blanks = [] }: Pick<RowPlan, 'conflict' | 'blanks'>,
  names: readonly string[],
  lookups: readonly Lookup[],
): LoadPlan {
  const valueFor = ({ column, fresh }: PlannedBlank): DefaultValue => ({
    column,
    expression: fresh === undefined ? defaultOf(target, column) : literal(fresh),
  });
  const meaning = (means: PlannedBlank['means']) =>
    blanks.filter((blank) => blank.means === means).map(valueFor);
  const plan = planLoad(target, names, lookups, meaning('default'));
  if (!conflict) return plan;
  const { onConflict, updateOnly, newRowsOnly } = conflict;
  const key = target.keys.find(({ name }) => name === conflict.key)!;
  const sets = plan.columns.filter(({ name }) => ![...partColumns(key), ...newRowsOnly].includes(name));
  const undoKey = undoColumns(
    target,
    key,
    sets.map(({ name }) => name),
  );
  // A plan of updates without one is refused before (partialKeyFaults).
  if (!undoKey && onConflict === 'update' && sets.length > 0)
    throw new Error(`no undo would find the rows that ${key.name} updates`);
  return {
    ...plan,
    conflict: { onConflict, updateOnly, key, undoKey: undoKey ?? [], sets, kept: meaning('keep') },
  };
}
