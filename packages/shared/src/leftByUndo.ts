import type { UndoCounts } from './undo.js';

/** Number of rows that an undo left. Another undo handles them once the obstacle is gone. */
export function leftByUndo({
  referenced,
  refused,
  kept,
  changed,
  missing,
}: Pick<UndoCounts, 'referenced' | 'refused' | 'kept' | 'changed' | 'missing'>): number {
  return referenced + refused + kept + changed + missing;
}
