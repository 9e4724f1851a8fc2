/**
 * Counts the rows of a job's table that its transactions change, remove or add besides those that the job counts: triggers,
 * rules and cascades do that. Such rows have ids of the job, but are not its rows (docs/decisions/0034-undo.md).
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

/** The oid of the counted table if it alone may get rows from triggers or rules; 0 if there are partitions; otherwise empty. */
const ADDS = 'csvjobs.adds';
/** Like KNOWN, for added rows. */
const ADDED_KNOWN = 'csvjobs.added_known';

/** Keeps a subquery apart. Otherwise PostgreSQL plans and runs its expressions again for each place that uses them. */
const ONCE = 'offset 0';

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

/** SQL for by how many rows these tables (an array of oids) have grown in this transaction, with what was rolled back. */
function growthOf(tables: string): string {
  return `(select sum(pg_stat_get_xact_tuples_inserted(oid) - pg_stat_get_xact_tuples_deleted(oid))::bigint
    from unnest(${tables}) oid)`;
}

const ADDED = `case when ${setting(ADDS)} is not null then ${growthOf(`${setting(COUNTED)}::oid[]`)} end`;

/**
 * PL/pgSQL for a loop that inserts each row in its own subtransaction, which may be rolled back: `begin` before the loop,
 * `before` and `refused` of each row. It costs nothing for tables without triggers and rules, and about 1 µs a row
 * for others without partitions.
 */
export const GROWTH = {
  variables: 'csvjobs$adds oid; csvjobs$grown bigint;',
  begin: `csvjobs$adds := ${setting(ADDS)}::oid;`,
  before: `if csvjobs$adds <> 0 then
      csvjobs$grown := pg_stat_get_xact_tuples_inserted(csvjobs$adds) - pg_stat_get_xact_tuples_deleted(csvjobs$adds);
    elsif csvjobs$adds = 0 then csvjobs$grown := ${growthOf(`${setting(COUNTED)}::oid[]`)}; end if;`,
  refused: `if csvjobs$adds is not null then perform set_config('${ADDED_KNOWN}',
      (${setting(ADDED_KNOWN)}::bigint + ${ADDED} - csvjobs$grown)::text, true); end if;`,
};

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
    `select set_config('${COUNTED}', tree::text, true), set_config('${ADDS}',
       case when not (${isTriggered('tree')}) then '' when cardinality(tree) = 1 then tree[1]::text else '0' end, true)
     from (select ${treeOf(`to_regclass(${literal(table)})`)} as tree ${ONCE}) all_tables; ${countAgain}`,
  );
}

/** Statement that begins to count again. */
export const countAgain = `select set_config('${KNOWN}', coalesce(${CHANGES}::text, ''), true),
  set_config('${ADDED_KNOWN}', coalesce((${ADDED})::text, ''), true)`;

/**
 * SQL for the number of rows that others have changed, removed or added since.
 * @param own rows that the job has changed or removed
 * @param growth by how many rows the table has grown by what the job did itself
 */
export function changedOthers(own: number, growth: number): string {
  const others = `${CHANGES} - ${setting(KNOWN)}::bigint - ${own}`;
  const added = `greatest(0, ${ADDED} - ${setting(ADDED_KNOWN)}::bigint - (${growth}))`;
  return `(select case when n >= 0 then n + coalesce(added, 0) end from (select ${others} as n, ${added} as added ${ONCE}) others)`;
}

/** SQL expression that leaves out changes that were rolled back. @param changes SQL for their number */
export function leaveOut(changes: string): string {
  return leftOut(KNOWN, changes);
}

function leftOut(known: string, rows: string): string {
  return `set_config('${known}', coalesce((${setting(known)}::bigint + (${rows}))::text, ''), true)`;
}

/** What the current transaction has changed or removed, and added, rolled back or not. Null if that is not counted. */
export interface Counted {
  changes: number | null;
  added: number | null;
}

export async function countedNow(db: Db): Promise<Counted> {
  const { rows } = await db.query<Counted>(`select ${CHANGES} as changes, ${ADDED} as added`);
  return rows[0]!;
}

/** Leaves out what was rolled back. @param before what was counted before that */
export async function leaveOutSince(db: Db, { changes, added }: Counted): Promise<void> {
  const parts = [
    ...(changes === null ? [] : [leaveOut(`${CHANGES} - ${Number(changes)}`)]),
    ...(added === null ? [] : [leftOut(ADDED_KNOWN, `${ADDED} - ${Number(added)}`)]),
  ];
  if (parts.length > 0) await db.query(`select ${parts.join(', ')}`);
}

/** Returns whether a table, a partition, or a table that inherits from it has a trigger or a rule. */
export async function hasTriggers(db: Db, relation: number): Promise<boolean> {
  const { rows } = await db.query<{ has: boolean }>(
    `select ${isTriggered('tree')} as has from (select ${treeOf('$1')} as tree ${ONCE}) all_tables`,
    [relation],
  );
  return rows[0]!.has;
}

function isTriggered(tree: string): string {
  return `exists (select from pg_trigger where tgrelid = any(${tree}) and not tgisinternal and tgenabled in ('O', 'A'))
    or exists (select from pg_rewrite where ev_class = any(${tree}))`;
}
