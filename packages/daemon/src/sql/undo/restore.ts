/** Restores the rows that a job has updated. */
import { quoteIdentifier } from '@csvjobs/shared';
import { Failure } from '../../failure.js';
import type { Db } from '../pool.js';
import { IDS } from './jobIds.js';
import { restoreByOwner } from './owners.js';
import type { UndoTarget } from './target.js';
import { type UpdatedRows, WAS } from './updatedRows.js';

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
  rows: UpdatedRows | null,
  oneByOne: boolean,
): Promise<Restored> {
  const { table, columns } = target;
  const result: Restored = {
    ...{ restored: 0, changed: 0, gone: 0, referenced: rows?.referenced ?? 0 },
    ...{ done: [], changedVersions: [] },
  };
  if (rows === null) return result;
  const settable = await settableColumns(db, target);
  const set = columns!.filter(({ name }) => settable.has(name)).map(({ name }) => quoteIdentifier(name));
  if (oneByOne) await db.query(`create unique index on ${WAS} (csvjobs$entry)`);
  for (const same of rows.ways) {
    const { rows: counted } = await db.query<{ all: number; there: number }>(
      `select count(*) as all, count(*) filter (where exists (select from ${table} t where ${same.row('t')})) as there
       from ${WAS} w where ${same.among}`,
    );
    const ours = `${same.row('t')} and t.xmin in (select id from ${IDS})`;
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
    const found = `${WAS} w join ${table} t on ${same.row('t')} where ${same.among}`;
    result.done.push(
      restored === all
        ? `select w.csvjobs$entry as entry from ${WAS} w where ${same.among}`
        : `select w.csvjobs$entry as entry from ${found} and ${written}`,
    );
    if (restored < there)
      result.changedVersions.push(`select t.xmin::text::bigint as id from ${found} and not ${written}`);
  }
  return { ...result, changed: result.changed + rows.buried };
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

/** Returns the current columns of the table that take a value. */
async function settableColumns(db: Db, { relation }: UndoTarget): Promise<Set<string>> {
  const { rows } = await db.query<{ name: string }>(
    `select attname::text as name from pg_attribute
     where attrelid = $1::oid and attnum > 0 and not attisdropped and attgenerated = '' and attidentity <> 'a'`,
    [relation],
  );
  return new Set(rows.map(({ name }) => name));
}
