/** Decides how far staged rows depend on each other: whether one statement has the same effect as one per row. */
import { collidingKeys } from '../collidingKeys.js';
import { refersToItself } from '../refersToItself.js';
import { mayFillInAnyOrder } from '../sideBySide.js';
import type { UpsertPlan } from './statements.js';

/**
 * Returns whether the outcome of a row can be determined in advance, if no other staged row has its key: then only
 * its own record changes a row of the table. Not so if triggers or rules may do anything, a foreign key refers to the
 * table itself, or rows are hidden.
 */
export function seesFate({ target }: UpsertPlan): boolean {
  const { triggers, rules, rowSecurity } = target;
  if (rowSecurity || rules.length > 0) return false;
  if (triggers.some(({ events }) => events.includes('insert') || events.includes('update'))) return false;
  return !refersToItself(target);
}

/**
 * Returns whether one statement may also write the rows: no row can block another by another key or an exclusion
 * constraint. Partitions may have such constraints of their own.
 * @param repeats whether some rows have the same key; they are written one by one after the others
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
 * Returns whether new rows may also be inserted before those of earlier batches: the table gives them the same
 * values, and no other key can make them wait for those batches' commits.
 */
export function mayInsertEarly(plan: UpsertPlan): boolean {
  if (plan.conflict.updateOnly) return mayWriteTogether(plan, false);
  const { name: own } = plan.conflict.key;
  return mayWriteTogether(plan, true) && collidingKeys(plan).every(({ name }) => name === own);
}
