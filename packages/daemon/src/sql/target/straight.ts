/**
 * The fastest path: a batch's rows are copied straight into the table, all or none. It is used if COPY gives the same
 * result as inserting the rows one by one. At the first refusal the batch takes the staged path.
 */
import { copyIn } from '../copy.js';
import type { Client } from '../pool.js';
import { columnList, type LoadPlan, tableOf } from './loadPlan.js';
import { refersToItself } from './refersToItself.js';
import { refusesUnfilled } from './unfilledDomains.js';

/**
 * Returns whether COPY may be tried. It may not be for
 * - a view without INSTEAD OF triggers, which takes INSERT only;
 * - a table with rewrite rules, which COPY ignores;
 * - row security, for which PostgreSQL does not allow COPY;
 * - rows that refer to rows of the same table, because one statement accepts a row whose parent comes later in the
 *   batch;
 * - columns that are looked up or filled with their DEFAULT, which the stage does;
 * - a column that the file leaves out if its domain refuses NULL, because COPY does not check it.
 */
export function mayGoStraight(plan: LoadPlan): boolean {
  const { target, lookups, defaults = [] } = plan;
  const { kind, triggers, rules, rowSecurity } = target;
  if (lookups.length > 0 || defaults.length > 0 || refusesUnfilled(plan)) return false;
  if (rules.length > 0 || rowSecurity) return false;
  if (kind === 'view' && !triggers.some(({ timing }) => timing === 'instead of')) return false;
  return !refersToItself(target);
}

/**
 * Copies a batch's rows (the columns of the plan) into the table, inside the transaction of the batch. Returns false
 * if a trigger has dropped some; the caller must then roll back the transaction, as after an error.
 *
 * Uses no savepoint: rows of a subtransaction have its id in `xmin`, so a job could not be undone by its own id.
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
