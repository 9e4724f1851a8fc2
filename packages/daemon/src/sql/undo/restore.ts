/** Rows that a job has updated, back as they were (sql/undo/journal.ts has how they are kept). */
import { quoteIdentifier } from '@csvjobs/shared';
import type { Db } from '../pool.js';
import { IDS } from './jobIds.js';
import type { UndoTarget } from './target.js';

/** Each row that the job has updated, once, as it was before the first time. */
const WAS = 'pg_temp.csvjobs_was';

export interface Restored {
  restored: number;
  /** There, and changed since. */
  changed: number;
  /** Not there any more. */
  gone: number;
}

/** Restores the rows that are as the job has left them. Columns that came since keep their values. */
export async function restoreUpdated(db: Db, target: UndoTarget): Promise<Restored> {
  const { jobId, table, columns } = target;
  if (columns === null) return { restored: 0, changed: 0, gone: 0 };
  const { rows } = await db.query<{ key_columns: string[] }>(
    'select key_columns from job_journal where job_id = $1 and not removed order by entry limit 1',
    [jobId],
  );
  const [first] = rows;
  if (!first) return { restored: 0, changed: 0, gone: 0 };
  const key = first.key_columns.map(quoteIdentifier);
  await readJournal(db, jobId, columns, key);
  // What the job has inserted and then updated is not to be restored, but to be removed.
  await db.query(`delete from ${WAS} where csvjobs_was in (select id from ${IDS})`);
  await db.query(`analyze ${WAS}`);
  const settable = await settableColumns(db, target);
  const set = columns.filter(({ name }) => settable.has(name)).map(({ name }) => quoteIdentifier(name));
  const result: Restored = { restored: 0, changed: 0, gone: 0 };
  for (const same of await waysToFind(db, key)) {
    const { rows: counted } = await db.query<{ all: number; there: number }>(
      `select count(*) as all, count(*) filter (where exists (select from ${table} t where ${same.row})) as there
       from ${WAS} w where ${same.among}`,
    );
    const { rowCount } = await db.query(
      `update ${table} t set ${set.map((column) => `${column} = w.${column}`).join(', ')}
       from ${WAS} w where ${same.among} and ${same.row} and t.xmin in (select id from ${IDS})`,
    );
    const { all, there } = counted[0]!;
    const restored = rowCount ?? 0;
    result.restored += restored;
    result.changed += Math.max(0, there - restored);
    result.gone += all - there;
  }
  return result;
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

/** The rows are written as the table had its columns then; `csvjobs_row` has the same ones. */
async function readJournal(
  db: Db,
  jobId: string,
  columns: readonly { name: string; type: string }[],
  key: readonly string[],
): Promise<void> {
  const typed = columns.map(({ name, type }) => `${quoteIdentifier(name)} ${type}`);
  await db.query(`create temporary table csvjobs_row (${typed.join(', ')}) on commit drop`);
  const ordered = key.map((column) => `(row).${column}`).join(', ');
  await db.query(
    `create temporary table csvjobs_was on commit drop as
     select distinct on (${ordered}) was::text::xid as csvjobs_was, (row).*
     from (select entry, was, before::pg_temp.csvjobs_row as row from job_journal where job_id = '${jobId}' and not removed offset 0) kept
     order by ${ordered}, entry`,
  );
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
