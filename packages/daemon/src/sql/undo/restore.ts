/** Restores the rows that a job has updated (sql/undo/journal.ts describes how they are kept). */
import { quoteIdentifier } from '@csvjobs/shared';
import { Failure } from '../../failure.js';
import type { Db } from '../pool.js';
import { IDS } from './jobIds.js';
import { restoreByOwner } from './owners.js';
import { equal, type ForeignKey, isReferenced } from './references.js';
import type { UndoTarget } from './target.js';

/**
 * Each row that the job has updated, once, as it was before the last time that the job took it over from another job.
 * Jobs that ran at the same time may have taken it over in turn; earlier versions come back when the other jobs are
 * undone.
 */
const WAS = 'pg_temp.csvjobs_was';

export interface Restored {
  restored: number;
  /** Rows that still exist but were changed since. */
  changed: number;
  /** Rows that no longer exist. */
  gone: number;
  /** Rows that stay because others reference a value that would change (leaveReferenced names them). */
  referenced: number;
  /** Queries for the journal entries that were restored, as `entry`; to be run at the end of the undo. */
  done: string[];
  /** The same for rows that others have changed since: the current version of each, as `id`. */
  changedVersions: string[];
}

/** The updated rows, in WAS. */
export interface Journal {
  /** Conditions that find a row `t` of the table by a row `w` of WAS, and which rows `w` each is for. */
  ways: readonly Way[];
  /** Entries that are older ones of rows that the job took over more than once. */
  buried: number;
  /** Rows that are left out because others reference a value that would change. */
  referenced: number;
}

interface Way {
  among: string;
  row: string;
}

/**
 * Loads the rows that the job has updated.
 * @param keys the foreign keys that reference the table
 */
export async function openJournal(
  db: Db,
  target: UndoTarget,
  keys: readonly ForeignKey[],
): Promise<Journal | null> {
  const key = await journalKey(db, target);
  if (key.length === 0 || target.columns === null) return null;
  const buried = await readJournal(db, target, key);
  const ways = await waysToFind(db, key);
  let referenced = 0;
  for (const way of ways) referenced += await leaveWithReferences(db, target, way, keys);
  return { ways, buried, referenced };
}

/** Condition: `t` is not one of the rows to restore. Starts with `and`, as `UndoTarget.own`. */
export function notUpdated({ ways }: Journal): string {
  return ways
    .map(({ among, row }) => `and not exists (select from ${WAS} w where ${among} and ${row})`)
    .join(' ');
}

/**
 * Restores the rows that are still as the job left them. Columns added since keep their values.
 * @param owners of the versions in the job's journal (sql/undo/owners.ts)
 * @param oneByOne in the reverse order of the job, one row after the other: values of a unique key may have moved from
 * row to row
 * @throws {Failure} `undo_refused` if a trigger or a rule of the table prevents a row from being restored
 */
export async function restoreUpdated(
  db: Db,
  target: UndoTarget,
  owners: readonly string[],
  journal: Journal | null,
  oneByOne: boolean,
): Promise<Restored> {
  const { table, columns } = target;
  const result: Restored = {
    ...{ restored: 0, changed: 0, gone: 0, referenced: journal?.referenced ?? 0 },
    ...{ done: [], changedVersions: [] },
  };
  if (journal === null) return result;
  const settable = await settableColumns(db, target);
  const set = columns!.filter(({ name }) => settable.has(name)).map(({ name }) => quoteIdentifier(name));
  if (oneByOne) await db.query(`create unique index on ${WAS} (csvjobs$entry)`);
  for (const same of journal.ways) {
    const { rows: counted } = await db.query<{ all: number; there: number }>(
      `select count(*) as all, count(*) filter (where exists (select from ${table} t where ${same.row})) as there
       from ${WAS} w where ${same.among}`,
    );
    const ours = `${same.row} and t.xmin in (select id from ${IDS})`;
    const { rows: restored, ids } = await restoreByOwner(db, target, owners, {
      table: WAS,
      work: async (condition) => {
        const update = `update ${table} t set ${set.map((column) => `${column} = w.${column}`).join(', ')} from ${WAS} w`;
        const which = `where ${same.among} ${condition}`;
        if (!oneByOne) return (await db.query(`${update} ${which} and ${ours}`)).rowCount ?? 0;
        const left = async () => {
          const { rows } = await db.query<{ n: number }>(
            `select count(*) as n from ${WAS} w join ${table} t on ${ours} ${which}`,
          );
          return rows[0]!.n;
        };
        const before = await left();
        await db.query(
          `do $each$ #variable_conflict use_column
           declare csvjobs$one bigint; begin
             for csvjobs$one in select w.csvjobs$entry from ${WAS} w ${which} order by w.csvjobs$entry desc loop
               ${update} where w.csvjobs$entry = csvjobs$one and ${ours};
             end loop; end $each$`,
        );
        return before - (await left());
      },
    });
    const { all, there } = counted[0]!;
    if (restored < there) await mustNotBeKept(db, target, `${same.among} and ${ours}`);
    result.restored += restored;
    result.changed += Math.max(0, there - restored);
    result.gone += all - there;
    const written = `t.xmin in (${ids.map((each) => `'${each}'::xid`).join(', ')})`;
    const rows = `${WAS} w join ${table} t on ${same.row} where ${same.among}`;
    result.done.push(
      restored === all
        ? `select w.csvjobs$entry as entry from ${WAS} w where ${same.among}`
        : `select w.csvjobs$entry as entry from ${rows} and ${written}`,
    );
    if (restored < there)
      result.changedVersions.push(`select t.xmin::text::bigint as id from ${rows} and not ${written}`);
  }
  return { ...result, changed: result.changed + journal.buried };
}

