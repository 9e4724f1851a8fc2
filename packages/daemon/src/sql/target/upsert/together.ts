/**
 * Staged rows by statements for all of them: which the table has as they are, which differ and which are new; then one update and
 * one insert. Rows that are as they are in the file are only read: they get no new version, and no trigger fires.
 */
import type { QueryResult } from 'pg';
import type { Client } from '../../pool.js';
import { journalStatement } from '../../undo/journal.js';
import { attemptRows } from '../../undo/transactionIds.js';
import { entangledQuery } from '../duplicates.js';
import { columnList, ROW_NUMBER, tableOf } from '../loadPlan.js';
import { faultyRows, RowsDropped } from '../loadStaged.js';
import type { RefusedRow } from '../oneByOne.js';
import { closeScratch, openScratch } from '../scratch.js';
import { fillDefaults, STAGE } from '../stage.js';
import { returnsOld } from './returnsOld.js';
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
  const again = await openPending(client, plan, mayRepeat);
  await client.query(
    byIndex(
      `insert into ${PENDING} select csvjobs_row, csvjobs_at, false from (${foundRows(plan, again > 0)}) found`,
    ),
  );
  const { rows } = await client.query<Pending>(
    `select count(at) as known, count(*) - count(at) - ${again} as fresh, ${again} as again from ${PENDING}`,
  );
  return rows[0]!;
}

/** Begins the list of a batch with the rows whose key others have too. Returns how many these are. */
async function openPending(client: Client, plan: UpsertPlan, mayRepeat: boolean): Promise<number> {
  await openScratch(client, 'csvjobs_pending', PENDING_COLUMNS);
  if (!mayRepeat) return 0;
  const { rowCount } = await client.query(
    `insert into ${PENDING} select row, null, true from (${entangledQuery(plan.conflict.key)}) again`,
  );
  return rowCount ?? 0;
}

/**
 * The staged rows that are new or differ, with where the row of the table is as `csvjobs_at`.
 * @param repeats some are among those to do already
 */
function foundRows(plan: UpsertPlan, repeats: boolean): string {
  const written = plan.conflict.onConflict === 'skip' ? 'false' : isChanged(plan, 's');
  const alone = repeats ? `s.csvjobs_row not in (select row from ${PENDING}) and` : '';
  return `select s.*, t.ctid as csvjobs_at from ${stagedRows(plan)} s left join ${tableAsT(plan)} on ${hasKey(plan, 's')}
      where ${alone} (t.ctid is null or ${written})`;
}

/**
 * A statement that looks rows of the table up one by one, by the index or by their places, whatever the statistics say: they may be of
 * a table that this job fills, and a scan of it in each batch takes the square of its size.
 */
function byIndex(statement: string): string {
  const off = ['hashjoin', 'mergejoin', 'memoize', 'material'];
  const set = (to: string) => off.map((each) => `set local enable_${each} ${to};`).join(' ');
  return `${set('= off')} ${statement}; ${set('to default')}`;
}

/**
 * Finds the rows that are to be written, and updates those that the table has, in one statement. What another session has changed
 * meanwhile is left to do.
 * @returns how many were updated, and what is left. Undefined, and nothing is done, where PostgreSQL refuses a row
 */
export async function updateFound(
  client: Client,
  plan: UpsertPlan,
  jobId: string,
  mayRepeat: boolean,
): Promise<{ updated: number; left: Pending } | undefined> {
  return attemptRows(client, async () => {
    const again = await openPending(client, plan, mayRepeat);
    const statement = updateStatement(plan, jobId, again > 0, await returnsOld(client));
    const results = (await client.query(byIndex(statement))) as unknown as QueryResult<
      Omit<Pending, 'again'> & { updated: number }
    >[];
    const { updated, ...left } = results.find(({ command }) => command === 'SELECT')!.rows[0]!;
    return { updated, left: { ...left, again } };
  });
}

/**
 * Rows are kept as they were: since PostgreSQL 18 the update says how; before, they are locked and looked at first. One that another
 * session has changed since it was found is at another place, and is left alone.
 */
function updateStatement(plan: UpsertPlan, jobId: string, repeats: boolean, returns: boolean): string {
  const key = plan.conflict.key.columns;
  const found = `found as materialized (${foundRows(plan, repeats)})`;
  const locked = `locked as materialized (select s.*, t.xmin as csvjobs_was, (t.*)::text as csvjobs_before
      from found s join ${tableAsT(plan)} on t.ctid = s.csvjobs_at for update of t)`;
  const before = returns
    ? 'returning with (old as csvjobs_old) s.csvjobs_row as row, (csvjobs_old.*)::text as before, csvjobs_old.xmin as was'
    : 'returning s.csvjobs_row as row, s.csvjobs_before as before, s.csvjobs_was as was';
  return `with ${returns ? found : `${found}, ${locked}`},
      went as (update ${tableAsT(plan)} set ${assignments(plan, 's')} from ${returns ? 'found' : 'locked'} s
        where t.ctid = s.csvjobs_at ${before}),
      journalled as (${journalStatement(jobId, key, 'select before as old, was from went')}),
      undone as (insert into ${PENDING} select csvjobs_row, csvjobs_at, false from found
        where csvjobs_at is null or csvjobs_row not in (select row from went) returning at)
    select (select count(*) from went) as updated, count(at) as known, count(*) - count(at) as fresh from undone`;
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
 * Inserts the new rows that have a key of their own, and takes them off those to do. Undefined, and nothing is done, where PostgreSQL
 * refuses a row that no look beforehand could.
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
