/** Rows that a job has updated, back as they were (sql/undo/journal.ts has how they are kept). */
import { quoteIdentifier } from '@csvjobs/shared';
import { Failure } from '../../failure.js';
import type { Db } from '../pool.js';
import { IDS } from './jobIds.js';
import { restoreByOwner } from './owners.js';
import type { UndoTarget } from './target.js';

/**
 * Each row that the job has updated, once, as it was before: before the last time that it took it over from another. Jobs that ran at
 * the same time may have taken it over in turn; what is beneath comes when the others are undone.
 */
const WAS = 'pg_temp.csvjobs_was';

export interface Restored {
  restored: number;
  /** There, and changed since. */
  changed: number;
  /** Not there any more. */
  gone: number;
  /** Queries with the entries of the journal that were restored, as `entry`, to be sent behind all else that the undo does. */
  done: string[];
  /** The same for rows that others have changed since: the version that each has now, as `id`. */
  changedVersions: string[];
}

/**
 * Restores the rows that are as the job has left them. Columns that came since keep their values.
 * @param owners of the versions in the job's journal (sql/undo/owners.ts)
 * @throws {Failure} `undo_refused` where a trigger or a rule of the table keeps a row from being restored
 */
export async function restoreUpdated(
  db: Db,
  target: UndoTarget,
  owners: readonly string[],
): Promise<Restored> {
  const key = await journalKey(db, target);
  const { table, columns } = target;
  const result: Restored = { restored: 0, changed: 0, gone: 0, done: [], changedVersions: [] };
  if (key.length === 0 || columns === null) return result;
  const buried = await readJournal(db, target, key);
  const settable = await settableColumns(db, target);
  const set = columns.filter(({ name }) => settable.has(name)).map(({ name }) => quoteIdentifier(name));
  for (const same of await waysToFind(db, key)) {
    const { rows: counted } = await db.query<{ all: number; there: number }>(
      `select count(*) as all, count(*) filter (where exists (select from ${table} t where ${same.row})) as there
       from ${WAS} w where ${same.among}`,
    );
    const ours = `${same.row} and t.xmin in (select id from ${IDS})`;
    const { rows: restored, ids } = await restoreByOwner(db, target, owners, {
      table: WAS,
      work: async (condition) => {
        const { rowCount } = await db.query(
          `update ${table} t set ${set.map((column) => `${column} = w.${column}`).join(', ')}
           from ${WAS} w where ${same.among} ${condition} and ${ours}`,
        );
        return rowCount ?? 0;
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
        ? `select w.csvjobs_entry as entry from ${WAS} w where ${same.among}`
        : `select w.csvjobs_entry as entry from ${rows} and ${written}`,
    );
    if (restored < there)
      result.changedVersions.push(`select t.xmin::text::bigint as id from ${rows} and not ${written}`);
  }
  return { ...result, changed: result.changed + buried };
}

/** The columns by which updated rows are found again, quoted; none where the job has updated none. */
async function journalKey(db: Db, { jobId, updated }: UndoTarget): Promise<string[]> {
  if (updated === 0) return [];
  const { rows } = await db.query<{ key_columns: string[] }>(
    'select key_columns from job_journal where job_id = $1 and not removed order by entry limit 1',
    [jobId],
  );
  return rows[0]?.key_columns.map(quoteIdentifier) ?? [];
}

/** What is still the job's would be taken for a row that it has inserted. */
async function mustNotBeKept(db: Db, { table }: UndoTarget, condition: string): Promise<void> {
  const { rowCount } = await db.query(`select from ${WAS} w, ${table} t where ${condition} limit 1`);
  if (rowCount === 0) return;
  throw new Failure(
    'undo_refused',
    `a trigger or a rule of ${table} keeps rows from being restored; nothing was changed. Disable it for the undo: alter table ${table} disable trigger user`,
  );
}

/** Rows are found by their key; those with a NULL in it, of a key `nulls not distinct`, by what no index finds. */
async function waysToFind(db: Db, key: readonly string[]): Promise<{ among: string; row: string }[]> {
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
 * The rows are written as the table had its columns then; `csvjobs_row` has the same ones. Entries of rows that the job had inserted or
 * updated itself are left out: such a row is removed, or restored by an entry before.
 * @returns how many entries are of rows that the job took over more than once, beneath the last time
 */
async function readJournal(db: Db, { jobId, columns }: UndoTarget, key: readonly string[]): Promise<number> {
  const typed = columns!.map(({ name, type }) => `${quoteIdentifier(name)} ${type}`);
  await db.query(`create temporary table csvjobs_row (${typed.join(', ')}) on commit drop`);
  const ordered = key.map((column) => `(row).${column}`).join(', ');
  const kept = `from job_journal where job_id = '${jobId}' and not removed and was::text::xid not in (select id from ${IDS})`;
  await db.query(
    `create temporary table csvjobs_was on commit drop as
     select distinct on (${ordered}) entry as csvjobs_entry, was::text::xid as csvjobs_was, (row).*
     from (select entry, was, before::pg_temp.csvjobs_row as row ${kept} offset 0) kept
     order by ${ordered}, entry desc`,
  );
  await db.query(`analyze ${WAS}`);
  const { rows } = await db.query<{ n: number }>(
    `select (select count(*) ${kept}) - (select count(*) from ${WAS}) as n`,
  );
  return rows[0]!.n;
}

/** Columns of the table as it is now that take a value. */
async function settableColumns(db: Db, { relation }: UndoTarget): Promise<Set<string>> {
  const { rows } = await db.query<{ name: string }>(
    `select attname::text as name from pg_attribute
     where attrelid = $1::oid and attnum > 0 and not attisdropped and attgenerated = '' and attidentity <> 'a'`,
    [relation],
  );
  return new Set(rows.map(({ name }) => name));
}
