/** The rows that a job has updated, as they were before: sql/undo/journal.ts describes how they are kept. */
import { quoteIdentifier } from '@csvjobs/shared';
import type { Db } from '../pool.js';
import { IDS } from './jobIds.js';
import { ENTRIES, ENTRY, keyColumns } from './journal.js';
import { equal, type ForeignKey, isReferenced } from './references.js';
import type { UndoTarget } from './target.js';

/**
 * Each row that the job has updated, once, as it was before the last time that the job took it over from another job.
 * Jobs that ran at the same time may have taken it over in turn; earlier versions come back when the other jobs are
 * undone.
 */
export const WAS = 'pg_temp.csvjobs_was';

/** What is known of the rows in WAS. */
export interface UpdatedRows {
  ways: readonly Way[];
  /** Entries that are older ones of rows that the job took over more than once. */
  buried: number;
  /** Rows that are left out because others reference a value that would change. */
  referenced: number;
}

export interface Way {
  /** Condition on a row `w` of WAS: it is found this way. */
  among: string;
  /** Condition on such a row and the row of the table with this alias: they are the same. */
  row(alias: string): string;
}

/**
 * Loads the rows that the job has updated.
 * @param keys the foreign keys that reference the table
 */
export async function openUpdated(
  db: Db,
  target: UndoTarget,
  keys: readonly ForeignKey[],
): Promise<UpdatedRows | null> {
  const key = await journalKey(db, target);
  if (key.length === 0 || target.columns === null) return null;
  const buried = await readJournal(db, target, key);
  const ways = await waysToFind(db, key);
  let referenced = 0;
  for (const way of ways) referenced += await leaveWithReferences(db, target, way, keys);
  return { ways, buried, referenced };
}

/** Condition on the row with this alias: it is not one of the rows to restore. Starts with `and`, as `UndoTarget.own`. */
export function notUpdated({ ways }: UpdatedRows, alias: string): string {
  return ways
    .map(({ among, row }) => `and not exists (select from ${WAS} w where ${among} and ${row(alias)})`)
    .join(' ');
}

/**
 * Leaves rows as the job wrote them if others reference a value that would change: a foreign key would refuse that, or
 * change the other rows. Keys of the table to itself are left to PostgreSQL, unless they change rows.
 */
async function leaveWithReferences(
  db: Db,
  { rows, columns }: UndoTarget,
  same: Way,
  keys: readonly ForeignKey[],
): Promise<number> {
  const kept = new Set(columns!.map(({ name }) => name));
  let left = 0;
  for (const key of keys) {
    const changes = key.referenced
      .filter((name) => kept.has(name))
      .map((name) => `t.${quoteIdentifier(name)} is distinct from w.${quoteIdentifier(name)}`);
    if ((key.toItself && !key.followsUpdates) || !key.readable || changes.length === 0) continue;
    // Rows of the job that reference it are removed before it is restored.
    const others = key.toItself ? `and r.xmin not in (select id from ${IDS})` : '';
    const { rowCount } = await db.query(
      `delete from ${WAS} w using ${rows} t
       where ${same.among} and ${same.row('t')} and t.xmin in (select id from ${IDS}) and (${changes.join(' or ')})
         and ${isReferenced(key)} and exists (select from ${key.table} r where ${equal(key)} ${others})`,
    );
    left += rowCount ?? 0;
  }
  return left;
}

/** Returns the columns that identify updated rows, quoted; none if the job has updated no rows. */
async function journalKey(db: Db, { jobId, updated }: UndoTarget): Promise<string[]> {
  if (updated === 0) return [];
  return (await keyColumns(db, jobId, false)).map(quoteIdentifier);
}

/**
 * Rows are found by their key; those with a NULL in a key `nulls not distinct`, by a condition that no index supports.
 */
async function waysToFind(db: Db, key: readonly string[]): Promise<Way[]> {
  const someNull = `(${key.map((column) => `w.${column} is null`).join(' or ')})`;
  const way = (among: string, how: string) => ({
    among,
    row: (alias: string) => key.map((column) => `${alias}.${column} ${how} w.${column}`).join(' and '),
  });
  const { rowCount } = await db.query(`select from ${WAS} w where ${someNull} limit 1`);
  const equal = way(`not ${someNull}`, '=');
  return rowCount === 0 ? [equal] : [equal, way(someNull, 'is not distinct from')];
}

/**
 * Loads the journal. Rows are stored with the columns that the table had then; `csvjobs$row` has the same ones.
 * Leaves out entries for rows that the job itself had inserted or updated: such a row is removed, or restored from an
 * earlier entry.
 * @returns how many entries are older ones of rows that the job took over more than once
 */
async function readJournal(db: Db, { jobId, columns }: UndoTarget, key: readonly string[]): Promise<number> {
  const typed = columns!.map(({ name, type }) => `${quoteIdentifier(name)} ${type}`);
  await db.query(`create temporary table csvjobs_row (${typed.join(', ')}) on commit drop`);
  const ordered = key.map((column) => `(row).${column}`).join(', ');
  const kept = `from ${ENTRIES} where j.job_id = '${jobId}' and not j.removed and e.was::text::xid not in (select id from ${IDS})`;
  await db.query(
    `create temporary table csvjobs_was on commit drop as
     select distinct on (${ordered}) entry as csvjobs$entry, was::text::xid as csvjobs$was, (row).*
     from (select ${ENTRY} as entry, e.was, e.before::pg_temp.csvjobs_row as row ${kept} offset 0) kept
     order by ${ordered}, entry desc`,
  );
  await db.query(`analyze ${WAS}`);
  const { rows } = await db.query<{ n: number }>(
    `select (select count(*) ${kept}) - (select count(*) from ${WAS}) as n`,
  );
  return rows[0]!.n;
}
