/**
 * Brings back the rows that a job has removed, as they were, unless another row now has a key of theirs or another
 * job has removed such a row since.
 */
import { quoteIdentifier } from '@csvjobs/shared';
import type { Db } from '../pool.js';
import { attempt, isRefusal } from '../target/attempt.js';
import { CIRCLES, findCircles } from './backTogether.js';
import { changesOf } from './changedOthers.js';
import { keyColumns } from './journal.js';
import { markRestored, OWNERS, restoreByOwner } from './owners.js';
import { inParts, Omitted, openWorklist, ownersIn, WORKLIST, within } from './parts.js';
import type { ForeignKey } from './references.js';
import { countRefusals, forgetRefusals, REFUSALS } from './refusals.js';
import { BACK, RETURNED, type RemovedRows } from './removedRows.js';
import type { UndoTarget } from './target.js';

export interface BroughtBack {
  /** Rows that the job has removed. */
  all: number;
  restored: number;
  /**
   * Rows not brought back: another row has their key, another job has since removed a row with their key, or a
   * trigger or a rule of the table prevented it.
   */
  taken: number;
  /** Rows that the table refuses to take back. */
  refused: number;
  /** As in Restored (sql/undo/restore.ts). */
  done: string[];
  changedVersions: string[];
}

/**
 * Must be called after the rows that the job has inserted are gone; again to retry those that were refused. Columns added
 * since get their DEFAULT.
 * @param keys the foreign keys that reference the table
 */
export async function bringBack(
  db: Db,
  target: UndoTarget,
  owners: readonly string[],
  keys: readonly ForeignKey[],
  again: boolean,
): Promise<void> {
  await forgetRefusals(db, 'removed');
  const insert = await insertStatement(db, target);
  const together = async (owners: readonly (string | null)[], which: string) => {
    await restoreByOwner(db, target, owners, {
      ...{ part: 'removed', table: BACK },
      async work(condition) {
        const noted = await db.query(
          `insert into ${RETURNED} select csvjobs$entry from ${BACK} w where true ${condition} ${which}`,
        );
        const { rowCount } = await db.query(insert(`${condition} ${which}`));
        // PostgreSQL does not say which rows it left out.
        if (rowCount !== noted.rowCount) throw new Omitted();
        return rowCount ?? 0;
      },
    });
    return {};
  };
  const isLeftOut = (error: unknown) => isRefusal(error) || error instanceof Omitted;
  if (!again && (await attempt(db, () => together([null, ...owners], ''), isLeftOut))) return;
  const left = `select w.csvjobs$entry as entry, o.job_id as owner, null::oid as rel, null::tid as tid
    from ${BACK} w left join ${OWNERS} o on o.id = w.csvjobs$was
    where w.csvjobs$entry not in (select entry from ${RETURNED})`;
  const changes = changesOf(`${target.relation}`);
  await inParts(db, await openWorklist(db, left, 'entry'), {
    part: 'removed',
    together: async (first, last) => {
      const among = `select entry from ${WORKLIST} where ${within(first, last)}`;
      await together(await ownersIn(db, first, last), `and w.csvjobs$entry in (${among})`);
    },
    each: insert('and w.csvjobs$entry = csvjobs$one.entry'),
    changes,
    after: `${markRestored('removed', 'csvjobs$one.owner', '1', `${changes} - csvjobs$changes`)}; insert into ${RETURNED} values (csvjobs$one.entry)`,
  });
  for (const owner of await findCircles(db, target.rows, keys)) {
    const which = `select entry from ${CIRCLES} where owner is not distinct from ${owner === null ? 'null' : `'${owner}'`}`;
    const back = () => together([owner], `and w.csvjobs$entry in (${which})`);
    if (await attempt(db, back, isLeftOut))
      await db.query(`delete from ${REFUSALS} where part = 'removed' and entry in (${which})`);
  }
}

/** Returns what became of the rows so far. */
export async function countBroughtBack(
  db: Db,
  target: UndoTarget,
  { all, removedAgain }: RemovedRows,
): Promise<BroughtBack> {
  const { rows } = await db.query<{ n: number }>(`select count(*) as n from ${RETURNED}`);
  const restored = rows[0]!.n;
  const refused = await countRefusals(db, 'removed');
  const taken = all - restored - refused;
  return {
    ...{ all, restored, refused, taken },
    done: [`select entry from ${RETURNED}`],
    changedVersions: [...removedAgain, ...(taken > 0 ? await versionsInTheWay(db, target) : [])],
  };
}

/** Query for the versions of the rows whose keys block the return of removed rows; none if the job has kept no key. */
async function versionsInTheWay(db: Db, { jobId, rows }: UndoTarget): Promise<string[]> {
  const taken = `w.csvjobs$entry not in (select entry from ${RETURNED})
    and w.csvjobs$entry not in (select entry from ${REFUSALS} where part = 'removed')`;
  const key = (await keyColumns(db, jobId, true)).map(quoteIdentifier);
  if (key.length === 0) return [];
  const same = key.map((column) => `t.${column} = (w.csvjobs$row).${column}`).join(' and ');
  return [`select t.xmin::text::bigint as id from ${BACK} w join ${rows} t on ${same} where ${taken}`];
}

/** Returns the statement that inserts the rows `w` of BACK that meet a condition. */
async function insertStatement(db: Db, target: UndoTarget): Promise<(condition: string) => string> {
  const { table, relation, columns } = target;
  const { takes, arbiters } = await tableNow(db, relation);
  const list = columns!.filter(({ name }) => takes.includes(name));
  const into = list.map(({ name }) => quoteIdentifier(name)).join(', ');
  const values = list.map(({ name }) => broughtBack(target, name)).join(', ');
  return (condition) =>
    `insert into ${table} (${into}) overriding system value select ${values} from ${BACK} w where true ${condition}
     order by csvjobs$entry ${arbiters ? 'on conflict do nothing' : ''}`;
}

/** SQL for the value of a row `w` of BACK to insert. If the job of a customer no longer exists, its id becomes null. */
export function broughtBack({ isCustomers }: Pick<UndoTarget, 'isCustomers'>, name: string): string {
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
