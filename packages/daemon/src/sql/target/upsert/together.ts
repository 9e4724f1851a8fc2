/**
 * Staged rows by statements for all of them: which the table has as they are, which differ and which are new; then one update and
 * one insert. Rows that are as they are in the file are only read: they get no new version, and no trigger fires.
 */
import type { Client } from '../../pool.js';
import { journalUpdates } from '../../undo/journal.js';
import { attemptRows } from '../../undo/transactionIds.js';
import { entangledQuery } from '../duplicates.js';
import { columnList, ROW_NUMBER, tableOf } from '../loadPlan.js';
import { faultyRows, RowsDropped } from '../loadStaged.js';
import type { RefusedRow } from '../oneByOne.js';
import { closeScratch, openScratch } from '../scratch.js';
import { fillDefaults, STAGE } from '../stage.js';
import {
  assignments,
  hasKey,
  isChanged,
  notInTable,
  stagedRows,
  tableAsT,
  type UpsertPlan,
} from './statements.js';

/**
 * The rows that are not done yet: their numbers on the stage, where the row of the table is (NULL: it has none), and whether several
 * have the same key.
 */
export const PENDING = 'pg_temp.csvjobs_pending';

const PENDING_COLUMNS = 'row bigint, at tid, again boolean';

/** Ends the list of a batch. */
export function forgetPending(client: Client): Promise<void> {
  return closeScratch(client, 'csvjobs_pending', PENDING_COLUMNS);
}

export interface Pending {
  known: number;
  fresh: number;
  /** Rows whose key others have too: of these nothing is known. */
  again: number;
}

/** Of the rows to do those that have a key of their own, and are not in the table. A condition on the number of a row. */
const FRESH = `in (select row from ${PENDING} where at is null and not again)`;

/**
 * Finds the rows that are to be written. Of all others it is certain that the table has them as they are, or has their key where such
 * rows are skipped.
 * @param mayRepeat whether several rows of the stage may have the same key
 */
export async function findPending(client: Client, plan: UpsertPlan, mayRepeat: boolean): Promise<Pending> {
  const { conflict } = plan;
  await openScratch(client, 'csvjobs_pending', PENDING_COLUMNS);
  if (mayRepeat)
    await client.query(
      `insert into ${PENDING} select row, null, true from (${entangledQuery(conflict.key)}) again`,
    );
  const written = conflict.onConflict === 'skip' ? 'false' : isChanged(plan, 's');
  const alone = mayRepeat ? `s.csvjobs_row not in (select row from ${PENDING}) and` : '';
  // Each row is looked up by the index, whatever the statistics say: they may be of a table that this job fills.
  await client.query(`set local enable_hashjoin = off; set local enable_mergejoin = off;
    insert into ${PENDING} select s.csvjobs_row, t.ctid, false
      from ${stagedRows(plan)} s left join ${tableAsT(plan)} on ${hasKey(plan, 's')}
      where ${alone} (t.ctid is null or ${written});
    set local enable_hashjoin to default; set local enable_mergejoin to default`);
  const { rows } = await client.query<Pending>(`select count(*) filter (where at is not null) as known,
      count(*) filter (where at is null and not again) as fresh, count(*) filter (where again) as again from ${PENDING}`);
  return rows[0]!;
}

/** Takes the rows that the table lacks off those to do. */
export async function refuseFresh(client: Client, plan: UpsertPlan): Promise<RefusedRow[]> {
  const { rows } = await client.query<RefusedRow>(
    `select s.csvjobs_row as row, jsonb_build_array(${notInTable(plan, 's.csvjobs_k')}) as reasons
     from ${stagedRows(plan)} s where s.csvjobs_row ${FRESH} order by 1`,
  );
  await client.query(`delete from ${PENDING} where at is null and not again`);
  return rows;
}

/**
 * Updates and inserts the rows to do that have a key of their own, and takes them off those to do. What another session has changed
 * meanwhile is left there. Undefined, and nothing is done, where PostgreSQL refuses a row.
 */
export async function writeTogether(
  client: Client,
  plan: UpsertPlan,
  jobId: string,
  { known, fresh }: Pending,
): Promise<{ updated: number; inserted: number; refused: RefusedRow[] } | undefined> {
  return attemptRows(client, async () => {
    const updated = known > 0 ? await updateKnown(client, plan, jobId) : 0;
    return { updated, ...(fresh > 0 ? await insertFresh(client, plan) : { inserted: 0, refused: [] }) };
  });
}

/**
 * Rows are locked, and kept as they were, before they are updated. One that another session has changed since it was found is at
 * another place, and is left alone here.
 */
async function updateKnown(client: Client, plan: UpsertPlan, jobId: string): Promise<number> {
  await journalUpdates(
    client,
    jobId,
    plan.conflict.key.columns,
    `select (t.*)::text as old, t.xmin as was from ${PENDING} d join ${tableAsT(plan)} on t.ctid = d.at for update of t`,
  );
  const { rowCount } = await client.query(
    `with went as (
       update ${tableAsT(plan)} set ${assignments(plan, 's')}
       from (select s.*, d.at as csvjobs_at from ${stagedRows(plan)} s join ${PENDING} d on d.row = s.csvjobs_row) s
       where t.ctid = s.csvjobs_at and ${hasKey(plan, 's')} and ${isChanged(plan, 's')} returning s.csvjobs_row as row)
     delete from ${PENDING} d using went where d.row = went.row`,
  );
  return rowCount ?? 0;
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
