/**
 * The transaction ids that a job stores for its undo (docs/decisions/0034-undo.md). `xmin` of a row has 32 bits of
 * its transaction's id; the stored ids include the epoch, as one bigint.
 */
import type { Client } from '../pool.js';
import { attempt } from '../target/attempt.js';
import { changedOthers, countAgain, countedNow, leaveOutSince } from './changedOthers.js';

/** SQL for the id of the current transaction, not of a subtransaction; assigns one if there is none yet. */
export const CURRENT = 'pg_current_xact_id()::text::bigint';

/** The bits of an id that `xmin` has. */
export const XMIN_BITS = '4294967295';

/** What `age` returns for ids that have none, such as 2 (FrozenTransactionId). */
const NO_AGE = '2147483647';

/**
 * SQL for the number of an id, as `xid::text::bigint`, but in a fraction of its 0.6 µs: `age` counts backwards from
 * one transaction all the time. The current one must have an id.
 */
export function xidNumber(xid: string): string {
  const from = `(select ${CURRENT} + age(pg_current_xact_id()::xid))`;
  return `case age(${xid}) when ${NO_AGE} then ${xid}::text::bigint else (${from} - age(${xid})) & ${XMIN_BITS} end`;
}

/**
 * SQL for the full id of the `xmin` of a row that the current transaction or one of its subtransactions has written.
 * Ids of subtransactions are assigned later, so they are larger, and may be of the next epoch.
 */
export function wholeId(xmin: string): string {
  const own = `${xmin}::text::bigint`;
  return `((${CURRENT} & ~${XMIN_BITS}::bigint) + ${own}
    + case when ${own} < (${CURRENT} & ${XMIN_BITS}) then 4294967296 else 0 end)`;
}

/** Rows that record the subtransactions in which a batch wrote rows: each has that id as its xmin, and no columns. */
const MARKS = 'pg_temp.csvjobs_marks';

/** Marks the subtransaction in which it runs, together with the rows written there; only after `openMarks`. */
export const MARK = `insert into ${MARKS} default values`;

/** The setting that holds the ids of the batch's subtransactions, as a multirange; local to the transaction. */
const NOTED = 'csvjobs.subtransactions';
const noted = `coalesce(nullif(current_setting('${NOTED}', true), ''), '{}')::int8multirange`;

/** Prepares a transaction for marking its subtransactions. */
export async function openMarks(client: Client): Promise<void> {
  await client.query('create temporary table if not exists csvjobs_marks () on commit drop');
}

/** Stores the ids of the marked subtransactions that were not rolled back, for `keepTransaction`. */
export async function noteMarked(client: Client): Promise<void> {
  await client.query(
    `with marked as (delete from ${MARKS} returning ${wholeId('xmin')} as id)
     select set_config('${NOTED}', (${noted} + coalesce(
       (select range_agg(int8range(id, id + 1)) from (select distinct id from marked) each), '{}'))::text, true)`,
  );
}

/** Like `attempt`, for work that writes rows of the job's table. */
export async function attemptRows<T extends object>(
  client: Client,
  work: () => Promise<T>,
): Promise<T | undefined> {
  await openMarks(client);
  const before = await countedNow(client);
  const done = await attempt(client, async () => {
    const result = await work();
    await client.query(MARK);
    return result;
  });
  if (done) await noteMarked(client);
  else await leaveOutSince(client, before);
  return done;
}

/**
 * Stores the id of the transaction, or of the subtransaction (savepoint), in which a batch has written its rows, and
 * the ids noted since the last call. Must be called once per batch, on the connection that wrote the rows and in the
 * same subtransaction: not after the release of their savepoint.
 * @param jobId a UUID
 */
export async function keepTransaction(
  client: Client,
  jobId: string,
  { inserted, updated = 0, removed = 0 }: { inserted: number; updated?: number; removed?: number },
): Promise<void> {
  if (inserted + updated + removed === 0) return;
  const own = `job_id = '${jobId}' and xid = ${CURRENT}`;
  // Sent as one query, to save each batch the extra round trips. An entry written in a subtransaction has its id in
  // xmin.
  await client.query(
    `insert into job_transactions (job_id, xid, others, inserted, updated, removed, cluster, database, relation,
         files, columns, changed_others)
       select id, ${CURRENT}, ${noted}, ${Number(inserted)}, ${Number(updated)}, ${Number(removed)}, csvjobs_cluster(),
         (select oid from pg_database where datname = current_database()), to_regclass(target_table),
         ${filesOf('to_regclass(target_table)')}, ${updated + removed > 0 ? journalColumns('to_regclass(target_table)') : 'null'},
         ${changedOthers(updated + removed, inserted - removed)}
       from jobs where id = '${jobId}';
     update job_transactions set xid = ${wholeId('xmin')} where ${own} and xmin::text::bigint <> (xid & ${XMIN_BITS});
     select set_config('${NOTED}', '', true); ${countAgain}`,
  );
}

/**
 * SQL for the columns of a table, whose values a job's journal has: name, type and attnum, which no other column of the table will
 * ever have. Older versions have stored no `number`.
 */
export function journalColumns(relation: string): string {
  return `(
  select jsonb_agg(jsonb_build_object('name', attname, 'type', format_type(atttypid, atttypmod), 'number', attnum) order by attnum)
  from pg_attribute where attrelid = ${relation} and attnum > 0 and not attisdropped)`;
}

/** SQL for a number for the files of a table and its partitions; it changes when any of them is rewritten. */
export function filesOf(relation: string): string {
  return `(select hashtextextended(string_agg(pg_relation_filenode(relid)::text, ',' order by relid), 0)
    from ${partsOf(relation)} where isleaf)`;
}

/**
 * SQL for a relation and its partitions: rows of `relid` and `isleaf`. Without partitions pg_partition_tree is empty.
 */
export function partsOf(relation: string): string {
  return `(select relid, isleaf from pg_partition_tree(${relation})
    union all select ${relation}, true where not exists (select from pg_partition_tree(${relation}))) parts`;
}
