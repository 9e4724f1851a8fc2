/** Rows that a job has removed, back as they were, unless another row has a key of theirs now, or another job has removed one since. */
import { quoteIdentifier } from '@csvjobs/shared';
import type { Db } from '../pool.js';
import { restoreByOwner } from './owners.js';
import { leaveRemovedAgain } from './removedAgain.js';
import type { UndoTarget } from './target.js';

export interface BroughtBack {
  restored: number;
  /**
   * Not: another row has their key, another job has removed a row of their key since, or a trigger or a rule of the table has kept
   * them out.
   */
  taken: number;
  /** As of restored rows (sql/undo/restore.ts). */
  done: string[];
  changedVersions: string[];
}

/** The rows that were removed: `csvjobs_entry` and `csvjobs_was` of the journal, and the row as `csvjobs_row`. */
const BACK = 'pg_temp.csvjobs_back';
/** Entries that could not be brought back. */
const TAKEN = 'pg_temp.csvjobs_taken';

/** Columns that came since have their DEFAULT. To be called when the rows that the job has inserted are gone. */
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
     order by csvjobs_entry ${arbiters ? 'on conflict do nothing' : ''}`;
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
    // Which of them PostgreSQL has left out it says for one at a time only.
    async otherwise(condition) {
      await db.query(
        `do $each$ declare csvjobs_one bigint; n bigint; begin
           for csvjobs_one in select csvjobs_entry from ${BACK} w where true ${condition} order by csvjobs_entry loop
             ${insert('and csvjobs_entry = csvjobs_one')};
             get diagnostics n = row_count;
             if n = 0 then insert into ${TAKEN} values (csvjobs_one); end if;
           end loop; end $each$`,
      );
      const { rows } = await db.query<{ n: number }>(
        `select count(*) as n from ${BACK} w where csvjobs_entry not in (select entry from ${TAKEN}) ${condition}`,
      );
      return rows[0]!.n;
    },
  });
  const left = `select entry from ${TAKEN}`;
  return {
    restored,
    taken: all - restored,
    done: [`select csvjobs_entry as entry from ${BACK} where csvjobs_entry not in (${left})`],
    changedVersions: [...removedAgain, ...(await versionsInTheWay(db, target))],
  };
}

/** Returns how many there are. */
async function readRemoved(db: Db, { jobId, columns }: UndoTarget): Promise<number> {
  const typed = columns!.map(({ name, type }) => `${quoteIdentifier(name)} ${type}`);
  await db.query(`create temporary table csvjobs_removed (${typed.join(', ')}) on commit drop`);
  const { rowCount } = await db.query(
    `create temporary table csvjobs_back on commit drop as
     select entry as csvjobs_entry, was::text::xid as csvjobs_was, before::pg_temp.csvjobs_removed as csvjobs_row
     from job_journal where job_id = '${jobId}' and removed`,
  );
  await db.query(`create index on ${BACK} (csvjobs_entry)`);
  await db.query(`analyze ${BACK}`);
  return rowCount ?? 0;
}

/** The version of the row that has the key of each that could not be brought back; nothing where the job has kept no key. */
async function versionsInTheWay(db: Db, { jobId, table }: UndoTarget): Promise<string[]> {
  const { rows } = await db.query<{ key: string[] }>(
    `select key_columns as key from job_journal
     where job_id = $1 and removed and entry in (select entry from ${TAKEN}) limit 1`,
    [jobId],
  );
  const key = rows[0]?.key.map(quoteIdentifier) ?? [];
  if (key.length === 0) return [];
  const same = key.map((column) => `t.${column} = (w.csvjobs_row).${column}`).join(' and ');
  return [
    `select t.xmin::text::bigint as id from ${BACK} w join ${table} t on ${same}
     where w.csvjobs_entry in (select entry from ${TAKEN})`,
  ];
}

/** A customer's job may have been deleted since, which takes its id off the customers that it has loaded. */
function broughtBack({ isCustomers }: UndoTarget, name: string): string {
  const value = `(w.csvjobs_row).${quoteIdentifier(name)}`;
  return isCustomers && name === 'job_id' ? `(select id from jobs where id = ${value})` : value;
}

/** Which columns take a value, and whether `on conflict` may be asked for: not with deferrable keys, nor with rules. */
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
