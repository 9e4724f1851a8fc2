/**
 * The staged path of a batch: rows that could not be copied straight are staged. Those with faults that can be found
 * in advance are set aside. One statement inserts the rest; if PostgreSQL refuses it, they are inserted one by one.
 *
 * The result is the same as inserting the rows one by one in file order: faults of a single row do not depend on
 * other rows, and of rows that collide the first one wins.
 */
import { changesRows, type TargetKey, type TargetReason } from '@csvjobs/shared';
import type { Client } from '../pool.js';
import { attemptRows } from '../undo/transactionIds.js';
import { attempt, RowsDropped } from './attempt.js';
import { collidingKeys } from './collidingKeys.js';
import {
  entangledQuery,
  inFileQuery,
  inTable,
  inTableQuery,
  type RepeatedRow,
  stagedKeys,
} from './duplicates.js';
import { columnList, type LoadPlan, ROW_NUMBER, tableOf } from './loadPlan.js';
import { fillLookups } from './lookups.js';
import { insertOneByOne, type RefusedRow } from './oneByOne.js';
import { refersToItself } from './refersToItself.js';
import { rowFaultsQuery } from './rowFaults.js';
import { clearStage, createStage, fillDefaults, fillNumbered, fillStage, STAGE } from './stage.js';
import { stageTexts, type TextRows } from './texts.js';

/** Rows in file order, with the columns of the plan. */
export interface StagedRows {
  /** Binary COPY; empty if there are no such rows. */
  binary: Uint8Array;
  /** The same, with each row's stage number before it. */
  suspects?: Uint8Array;
  texts: TextRows;
  /** Records that are already rejected, as `stageTexts` takes them; their other faults are found too. */
  rejected?: Uint8Array;
}

export interface StagedLoad {
  inserted: number;
  /** By their numbers on the stage, in file order. */
  refused: RefusedRow[];
  /** Other faults of rejected records, by their numbers. */
  more: RefusedRow[];
}

/**
 * Loads rows inside the transaction of their batch.
 * @throws any error that no row caused; the caller must then roll back the transaction
 */
export async function loadStaged(client: Client, plan: LoadPlan, rows: StagedRows): Promise<StagedLoad> {
  await client.query('set constraints all immediate');
  await createStage(client, plan);
  await fillStage(client, plan, rows.binary);
  if (rows.suspects) await fillNumbered(client, plan, rows.suspects);
  const { refused, more } = await setAside(client, plan, rows);
  const { inserted, refused: late } = await insertStaged(client, plan);
  await clearStage(client, plan);
  return { inserted, refused: refused.concat(late).sort((a, b) => a.row - b.row), more };
}

/** Finds other faults of rejected records of a batch whose other rows are already in the table, by their numbers. */
export async function judgeRejected(
  client: Client,
  plan: LoadPlan,
  rejected: Uint8Array,
): Promise<RefusedRow[]> {
  await createStage(client, plan);
  const more = await judgeRows(client, plan, { texts: NO_TEXTS, rejected });
  await clearStage(client, plan);
  return more;
}

const NO_TEXTS = { copy: new Uint8Array(), numbered: false };

/** Stages the rows that are not binary, and removes all rows with faults that can be found in advance. */
export async function setAside(
  client: Client,
  plan: LoadPlan,
  rows: Pick<StagedRows, 'texts' | 'rejected'> = { texts: NO_TEXTS },
): Promise<Pick<StagedLoad, 'refused' | 'more'>> {
  const judged = await judgeRows(client, plan, rows);
  const refused = judged.filter(({ row }) => row > 0);
  if (rows.rejected?.length || refused.length > 0) {
    const numbers = refused.map(({ row }) => row);
    await client.query(`delete from ${STAGE} where ${ROW_NUMBER} < 0 or ${ROW_NUMBER} = any($1::bigint[])`, [
      numbers,
    ]);
  }
  const known = await rejectKnownKeys(client, plan);
  return { refused: refused.concat(known), more: judged.filter(({ row }) => row < 0) };
}

/** Stages the rows that are not binary; returns all faults of all staged rows that can be found in advance. */
async function judgeRows(
  client: Client,
  plan: LoadPlan,
  { texts, rejected }: Pick<StagedRows, 'texts' | 'rejected'>,
): Promise<RefusedRow[]> {
  const unread = await readRows(client, plan, { texts, ...(rejected && { rejected }) });
  const faulty = changesRows(plan.target) ? [] : await faultyRows(client, plan);
  return inOnePlace([...unread, ...faulty]);
}

/** Returns each row once, with all its reasons. */
function inOnePlace(found: readonly RefusedRow[]): RefusedRow[] {
  const byRow = new Map<number, TargetReason[]>();
  for (const { row, reasons } of found) byRow.set(row, [...(byRow.get(row) ?? []), ...reasons]);
  return [...byRow].map(([row, reasons]) => ({ row, reasons }));
}

/**
 * Stages the rows that are not binary; fills in lookups and defaults. Returns rows with unreadable or unknown values.
 */
export async function readRows(
  client: Client,
  plan: LoadPlan,
  { texts, rejected }: Pick<StagedRows, 'texts' | 'rejected'>,
): Promise<RefusedRow[]> {
  const unread = await stageTexts(client, plan, texts, rejected);
  const unfound = await fillLookups(client, plan);
  await fillDefaults(client, plan, plan.defaults ?? []);
  return inOnePlace([...unread, ...unfound]);
}

