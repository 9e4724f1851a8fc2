/** An undo of one job beside those of others on the same table: one after the other, and named where they are in the way. */
import type { ChangedBy } from '@csvjobs/shared';
import type { Db } from '../pool.js';
import { findOwners, OWNERS } from './owners.js';
import type { UndoTarget } from './target.js';

/**
 * Until the end of the transaction no other undo of a job on the same table begins, nor does a job that was undone start again: rows
 * that are restored are given to other jobs, which must not forget their ids meanwhile.
 */
export async function oneUndoAtATime(db: Db, jobId: string): Promise<void> {
  await db.query(
    `select pg_advisory_xact_lock(hashtextextended('csvjobs undo ' || target_table, 0)) from jobs where id = $1`,
    [jobId],
  );
}

/**
 * The jobs whose rows are in the way of what was to be restored, in the order in which they are undone: the latest first.
 * @param versions queries with the xmin of each such row, as `id`
 */
export async function laterJobs(
  db: Db,
  target: UndoTarget,
  versions: readonly string[],
): Promise<ChangedBy[]> {
  if (versions.length === 0) return [];
  const all = versions.join(' union all ');
  await findOwners(db, target, all);
  const { rows } = await db.query<ChangedBy>(
    `select o.job_id as "jobId", count(*) as rows
     from (${all}) v join ${OWNERS} o on o.id = v.id::text::xid join jobs on jobs.id = o.job_id
     group by o.job_id, jobs.completed_at order by jobs.completed_at desc nulls first, o.job_id`,
  );
  return rows;
}
