/** ALTER TABLE may write all rows of a table again. They then have the ID of its transaction, and no job finds its rows. */
import { Failure } from '../../failure.js';
import type { Db } from '../pool.js';
import type { EndedJob } from './endedJob.js';
import { IDS } from './jobIds.js';
import { ENTRIES } from './journal.js';
import { findOwners, OWNERS } from './owners.js';
import type { UndoTarget } from './target.js';
import { byHand } from './wayOut.js';

/**
 * The table then has other files than at the time of the job, and no row that is as old as the job. VACUUM FULL, CLUSTER and
 * TRUNCATE replace the files as well, but rows keep their IDs: older ones show that, or those of a job that took rows over from
 * this one. Must be called before the undo writes rows.
 * @param loaded how many rows the job has inserted or updated; for those that it has only removed, no IDs are needed
 * @throws {Failure} `undo_impossible`
 */
export async function assertIdsKept(
  db: Db,
  target: UndoTarget,
  job: EndedJob,
  loaded: number,
): Promise<void> {
  if (loaded === 0 || !(await areIdsLost(db, target))) return;
  const why = `none of its rows can be found as it was loaded, and ${target.table} has been rewritten since (for example by ALTER TABLE, or by TRUNCATE and new rows), which gives each row a new ID`;
  throw new Failure('undo_impossible', `${why}; ${byHand(job)}`);
}

async function areIdsLost(db: Db, target: UndoTarget): Promise<boolean> {
  if (!target.rewritten) return false;
  const { rows } = await db.query<{ some: boolean; older: boolean }>(
    // The age of a row that was frozen more than 2^31 transactions ago is negative, and so is that of one of our subtransactions.
    `select exists (select from ${target.table}) as some, exists (select from ${target.table} t
       where age(t.xmin) >= (select min(age(id)) from ${IDS}) or age(t.xmin) < 0) as older`,
  );
  const { some, older } = rows[0]!;
  return some && !older && !(await isSucceeded(db, target));
}

/** Whether a row in the table is of a job that has found rows of this one. */
async function isSucceeded(db: Db, target: UndoTarget): Promise<boolean> {
  const present = await findOwners(db, target, `select t.xmin::text::bigint as id from ${target.table} t`);
  if (present.length === 0) return false;
  const { rowCount } = await db.query(
    `select from ${ENTRIES} where j.job_id in (select job_id from ${OWNERS})
       and e.was::text::xid in (select id from ${IDS}) limit 1`,
  );
  return rowCount! > 0;
}
