/** The table as the load of a file sees it: which of its columns the file may fill. */
import { findingKeys } from './conflictKeys.js';
import type { Spec } from './spec.js';
import type { Target, TargetColumn } from './target.js';

/**
 * Returns the table with other columns marked as `insertable` if no rows are inserted (`updateOnly`). Then the right to
 * update counts, which is checked on its own, and the columns of a key only find rows, so the table may number or compute
 * them itself: `update … where id = 7` works for an `id` that is GENERATED ALWAYS.
 */
export function fillableTarget(target: Target, spec: Spec | undefined): Target {
  const { updateOnly = false, key } = spec?.csvjobs ?? {};
  // Other relations have no keys, so they are refused anyway.
  if (!updateOnly || !['table', 'partitioned table'].includes(target.kind)) return target;
  const finding = new Set(findingKeys(target, key).flatMap(({ columns }) => columns));
  const columns = target.columns.map((column) => ({
    ...column,
    insertable: !isComputed(column) || finding.has(column.name),
  }));
  return { ...target, columns };
}

/** Whether the table itself numbers or computes a column, so that no statement may set it. */
export function isComputed({ generated, identity }: TargetColumn): boolean {
  return generated !== null || identity === 'always';
}
