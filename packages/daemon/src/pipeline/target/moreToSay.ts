/** Whether PostgreSQL may say more of a record than that some of its values cannot be read. */
import type { Target } from '@csvjobs/shared';
import type { RowPlan } from '../../rows/rowPlan.js';
import { typeRuleOf } from '../../rows/typeRules.js';
import { changesRows } from '../../sql/target/loadPlan.js';
import { MOST_STAGED } from '../../sql/target/stageStep.js';

/**
 * By constraints over its other columns. A trigger that comes first may change what constraints see: then nothing is judged. Nor
 * is it of records that no stage has room for.
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
