/** Writes, or refuses, the rows of a batch that the table lacks. */
import type { Client } from '../../pool.js';
import { attemptRows } from '../../undo/transactionIds.js';
import { RowsDropped } from '../attempt.js';
import { columnList, ROW_NUMBER, tableOf } from '../loadPlan.js';
import { faultyRows } from '../loadStaged.js';
import type { RefusedRow } from '../oneByOne.js';
import { fillDefaults, STAGE } from '../stage.js';
import { PENDING } from './pending.js';
import { notInTable, stagedRows, type UpsertPlan } from './statements.js';

/** Condition on a row's number: it is pending, shares its key with no other, and is not in the table. */
const FRESH = `in (select row from ${PENDING} where at is null and not again)`;

/** Removes the rows that the table lacks from the list, and returns them as refused. */
export async function refuseFresh(client: Client, plan: UpsertPlan): Promise<RefusedRow[]> {
  const { rows } = await client.query<RefusedRow>(
    `select s.csvjobs$row as row, jsonb_build_array(${notInTable(plan, 's.csvjobs$k')}) as reasons
     from ${stagedRows(plan)} s where s.csvjobs$row ${FRESH} order by 1`,
  );
  await client.query(`delete from ${PENDING} where at is null and not again`);
  return rows;
}

/**
 * Inserts the new rows that share their key with no other, and removes them from the list. Returns undefined, with
 * nothing done, if PostgreSQL refuses a row that the checks in advance accepted.
 */
export function insertNew(
  client: Client,
  plan: UpsertPlan,
): Promise<{ inserted: number; refused: RefusedRow[] } | undefined> {
  return attemptRows(client, () => insertFresh(client, plan));
}

async function insertFresh(
  client: Client,
  plan: UpsertPlan,
): Promise<{ inserted: number; refused: RefusedRow[] }> {
  const { target, columns, conflict } = plan;
  await fillDefaults(client, plan, conflict.kept, `s.${ROW_NUMBER} ${FRESH}`);
  const refused = await faultyRows(client, plan, `s.${ROW_NUMBER} ${FRESH}`);
  if (refused.length > 0)
    await client.query(`delete from ${PENDING} where row = any($1::bigint[])`, [
      refused.map(({ row }) => row),
    ]);
  const list = columnList(columns);
  const { rowCount } = await client.query(
    `insert into ${tableOf(target)} (${list}) select ${list} from ${STAGE} where ${ROW_NUMBER} ${FRESH} order by ${ROW_NUMBER}`,
  );
  const done = await client.query(`delete from ${PENDING} where at is null and not again`);
  if (done.rowCount !== rowCount) throw new RowsDropped();
  return { inserted: rowCount ?? 0, refused };
}
