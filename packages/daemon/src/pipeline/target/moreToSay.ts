/** Decides whether PostgreSQL may find more wrong with a rejected record than the values that cannot be read. */
import type { Target } from '@csvjobs/shared';
import { changesRows } from '@csvjobs/shared/reading';
import type { RowPlan } from '../../rows/rowPlan.js';
import { typeRuleOf } from '../../rows/typeRules.js';
import { MOST_STAGED } from '../../sql/target/stageStep.js';

/**
 * Returns whether constraints over the other columns, lookups, or types that only PostgreSQL reads may find more.
 * Nothing is judged if a trigger that runs first may change what constraints see, or if the records have too many
 * columns for a stage.
 */
export function hasMoreToSay(target: Target, { columns, lookups }: RowPlan): boolean {
  if (changesRows(target) || columns.length > MOST_STAGED) return false;
  const { checks, foreignKeys } = target;
  return (
    lookups.length > 0 ||
    [...checks, ...foreignKeys].some(({ enforced }) => enforced) ||
    columns.some(({ type }) => typeRuleOf(type) === undefined)
  );
}
