/** Undos of several jobs on one table: runs them one at a time, and names the jobs that are in the way. */
import type { ChangedBy } from '@csvjobs/shared';
import type { Db } from '../pool.js';
import { findOwners, OWNERS } from './owners.js';
import type { UndoTarget } from './target.js';

/**
 * Until the end of the transaction, blocks other undos of jobs on the same table and restarts of undone jobs.
 * Restored rows are assigned to other jobs, which must not lose their ids meanwhile.
 */
export async function oneUndoAtATime(db: Db, jobId: string): Promise<void> {
  await db.query(
    `select pg_advisory_xact_lock(hashtextextended('csvjobs undo ' || target_table, 0)) from jobs where id = $1`,
    [jobId],
  );
}

/**
 * Returns the jobs whose rows prevented a restore, in the order in which to undo them: the latest first.
 * @param versions queries for the xmin of each such row, as `id`
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
