/**
 * Brings back the rows that a job has removed, as they were, unless another row now has a key of theirs or another
 * job has removed such a row since.
 */
import { quoteIdentifier } from '@csvjobs/shared';
import type { Db } from '../pool.js';
import { restoreByOwner } from './owners.js';
import { leaveRemovedAgain } from './removedAgain.js';
import type { UndoTarget } from './target.js';

export interface BroughtBack {
  restored: number;
  /**
   * Rows not brought back: another row has their key, another job has since removed a row with their key, or a
   * trigger or a rule of the table prevented it.
   */
  taken: number;
  /** As in Restored (sql/undo/restore.ts). */
  done: string[];
  changedVersions: string[];
}

/** The removed rows: `csvjobs$entry` and `csvjobs$was` of the journal, and the row as `csvjobs$row`. */
const BACK = 'pg_temp.csvjobs_back';
/** Journal entries that could not be brought back. */
const TAKEN = 'pg_temp.csvjobs_taken';

/** Must be called after the rows that the job has inserted are gone. Columns added since get their DEFAULT. */
export async function bringBack(db: Db, target: UndoTarget, owners: readonly string[]): Promise<BroughtBack> {
  const { table, relation, removed, columns } = target;
  if (removed === 0 || columns === null) return { restored: 0, taken: 0, done: [], changedVersions: [] };
  const all = await readRemoved(db, target);
  const removedAgain = await leaveRemovedAgain(db, target, BACK);
  const { takes, arbiters } = await tableNow(db, relation);
  const list = columns.filter(({ name }) => takes.includes(name));
  const into = list.map(({ name }) => quoteIdentifier(name)).join(', ');
  const values = list.map(({ name }) => broughtBack(target, name)).join(', ');
  const insert = (condition: string) =>
    `insert into ${table} (${into}) overriding system value select ${values} from ${BACK} w where true ${condition}
     order by csvjobs$entry ${arbiters ? 'on conflict do nothing' : ''}`;
  const count = async (condition: string) => {
    const { rows } = await db.query<{ n: number }>(
      `select count(*) as n from ${BACK} w where true ${condition}`,
    );
    return rows[0]!.n;
  };
  await db.query('create temporary table csvjobs_taken (entry bigint) on commit drop');
  const { rows: restored } = await restoreByOwner(db, target, owners, {
    table: BACK,
    async work(condition) {
      const rows = (await db.query(insert(condition))).rowCount ?? 0;
      return !arbiters || rows === (await count(condition)) ? rows : null;
    },
    // PostgreSQL does not say which rows it left out, so they are inserted one at a time.
    async otherwise(condition) {
      await db.query(
        `do $each$ declare csvjobs$one bigint; csvjobs$n bigint; begin
           for csvjobs$one in select csvjobs$entry from ${BACK} w where true ${condition} order by csvjobs$entry loop
             ${insert('and csvjobs$entry = csvjobs$one')};
             get diagnostics csvjobs$n = row_count;
             if csvjobs$n = 0 then insert into ${TAKEN} values (csvjobs$one); end if;
           end loop; end $each$`,
      );
      const { rows } = await db.query<{ n: number }>(
        `select count(*) as n from ${BACK} w where csvjobs$entry not in (select entry from ${TAKEN}) ${condition}`,
      );
      return rows[0]!.n;
    },
  });
  const left = `select entry from ${TAKEN}`;
  return {
    restored,
    taken: all - restored,
    done: [`select csvjobs$entry as entry from ${BACK} where csvjobs$entry not in (${left})`],
    changedVersions: [...removedAgain, ...(await versionsInTheWay(db, target))],
  };
}

/** Loads the removed rows. Returns how many there are. */
async function readRemoved(db: Db, { jobId, columns }: UndoTarget): Promise<number> {
  const typed = columns!.map(({ name, type }) => `${quoteIdentifier(name)} ${type}`);
  await db.query(`create temporary table csvjobs_removed (${typed.join(', ')}) on commit drop`);
  const { rowCount } = await db.query(
    `create temporary table csvjobs_back on commit drop as
     select entry as csvjobs$entry, was::text::xid as csvjobs$was, before::pg_temp.csvjobs_removed as csvjobs$row
     from job_journal where job_id = '${jobId}' and removed`,
  );
  await db.query(`create index on ${BACK} (csvjobs$entry)`);
  await db.query(`analyze ${BACK}`);
  return rowCount ?? 0;
}

/** Query for the versions of the rows whose keys block the return of removed rows; none if the job has kept no key. */
async function versionsInTheWay(db: Db, { jobId, table }: UndoTarget): Promise<string[]> {
  const { rows } = await db.query<{ key: string[] }>(
    `select key_columns as key from job_journal
     where job_id = $1 and removed and entry in (select entry from ${TAKEN}) limit 1`,
    [jobId],
  );
  const key = rows[0]?.key.map(quoteIdentifier) ?? [];
  if (key.length === 0) return [];
  const same = key.map((column) => `t.${column} = (w.csvjobs$row).${column}`).join(' and ');
  return [
    `select t.xmin::text::bigint as id from ${BACK} w join ${table} t on ${same}
     where w.csvjobs$entry in (select entry from ${TAKEN})`,
  ];
}

/** SQL for a value to insert. If the job of a customer no longer exists, its id becomes null. */
function broughtBack({ isCustomers }: UndoTarget, name: string): string {
  const value = `(w.csvjobs$row).${quoteIdentifier(name)}`;
  return isCustomers && name === 'job_id' ? `(select id from jobs where id = ${value})` : value;
}

/** Returns which columns take a value, and whether `on conflict` may be used: not with deferrable keys or rules. */
async function tableNow(db: Db, relation: number): Promise<{ takes: string[]; arbiters: boolean }> {
  const { rows } = await db.query<{ takes: string[]; arbiters: boolean }>(
    `select array(select attname::text from pg_attribute
         where attrelid = $1::oid and attnum > 0 and not attisdropped and attgenerated = '') as takes,
       not exists (select from pg_index where indrelid = $1::oid and (indisunique or indisexclusion) and not indimmediate)
         and not exists (select from pg_rewrite where ev_class = $1::oid and ev_type in ('2', '3')) as arbiters`,
    [relation],
  );
  return rows[0]!;
}
