/** Rows that a job has removed, back as they were, unless another row has a key of theirs now. */
import { quoteIdentifier } from '@csvjobs/shared';
import type { Db } from '../pool.js';
import type { UndoTarget } from './target.js';

export interface BroughtBack {
  restored: number;
  /** Not: another row has their key, or a trigger or a rule of the table has kept them out. */
  taken: number;
}

/** Columns that came since have their DEFAULT. To be called when the rows that the job has inserted are gone. */
export async function bringBack(db: Db, target: UndoTarget): Promise<BroughtBack> {
  const { jobId, table, relation, removed, columns } = target;
  if (removed === 0 || columns === null) return { restored: 0, taken: 0 };
  const typed = columns.map(({ name, type }) => `${quoteIdentifier(name)} ${type}`);
  await db.query(`create temporary table csvjobs_removed (${typed.join(', ')}) on commit drop`);
  const { takes, arbiters } = await tableNow(db, relation);
  const list = columns.filter(({ name }) => takes.includes(name));
  const into = list.map(({ name }) => quoteIdentifier(name)).join(', ');
  const { rowCount } = await db.query(
    `insert into ${table} (${into}) overriding system value
     select ${list.map(({ name }) => broughtBack(target, name)).join(', ')}
     from (select entry, before::pg_temp.csvjobs_removed as row from job_journal where job_id = '${jobId}' and removed offset 0) kept
     order by entry ${arbiters ? 'on conflict do nothing' : ''}`,
  );
  const restored = rowCount ?? 0;
  return { restored, taken: removed - restored };
}

/** A customer's job may have been deleted since, which takes its id off the customers that it has loaded. */
function broughtBack({ isCustomers }: UndoTarget, name: string): string {
  const value = `(row).${quoteIdentifier(name)}`;
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
