/** What jobs are undone by is not kept for ever: it goes in portions, each for good. */
import { type Db, type Pool, transaction } from '../pool.js';

/** Jobs that are looked up, and entries of a journal that are removed, in one go. */
const PORTION = { jobs: 500, entries: 50_000 };

/**
 * Removes the ids and journals of jobs that ended longer ago than so many milliseconds (undefined: of none), of deleted
 * jobs. Returns how many jobs cannot be undone any more.
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

/** An undo that is under way has the job first; then it is undone, or as before. */
async function sweepJob(pool: Pool, id: string): Promise<boolean> {
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
  for (let removed = PORTION.entries; removed === PORTION.entries; ) {
    const { rowCount } = await pool.query(
      `delete from job_journal where job_id = $1 and entry in (
         select entry from job_journal where job_id = $1 order by entry limit ${PORTION.entries})`,
      [id],
    );
    removed = rowCount ?? 0;
  }
  return true;
}