/** Returns the faults of single staged rows that this role can check. @param among a condition on `s`, the stage */
export async function faultyRows(client: Client, plan: LoadPlan, among?: string): Promise<RefusedRow[]> {
  const query = rowFaultsQuery(plan, await readableTables(client, plan), among);
  return query === undefined ? [] : rowsOf<RefusedRow>(client, query);
}

/** Removes rows whose key the table has from the stage, and returns them. */
async function rejectKnownKeys(client: Client, plan: LoadPlan): Promise<RefusedRow[]> {
  if (changesRows(plan.target)) return [];
  const all: RefusedRow[] = [];
  const keys = stagedKeys(plan);
  for (const [at, key] of keys.entries()) {
    const query = withoutEntangled(inTableQuery(plan, key), keys.slice(0, at));
    all.push(...(await takeOff(client, plan, key, query)));
  }
  return all;
}

/**
 * Excludes rows that may collide with another staged row by an earlier key. Inserting them one by one decides that,
 * and it would be the reason if the other row were in an earlier batch.
 */
function withoutEntangled(query: string, keys: readonly TargetKey[]): string {
  const others = keys.map(
    (key) => `not exists (select from (${entangledQuery(key)}) e where e.row = found.row)`,
  );
  return others.length === 0 ? query : `select * from (${query}) found where ${others.join(' and ')}`;
}

/** Returns the rows of a query; none if PostgreSQL refuses the query. */
async function rowsOf<Row extends object>(client: Client, query: string): Promise<Row[]> {
  return (await attempt(client, () => client.query<Row>(query)))?.rows ?? [];
}

/** Removes rows that repeat a key from the stage. @param query for them, as RepeatedRow */
async function takeOff(client: Client, plan: LoadPlan, key: TargetKey, query: string): Promise<RefusedRow[]> {
  const rows = await rowsOf<RepeatedRow>(client, query);
  if (rows.length === 0) return [];
  const numbers = rows.map(({ row }) => row);
  await client.query(`delete from ${STAGE} where ${ROW_NUMBER} = any($1::bigint[])`, [numbers]);
  return rows.map(({ row, key: shown }) => ({ row, reasons: [inTable(plan, key, shown)] }));
}

/** Inserts the staged rows with one statement, or one by one if that is refused or cannot decide which row wins. */
async function insertStaged(
  client: Client,
  plan: LoadPlan,
): Promise<Pick<StagedLoad, 'inserted' | 'refused'>> {
  if (!(await mustGoOneByOne(client, plan))) {
    const done = await attemptRows(client, async () => {
      // The first of several rows wins only if it is inserted, so both steps are in one subtransaction.
      const [only] = collidingKeys(plan).length === 1 && !changesRows(plan.target) ? stagedKeys(plan) : [];
      const refused = only ? await takeOff(client, plan, only, inFileQuery(only)) : [];
      return { inserted: await insertAll(client, plan), refused };
    });
    if (done) return done;
  }
  return insertOneByOne(client, plan);
}

/** @throws RowsDropped if a trigger or a rule has dropped some: inserting one by one shows which */
async function insertAll(client: Client, { target, columns }: LoadPlan): Promise<number> {
  const list = columnList(columns);
  const { rows } = await client.query<{ count: number }>(`select count(*) as count from ${STAGE}`);
  const staged = rows[0]!.count;
  if (staged === 0) return 0;
  const { rowCount } = await client.query(
    `insert into ${tableOf(target)} (${list}) select ${list} from ${STAGE} order by ${ROW_NUMBER}`,
  );
  if (rowCount !== staged) throw new RowsDropped();
  return staged;
}

/** Returns whether rows may collide with each other by one of several keys, or refer to each other. */
async function mustGoOneByOne(client: Client, plan: LoadPlan): Promise<boolean> {
  if (refersToItself(plan.target)) return true;
  if (collidingKeys(plan).length < 2) return false;
  for (const key of stagedKeys(plan)) {
    const entangled = await attempt(client, () => client.query(`${entangledQuery(key)} limit 1`));
    if (!entangled || entangled.rows.length > 0) return true;
  }
  return false;
}

/**
 * Returns the tables that foreign keys reference and all of whose rows this role may read, each with its rows as SQL:
 * without those of inheritance children, which no key covers. PostgreSQL itself checks the other keys, without regard to
 * row security.
 */
async function readableTables(client: Client, { target }: LoadPlan): Promise<Map<string, string>> {
  if (target.foreignKeys.length === 0) return new Map();
  const { rows } = await client.query<{ name: string; partitioned: boolean }>(
    `select format('"%s"."%s"', replace(n.nspname, '"', '""'), replace(c.relname, '"', '""')) as name, c.relkind = 'p' as partitioned
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
       join jsonb_to_recordset($1) wanted (schema text, name text) on wanted.schema = n.nspname and wanted.name = c.relname
     where has_schema_privilege(n.oid, 'USAGE') and has_table_privilege(c.oid, 'SELECT') and not row_security_active(c.oid)`,
    [JSON.stringify(target.foreignKeys.map(({ references }) => references))],
  );
  return new Map(rows.map(({ name, partitioned }) => [name, partitioned ? name : `only ${name}`]));
}
