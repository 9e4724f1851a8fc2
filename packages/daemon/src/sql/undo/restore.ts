/** Restores the rows that a job has updated. */
import { quoteIdentifier } from '@csvjobs/shared';
import type { Db } from '../pool.js';
import { attempt } from '../target/attempt.js';
import { changesOf } from './changedOthers.js';
import { exchangeRefused } from './exchange.js';
import { IDS } from './jobIds.js';
import { countWritten, isRestored, markRestored, OWNERS, restoreByOwner } from './owners.js';
import { inParts, openWorklist, ownersIn, WORKLIST, within } from './parts.js';
import type { ForeignKey } from './references.js';
import { countRefusals, forgetRefusals } from './refusals.js';
import type { UndoTarget } from './target.js';
import { type UpdatedRows, WAS, type Way } from './updatedRows.js';

export interface Restored {
  restored: number;
  /**
   * Those of them that are not found as they were written: triggers have given them another key or changed them again, or
   * row security hides them.
   */
  unfound: number;
  /** Rows that still exist but were changed since. */
  changed: number;
  /** Rows that no longer exist. */
  gone: number;
  /** Rows that stay because others reference a value that would change (leaveReferenced names them). */
  referenced: number;
  /** Rows that a trigger, a rule or row security of the table has kept as they are. */
  kept: number;
  /** Rows that the table refuses to take back. */
  refused: number;
  /** Queries for the journal entries that were restored, as `entry`; to be run at the end of the undo. */
  done: string[];
  /** The same for rows that others have changed since: the current version of each, as `id`. */
  changedVersions: string[];
}

/**
 * Restores the rows that are still as the job left them, all at once. Columns added since keep their values.
 * @param owners of the versions in the job's journal (sql/undo/owners.ts)
 * @returns false, with nothing restored, if PostgreSQL refuses one: values of a unique key may have moved from row to
 * row
 */
export async function restoreTogether(
  db: Db,
  target: UndoTarget,
  owners: readonly string[],
  rows: UpdatedRows,
): Promise<boolean> {
  const update = await updateStatement(db, target);
  const done = await attempt(db, async () => {
    for (const same of rows.ways)
      await restoreByOwner(db, target, [null, ...owners], {
        ...{ part: 'updated', table: WAS },
        work: async (condition) => (await db.query(`${update} ${ours(same)} ${condition}`)).rowCount ?? 0,
      });
    return {};
  });
  return done !== undefined;
}

/**
 * Restores those that are left, in the reverse order of the job: each intermediate state is one that the job had. What
 * is refused because of a unique key is exchanged, where that is safe; all else that is refused stays.
 * @param keys the foreign keys that reference the table
 */
export async function restoreInParts(
  db: Db,
  target: UndoTarget,
  rows: UpdatedRows,
  keys: readonly ForeignKey[],
): Promise<void> {
  await forgetRefusals(db, 'updated');
  const update = await updateStatement(db, target);
  const changes = changesOf(`${target.relation}`);
  await db.query(`create unique index if not exists csvjobs_was_by_entry on ${WAS} (csvjobs$entry)`);
  for (const same of rows.ways) {
    const left = `select w.csvjobs$entry as entry, o.job_id as owner, t.tableoid as rel, t.ctid as tid
      from ${WAS} w join ${target.rows} t on ${ours(same)} left join ${OWNERS} o on o.id = w.csvjobs$was`;
    const count = await openWorklist(db, left, 'entry desc');
    const one = async (first: number, last: number) => {
      const among = `select entry from ${WORKLIST} where ${within(first, last)}`;
      const work = async (condition: string) => {
        const which = `${condition} and w.csvjobs$entry in (${among})`;
        return (await db.query(`${update} ${ours(same)} ${which}`)).rowCount ?? 0;
      };
      await restoreByOwner(db, target, await ownersIn(db, first, last), {
        part: 'updated',
        table: WAS,
        work,
      });
    };
    await inParts(db, count, {
      ...{ part: 'updated', together: one },
      each: `${update} ${ours(same)} and w.csvjobs$entry = csvjobs$one.entry`,
      changes,
      after: markRestored(
        'updated',
        'csvjobs$one.owner',
        'csvjobs$n',
        `${changes} - csvjobs$changes - csvjobs$n`,
      ),
    });
  }
  await exchangeRefused(db, target, keys);
}

/** Condition on `w` and `t`: they are the same row, which is still as the job left it. */
function ours({ among, row }: Way): string {
  return `${among} and ${row('t')} and t.xmin in (select id from ${IDS})`;
}

/** The beginning of the update of rows `t` to rows `w`, up to its conditions. */
async function updateStatement(db: Db, target: UndoTarget): Promise<string> {
  const settable = await settableColumns(db, target);
  const set = target
    .columns!.filter(({ name }) => settable.has(name))
    .map(({ name }) => quoteIdentifier(name));
  return `update ${target.rows} t set ${set.map((column) => `${column} = w.${column}`).join(', ')} from ${WAS} w where`;
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

/** Returns what became of the rows so far. */
export async function countRestored(db: Db, target: UndoTarget, rows: UpdatedRows | null): Promise<Restored> {
  const result: Restored = {
    ...{
      restored: 0,
      unfound: 0,
      changed: 0,
      gone: 0,
      kept: 0,
      refused: 0,
      referenced: rows?.referenced ?? 0,
    },
    ...{ done: [], changedVersions: [] },
  };
  if (rows === null) return result;
  const written = isRestored('updated', 't');
  const unchanged = `t.xmin in (select id from ${IDS})`;
  for (const same of rows.ways) {
    const { rows: counted } = await db.query<{ all: number; found: number; restored: number; left: number }>(
      `select count(*) as all, count(t.tableoid) as found, count(*) filter (where ${written}) as restored,
         count(*) filter (where ${unchanged}) as left
       from ${WAS} w left join ${target.rows} t on ${same.row('t')} where ${same.among}`,
    );
    const { all, found, restored, left } = counted[0]!;
    result.restored += restored;
    result.kept += left;
    result.changed += found - restored - left;
    result.gone += all - found;
    const joined = `${WAS} w join ${target.rows} t on ${same.row('t')} where ${same.among}`;
    result.done.push(
      restored === all
        ? `select w.csvjobs$entry as entry from ${WAS} w where ${same.among}`
        : `select w.csvjobs$entry as entry from ${joined} and ${written}`,
    );
    if (restored + left < found)
      result.changedVersions.push(
        `select t.xmin::text::bigint as id from ${joined} and not ${written} and not ${unchanged}`,
      );
  }
  const refused = await countRefusals(db, 'updated');
  const unfound = Math.max(0, (await countWritten(db, 'updated')) - result.restored);
  const gone = Math.max(0, result.gone - unfound);
  return {
    ...result,
    ...{ refused, unfound, gone, restored: result.restored + unfound },
    kept: Math.max(0, result.kept - refused),
    changed: Math.max(0, result.changed - (unfound - (result.gone - gone))) + rows.buried,
  };
}
