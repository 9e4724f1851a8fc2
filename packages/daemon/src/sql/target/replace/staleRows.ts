/** The rows that a replacement will remove from its table: a temporary table with the place of each. */
import type { Target } from '@csvjobs/shared';
import type { Client } from '../../pool.js';
import { CURRENT, XMIN_BITS } from '../../undo/transactionIds.js';
import { itself, type LoadPlan } from '../loadPlan.js';
import type { UpsertPlan } from '../upsert/statements.js';
import { isNotInFile } from './fileKeys.js';

/** Its columns are `n` (from 1), `rel` and `tid`. No other session writes into the table, so rows keep their places. */
export const STALE = 'pg_temp.csvjobs_stale';

/** Collects all rows of the table, before any of the file is inserted. Returns how many there are. */
export async function findAllRows(client: Client, { target }: LoadPlan): Promise<number> {
  await createStale(client);
  return fillStale(client, target, 'true');
}

/** Collects the rows whose key no record of the file has, except rows that the transaction itself has written. */
export async function findRowsNotInFile(client: Client, plan: UpsertPlan): Promise<number> {
  await createStale(client);
  const missing = await isNotInFile(client, plan);
  const { rows } = await client.query<{ own: string; last: string }>(
    `select ${CURRENT}::text as own, (xmin::text::bigint)::text as last from pg_class where oid = '${STALE}'::regclass`,
  );
  return fillStale(client, plan.target, `${missing} and not ${isOwn(rows[0]!)}`);
}

/** Drops the list, so that the same transaction can create another. */
export async function forgetRows(client: Client): Promise<void> {
  await client.query(`drop table ${STALE}`);
}

async function createStale(client: Client): Promise<void> {
  await client.query(
    'create temporary table csvjobs_stale (n bigint generated always as identity, rel oid, tid tid) on commit drop',
  );
}

async function fillStale(client: Client, target: Target, condition: string): Promise<number> {
  const { rowCount } = await client.query(
    `insert into ${STALE} (rel, tid) select t.tableoid, t.ctid from ${itself(target)} t where ${condition}`,
  );
  await client.query(`analyze ${STALE}`);
  return rowCount ?? 0;
}

/**
 * Condition on a row `t`: this transaction, or a subtransaction of it, has written the row. Ids between its own and
 * that of its latest subtransaction may also belong to other transactions, but those have written no row of this
 * table, because it is locked. An id of an earlier epoch is not in progress.
 * @param ids the id of the transaction, and the xmin of its latest subtransaction
 */
function isOwn({ own, last }: { own: string; last: string }): string {
  const bits = BigInt(XMIN_BITS);
  const low = BigInt(own) & bits;
  const epoch = BigInt(own) - low;
  const whole = (xmin: string) =>
    `(${epoch}::bigint + ${xmin} + case when ${xmin} < ${low} then ${bits + 1n} else 0 end)`;
  const xmin = 't.xmin::text::bigint';
  // The order matters: pg_xact_status fails for an id that has not been assigned yet.
  return `case when ${whole(xmin)} > ${whole(`${last}::bigint`)} then false
    else pg_xact_status(${whole(xmin)}::text::xid8) = 'in progress' end`;
}
