/**
 * Counts the rows of a job's table that its transactions change or remove besides those that the job counts: triggers,
 * rules and cascades do that. Such rows have ids of the job, but were there before (docs/decisions/0034-undo.md).
 *
 * PostgreSQL's statistics of a transaction also have what was rolled back, and what earlier transactions of the session
 * have not reported yet. So only differences mean something, and work that was rolled back must be left out.
 */
import type { Client, Db } from '../pool.js';
import { literal } from '../target/literal.js';

/** The tables whose rows are counted: an array of oids; local to the transaction. */
const COUNTED = 'csvjobs.counted';
/** The count of what the job has changed itself, or has not kept yet. */
const KNOWN = 'csvjobs.changes_known';

const setting = (name: string) => `nullif(current_setting('${name}', true), '')`;

/** SQL for the oids of a table, its partitions and the tables that inherit from it, as an array. */
function treeOf(relation: string): string {
  return `(with recursive tree as (select ${relation}::oid as oid
    union select inhrelid from pg_inherits join tree on inhparent = tree.oid) select array_agg(oid) from tree)`;
}

/** SQL for the number of changed and removed rows of these tables (an array of oids); null if that is not counted. */
function changesIn(tables: string): string {
  return `(select sum(pg_stat_get_xact_tuples_updated(oid) + pg_stat_get_xact_tuples_deleted(oid))::bigint
    from unnest(${tables}) oid where current_setting('track_counts')::boolean)`;
}

/** SQL for the number of changed and removed rows of a relation in this transaction. */
export function changesOf(relation: string): string {
  return changesIn(treeOf(relation));
}

/** SQL for that of the table that is counted since `countChanges`. */
export const CHANGES = changesIn(`${setting(COUNTED)}::oid[]`);

/**
 * Begins to count, in a batch before its first row.
 * @param table quoted for SQL
 */
export async function countChanges(client: Client, table: string): Promise<void> {
  await client.query(
    `select set_config('${COUNTED}', ${treeOf(`to_regclass(${literal(table)})`)}::text, true); ${countAgain}`,
  );
}

/** Statement that begins to count again. */
export const countAgain = `select set_config('${KNOWN}', coalesce(${CHANGES}::text, ''), true)`;

/** SQL for the number of rows that others have changed since. @param own rows that the job has changed or removed */
export function changedOthers(own: number): string {
  const others = `${CHANGES} - ${setting(KNOWN)}::bigint - ${own}`;
  return `(select case when n >= 0 then n end from (select ${others} as n) others)`;
}

/** SQL expression that leaves out changes that were rolled back. @param changes SQL for their number */
export function leaveOut(changes: string): string {
  return `set_config('${KNOWN}', coalesce((${setting(KNOWN)}::bigint + (${changes}))::text, ''), true)`;
}

/** Returns how many rows the current transaction has changed or removed, rolled back or not. */
export async function changesNow(db: Db): Promise<number | null> {
  const { rows } = await db.query<{ n: number | null }>(`select ${CHANGES} as n`);
  return rows[0]!.n;
}

/** Returns whether a table, a partition, or a table that inherits from it has a trigger or a rule. */
export async function hasTriggers(db: Db, relation: number): Promise<boolean> {
  const { rows } = await db.query<{ has: boolean }>(
    `select exists (select from pg_trigger where tgrelid = any(tree) and not tgisinternal and tgenabled in ('O', 'A'))
       or exists (select from pg_rewrite where ev_class = any(tree)) as has from (select ${treeOf('$1')} as tree) all_tables`,
    [relation],
  );
  return rows[0]!.has;
}
