/** Removes the undo data of old jobs, in portions; each is committed. */
import { type Db, type Pool, transaction } from '../pool.js';

/** Number of jobs to look up, and of groups of journal entries to remove (64 MiB), per statement. */
const PORTION = { jobs: 500, groups: 1_000 };

/**
 * Removes the ids and journals of jobs that finished more than `olderThanMs` ago (if undefined, none of these) and of
 * deleted jobs. Returns how many jobs can no longer be undone.
 */
export async function sweepUndo(pool: Pool, olderThanMs: number | undefined): Promise<number> {
  let swept = 0;
  for (let ids = await toSweep(pool, olderThanMs); ids.length > 0; ids = await toSweep(pool, olderThanMs)) {
    for (const id of ids) if (await sweepJob(pool, id)) swept++;
  }
  return swept;
}

async function toSweep(db: Db, olderThanMs: number | undefined): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    `select id from jobs where (exists (select from job_transactions where job_id = id) or exists (select from job_journal where job_id = id))
       and (deleted_at is not null
         or status in ('completed', 'failed', 'cancelled', 'undone') and completed_at < now() - $1 * interval '1 ms')
     limit ${PORTION.jobs}`,
    [olderThanMs ?? null],
  );
  return rows.map((row) => row.id);
}

/**
 * Removes those of one job that has ended or is deleted. Waits for a running undo to release the job, which is then either
 * undone or as before. Returns whether they are removed.
 */
export async function sweepJob(pool: Pool, id: string): Promise<boolean> {
  const ended = await transaction(pool, async (db) => {
    const { rowCount } = await db.query(
      `update jobs set undo_swept_at = now()
       where id = $1 and (deleted_at is not null or status in ('completed', 'failed', 'cancelled', 'undone'))`,
      [id],
    );
    if (rowCount === 1) await db.query('delete from job_transactions where job_id = $1', [id]);
    return rowCount === 1;
  });
  if (!ended) return false;
  for (let removed = PORTION.groups; removed === PORTION.groups; ) {
    const { rowCount } = await pool.query(
      `delete from job_journal where job_id = $1 and entry in (
         select entry from job_journal where job_id = $1 order by entry limit ${PORTION.groups})`,
      [id],
    );
    removed = rowCount ?? 0;
  }
  return true;
}
