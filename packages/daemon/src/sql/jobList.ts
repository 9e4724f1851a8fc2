/** The jobs table, as a list of many. */
import type { Db } from './pool.js';

/** How many jobs wait or are worked on; counts no further than `most`. Served by the index jobs_unfinished. */
export async function countUnfinished(db: Db, most: number): Promise<number> {
  const { rows } = await db.query<{ n: number }>(
    `select count(*) as n from (select from jobs where status in ('pending', 'processing') limit $1) unfinished`,
    [most],
  );
  return rows[0]!.n;
}