/**
 * Leaves rows as the job wrote them if others reference a value that would change: a foreign key would refuse that, or
 * change the other rows. Keys of the table to itself are left to PostgreSQL.
 */
async function leaveWithReferences(
  db: Db,
  { table, columns }: UndoTarget,
  same: Way,
  keys: readonly ForeignKey[],
): Promise<number> {
  const kept = new Set(columns!.map(({ name }) => name));
  let left = 0;
  for (const key of keys) {
    const changes = key.referenced
      .filter((name) => kept.has(name))
      .map((name) => `t.${quoteIdentifier(name)} is distinct from w.${quoteIdentifier(name)}`);
    if (key.toItself || !key.readable || changes.length === 0) continue;
    const { rowCount } = await db.query(
      `delete from ${WAS} w using ${table} t
       where ${same.among} and ${same.row} and t.xmin in (select id from ${IDS}) and (${changes.join(' or ')})
         and ${isReferenced(key)} and exists (select from ${key.table} r where ${equal(key)})`,
    );
    left += rowCount ?? 0;
  }
  return left;
}

/** Returns the columns that identify updated rows, quoted; none if the job has updated no rows. */
async function journalKey(db: Db, { jobId, updated }: UndoTarget): Promise<string[]> {
  if (updated === 0) return [];
  const { rows } = await db.query<{ key_columns: string[] }>(
    'select key_columns from job_journal where job_id = $1 and not removed order by entry limit 1',
    [jobId],
  );
  return rows[0]?.key_columns.map(quoteIdentifier) ?? [];
}

/** Checks that no row is left as the job wrote it: it would be taken for a row that the job has inserted. */
async function mustNotBeKept(db: Db, { table }: UndoTarget, condition: string): Promise<void> {
  const { rowCount } = await db.query(`select from ${WAS} w, ${table} t where ${condition} limit 1`);
  if (rowCount === 0) return;
  throw new Failure(
    'undo_refused',
    `a trigger or a rule of ${table} keeps rows from being restored; nothing was changed. Disable it for the undo: alter table ${table} disable trigger user`,
  );
}

/**
 * Rows are found by their key; those with a NULL in a key `nulls not distinct`, by a condition that no index supports.
 */
async function waysToFind(db: Db, key: readonly string[]): Promise<Way[]> {
  const someNull = `(${key.map((column) => `w.${column} is null`).join(' or ')})`;
  const way = (among: string, how: string) => ({
    among,
    row: key.map((column) => `t.${column} ${how} w.${column}`).join(' and '),
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
  const kept = `from job_journal where job_id = '${jobId}' and not removed and was::text::xid not in (select id from ${IDS})`;
  await db.query(
    `create temporary table csvjobs_was on commit drop as
     select distinct on (${ordered}) entry as csvjobs$entry, was::text::xid as csvjobs$was, (row).*
     from (select entry, was, before::pg_temp.csvjobs_row as row ${kept} offset 0) kept
     order by ${ordered}, entry desc`,
  );
  await db.query(`analyze ${WAS}`);
  const { rows } = await db.query<{ n: number }>(
    `select (select count(*) ${kept}) - (select count(*) from ${WAS}) as n`,
  );
  return rows[0]!.n;
}

/** Returns the current columns of the table that take a value. */
async function settableColumns(db: Db, { relation }: UndoTarget): Promise<Set<string>> {
  const { rows } = await db.query<{ name: string }>(
    `select attname::text as name from pg_attribute
     where attrelid = $1::oid and attnum > 0 and not attisdropped and attgenerated = '' and attidentity <> 'a'`,
    [relation],
  );
  return new Set(rows.map(({ name }) => name));
}
