/** How much staged rows may depend on each other, and so whether one statement has the effect of one for each row. */
import { collidingKeys } from '../collidingKeys.js';
import { mayFillInAnyOrder } from '../sideBySide.js';
import type { UpsertPlan } from './statements.js';

/**
 * What becomes of a row is seen beforehand, as long as no other staged row has its key: nothing but its own record changes a row
 * of the table. Not so where triggers or rules may do anything, a foreign key refers to the table itself, or rows are hidden.
 */
export function seesFate({ target }: UpsertPlan): boolean {
  const { kind, triggers, rules, rowSecurity, foreignKeys, table } = target;
  if ((kind !== 'table' && kind !== 'partitioned table') || rowSecurity || rules.length > 0) return false;
  if (triggers.some(({ events }) => events.includes('insert') || events.includes('update'))) return false;
  return !foreignKeys.some(
    ({ references }) => references.schema === table.schema && references.name === table.name,
  );
}

/**
 * Rows can be written by one statement, too: none can be in the way of another by a further key or an exclusion, of which partitions
 * may have their own.
 * @param repeats some rows have the same key, and go in one by one behind the others
 */
export function mayWriteTogether(plan: UpsertPlan, repeats: boolean): boolean {
  const { target, columns, conflict } = plan;
  if (target.kind !== 'table' || target.exclusions.length > 0) return false;
  if (repeats && !mayFillInAnyOrder(plan)) return false;
  const moves = new Set([
    ...columns.map(({ name }) => name),
    ...target.columns.filter(({ generated }) => generated !== null).map(({ name }) => name),
  ]);
  return target.keys.every(
    ({ name, columns: of }) =>
      name === conflict.key.name || (of.length > 0 && !of.some((one) => moves.has(one))),
  );
}

/**
 * New rows can be inserted, too, before those of earlier batches are: the table gives them the same values, and no other key can
 * hold them up until these are committed.
 */
export function mayInsertEarly(plan: UpsertPlan): boolean {
  if (plan.conflict.updateOnly) return mayWriteTogether(plan, false);
  const { name: own } = plan.conflict.key;
  return mayWriteTogether(plan, true) && collidingKeys(plan).every(({ name }) => name === own);
}
