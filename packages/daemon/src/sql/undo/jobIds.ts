/** The ids that identify a job's rows, as a temporary table. */
import type { Db } from '../pool.js';
import { XMIN_BITS } from './transactionIds.js';

/** Has one column, `id`, of the type of xmin. */
export const IDS = 'pg_temp.csvjobs_ids';

/** Within a transaction: creates the table of a job's ids. Returns how many there are. */
export async function openIds(db: Db, jobId: string): Promise<number> {
  await db.query('create temporary table csvjobs_ids (id xid) on commit drop');
  const { rowCount } = await db.query(
    `insert into ${IDS} select distinct (each & ${XMIN_BITS})::text::xid from (
       select xid from job_transactions where job_id = $1
       union all
       select generate_series(lower(range), upper(range) - 1)
       from job_transactions, unnest(others) range where job_id = $1) ids (each)`,
    [jobId],
  );
  await db.query(`analyze ${IDS}`);
  return rowCount ?? 0;
}
