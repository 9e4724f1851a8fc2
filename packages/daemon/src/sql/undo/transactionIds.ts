/**
 * Ids of transactions, as a job keeps them to be undone by (docs/decisions/0034-undo.md). A row has 32 bits of its
 * transaction's id in `xmin`; what is kept has the epoch too, as one bigint.
 */
import type { Client } from '../pool.js';
import { attempt } from '../target/attempt.js';

/** The id of the current transaction, without its subtransactions, as SQL; a transaction without one is given one. */
export const CURRENT = 'pg_current_xact_id()::text::bigint';

/** The bits of an id that `xmin` has. */
export const XMIN_BITS = '4294967295';

/**
 * The whole id for the `xmin` of a row that the current transaction or a subtransaction of it has written, as SQL. Those
 * of subtransactions are given out later, so they are larger, and may be of the next epoch.
 */
export function wholeId(xmin: string): string {
  const own = `${xmin}::text::bigint`;
  return `((${CURRENT} & ~${XMIN_BITS}::bigint) + ${own}
    + case when ${own} < (${CURRENT} & ${XMIN_BITS}) then 4294967296 else 0 end)`;
}

/** Rows that say in which subtransactions rows of the batch were written: each has the id as its xmin, and no column. */
const MARKS = 'pg_temp.csvjobs_marks';

/** Marks the subtransaction that it is sent in, beside the rows that it writes; after `openMarks`. */
export const MARK = `insert into ${MARKS} default values`;

/** The setting that has the ids of the batch's subtransactions, as a multirange; for this transaction alone. */
const NOTED = 'csvjobs.subtransactions';
const noted = `coalesce(nullif(current_setting('${NOTED}', true), ''), '{}')::int8multirange`;

/** Within a transaction: makes it possible to mark its subtransactions. */
export async function openMarks(client: Client): Promise<void> {
  await client.query('create temporary table if not exists csvjobs_marks () on commit drop');
}

/** Notes the subtransactions that were marked and not rolled back, for `keepTransaction`. */
export async function noteMarked(client: Client): Promise<void> {
  await client.query(
    `with marked as (delete from ${MARKS} returning ${wholeId('xmin')} as id)
     select set_config('${NOTED}', (${noted} + coalesce(
       (select range_agg(int8range(id, id + 1)) from (select distinct id from marked) each), '{}'))::text, true)`,
  );
}

/** As `attempt`, for work that writes rows of the job's table. */
export async function attemptRows<T extends object>(
  client: Client,
  work: () => Promise<T>,
): Promise<T | undefined> {
  await openMarks(client);
  const done = await attempt(client, async () => {
    const result = await work();
    await client.query(MARK);
    return result;
  });
  if (done) await noteMarked(client);
  return done;
}

/**
 * Keeps the id of the transaction, or of the subtransaction (savepoint), that a batch has written its rows in, and of what
 * was noted since the last call. To be called once a batch, on the connection that wrote the rows and where they were
 * written: not behind the release of their savepoint.
 * @param jobId a UUID
 */
export async function keepTransaction(
  client: Client,
  jobId: string,
  { inserted, updated = 0, removed = 0 }: { inserted: number; updated?: number; removed?: number },
): Promise<void> {
  if (inserted + updated + removed === 0) return;
  const own = `job_id = '${jobId}' and xid = ${CURRENT}`;
  // In one go: a round trip for each would be waited for in every batch. Written in a subtransaction, the entry has its id.
  await client.query(
    `insert into job_transactions (job_id, xid, others, inserted, updated, removed, cluster, database, relation,
         files, columns)
       select id, ${CURRENT}, ${noted}, ${Number(inserted)}, ${Number(updated)}, ${Number(removed)}, csvjobs_cluster(),
         (select oid from pg_database where datname = current_database()), to_regclass(target_table),
         ${filesOf('to_regclass(target_table)')}, ${updated + removed > 0 ? COLUMNS : 'null'}
       from jobs where id = '${jobId}';
     update job_transactions set xid = ${wholeId('xmin')} where ${own} and xmin::text::bigint <> (xid & ${XMIN_BITS});
     select set_config('${NOTED}', '', true)`,
  );
}

/** The columns of a job's table, which its journal has the values of. */
const COLUMNS = `(
  select jsonb_agg(jsonb_build_object('name', attname, 'type', format_type(atttypid, atttypmod)) order by attnum)
  from pg_attribute where attrelid = to_regclass(target_table) and attnum > 0 and not attisdropped)`;

/** A number for the files that a table and its partitions are in, as SQL: another one after each of them was rewritten. */
export function filesOf(relation: string): string {
  return `(select hashtextextended(string_agg(pg_relation_filenode(relid)::text, ',' order by relid), 0)
    from ${partsOf(relation)} where isleaf)`;
}

/** A relation and its partitions, as SQL: rows of `relid` and `isleaf`. Of a table without any pg_partition_tree has nothing. */
export function partsOf(relation: string): string {
  return `(select relid, isleaf from pg_partition_tree(${relation})
    union all select ${relation}, true where not exists (select from pg_partition_tree(${relation}))) parts`;
}
