/** The rows of a table that are to go, as its file takes their place: where each is, as a temporary table. */
import type { Target } from '@csvjobs/shared';
import type { Client } from '../../pool.js';
import { CURRENT, XMIN_BITS } from '../../undo/transactionIds.js';
import type { LoadPlan } from '../loadPlan.js';
import type { UpsertPlan } from '../upsert/statements.js';
import { isNotInFile } from './fileKeys.js';
import { itself } from './lockTable.js';

/** Its columns are `n` (from 1), `rel` and `tid`. Nobody else writes into the table, so a row stays where it is. */
export const STALE = 'pg_temp.csvjobs_stale';

/** Finds all rows of the table: it has none of the file yet. Returns how many there are. */
export async function findAllRows(client: Client, { target }: LoadPlan): Promise<number> {
  await createStale(client);
  return fillStale(client, target, 'true');
}

/** Finds the rows whose key no record of the file has. Rows that the transaction itself has written stay. */
export async function findRowsNotInFile(client: Client, plan: UpsertPlan): Promise<number> {
  await createStale(client);
  const missing = await isNotInFile(client, plan);
  const { rows } = await client.query<{ own: string; last: string }>(
    `select ${CURRENT}::text as own, (xmin::text::bigint)::text as last from pg_class where oid = '${STALE}'::regclass`,
  );
  return fillStale(client, plan.target, `${missing} and not ${isOwn(rows[0]!)}`);
}

/** Ends the list: another one may be made in the same transaction. */
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
 * A condition on a row `t`: this transaction, or a subtransaction of it, has written it. Of ids between its own and the latest of
 * its subtransactions those of others are no row's, for nobody else has written into the table; and an id of an earlier epoch is
 * one that is not in progress.
 * @param ids the id of the transaction, and the xmin of its latest subtransaction
 */
function isOwn({ own, last }: { own: string; last: string }): string {
  const bits = BigInt(XMIN_BITS);
  const low = BigInt(own) & bits;
  const epoch = BigInt(own) - low;
  const whole = (xmin: string) =>
    `(${epoch}::bigint + ${xmin} + case when ${xmin} < ${low} then ${bits + 1n} else 0 end)`;
  const xmin = 't.xmin::text::bigint';
  // In this order: PostgreSQL does not know the state of an id that was not given yet.
  return `case when ${whole(xmin)} > ${whole(`${last}::bigint`)} then false
    else pg_xact_status(${whole(xmin)}::text::xid8) = 'in progress' end`;
}
