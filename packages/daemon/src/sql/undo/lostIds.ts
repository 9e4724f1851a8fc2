/** ALTER TABLE may write all rows of a table again: they then have the ID of its transaction, and no job finds its rows. */
import type { Db } from '../pool.js';
import { IDS } from './jobIds.js';
import type { UndoTarget } from './target.js';

/**
 * Returns whether no row of the table is as old as the job, although the table has other files than then. VACUUM FULL and
 * CLUSTER replace the files as well, but rows keep their IDs, so that older ones show that nothing is lost. Must be called
 * before the undo writes rows.
 */
export async function lostIds(db: Db, { table, rewritten }: UndoTarget): Promise<boolean> {
  if (!rewritten) return false;
  // The age of a row that was frozen more than 2^31 transactions ago is negative, and so is that of a row of a subtransaction of ours.
  const { rows } = await db.query<{ older: boolean }>(
    `select exists (select from ${table} t
       where age(t.xmin) >= (select min(age(id)) from ${IDS}) or age(t.xmin) < 0) as older`,
  );
  return !rows[0]!.older;
}
