/** Finds keys of which another job has removed a row since: they are absent because of that job, until it is undone. */
import { leftByUndo, quoteIdentifier, type UndoCounts } from '@csvjobs/shared';
import type { Db } from '../pool.js';
import { ENTRIES, ENTRY, keyColumns } from './journal.js';
import type { UndoTarget } from './target.js';

const AGAIN = 'pg_temp.csvjobs_removed_again';

/**
 * Removes the entries with such keys from `back`, a temporary table with the columns `csvjobs$entry` and
 * `csvjobs$row`, whose type is pg_temp.csvjobs_removed. Entries are numbered in the order of the removals, because a
 * replacement locks its table. Does nothing for a job that has kept no key.
 * @returns a query for the ids of the transactions that have removed rows again, as `laterJobs` takes it; none if
 * there are no such rows
 */
export async function leaveRemovedAgain(db: Db, target: UndoTarget, back: string): Promise<string[]> {
  const key = await keyColumns(db, target.jobId, true);
  const others = key.length === 0 ? [] : await otherRemovers(db, target);
  if (others.length === 0) return [];
  const same = key.map(quoteIdentifier).map((name) => `(l.row).${name} = (w.csvjobs$row).${name}`);
  const { rowCount } = await db.query(
    `create temporary table csvjobs_removed_again on commit drop as
     with later as materialized (
       select ${ENTRY} as entry, j.xmin::text::bigint as id, e.before::pg_temp.csvjobs_removed as row
       from ${ENTRIES} where j.removed and j.job_id in (${others.map((id) => `'${id}'`).join(', ')}))
     select distinct on (w.csvjobs$entry) w.csvjobs$entry as entry, l.id
     from ${back} w join later l on l.entry > w.csvjobs$entry and ${same.join(' and ')}
     order by w.csvjobs$entry, l.entry desc`,
  );
  if (rowCount === 0) return [];
  await db.query(`delete from ${back} where csvjobs$entry in (select entry from ${AGAIN})`);
  return [`select id from ${AGAIN}`];
}

/**
 * Returns other jobs that have removed rows of the table, when it had the same columns as for this job, and that are
 * not completely undone.
 */
async function otherRemovers(db: Db, { jobId, relation, columns }: UndoTarget): Promise<string[]> {
  const { rows } = await db.query<{ id: string; undone: UndoCounts | null }>(
    `select jobs.id, case when jobs.status = 'undone' then jobs.undone end as undone
     from jobs where jobs.id <> $1 and jobs.deleted_at is null and jobs.undo_swept_at is null
       and jobs.id in (select k.job_id from job_transactions k
         where k.relation = $2::oid and k.removed > 0 and k.columns = $3::jsonb
           and k.database = (select oid from pg_database where datname = current_database())
           and k.cluster is not distinct from csvjobs_cluster())`,
    [jobId, relation, JSON.stringify(columns)],
  );
  return rows.filter(({ undone }) => undone === null || leftByUndo(undone) > 0).map(({ id }) => id);
}
