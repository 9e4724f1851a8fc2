/**
 * The fastest way: a batch's rows are copied straight into the table, and either all go in or none. It is taken where COPY
 * gives the same result as inserting the rows one after the other; on the first refusal the batch takes the staged way.
 */
import { copyIn } from '../copy.js';
import type { Client } from '../pool.js';
import { columnList, type LoadPlan, tableOf } from './loadPlan.js';

/**
 * Whether COPY may be tried. Not into a view without INSTEAD OF triggers, which takes INSERT only; not past a rewrite rule,
 * which COPY does not follow; not under row security, where PostgreSQL has no COPY; not where rows refer to rows of the same table,
 * as a statement takes a row whose parent comes later in the batch; and not where columns are
 * looked up or filled with their DEFAULT, which the stage does.
 */
export function mayGoStraight({ target, lookups, defaults = [] }: LoadPlan): boolean {
  const { kind, triggers, rules, foreignKeys, rowSecurity, table } = target;
  if (lookups.length > 0 || defaults.length > 0) return false;
  if (rules.length > 0 || rowSecurity) return false;
  if (kind === 'view' && !triggers.some(({ timing }) => timing === 'instead of')) return false;
  return !foreignKeys.some(
    ({ references }) => references.schema === table.schema && references.name === table.name,
  );
}

/**
 * Copies a batch's rows (the columns of the plan) into the table, inside the transaction of the batch. False where a
 * trigger has left some out: then, as after an error, the transaction is to be rolled back.
 *
 * No savepoint: rows of a subtransaction have its number in `xmin`, and a job could not be undone by its own.
 */
export async function copyStraight(
  client: Client,
  plan: LoadPlan,
  rows: Uint8Array,
  count: number,
  format: 'binary' | 'text' = 'binary',
): Promise<boolean> {
  await client.query('set constraints all immediate');
  const copied = await copyIn(
    client,
    `copy ${tableOf(plan.target)} (${columnList(plan.copied)}) from stdin (format ${format})`,
    rows,
  );
  return copied === count;
}
