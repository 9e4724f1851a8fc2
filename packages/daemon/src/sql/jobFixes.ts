/** Jobs with the fixed records of another job: what an upload inherits from its parent, and the state of a chain. */
import { type Chain, type ChainJob, chainOf, type Source } from '@csvjobs/shared';
import type { Db } from './pool.js';

/** What was given and detected for a file, beyond what the API shows. */
export interface FileKept {
  /** The header record as it is in the file; null for a job from an older version, or if the file was never read. */
  header: string | null;
  overrides: Record<string, unknown>;
  source: Source | null;
}

export async function findFileKept(db: Db, id: string): Promise<FileKept | null> {
  const { rows } = await db.query<FileKept>(
    'select header, overrides, source from jobs where id = $1 and deleted_at is null',
    [id],
  );
  return rows[0] ?? null;
}

/** Maximum number of jobs counted in a chain, so that a runaway script cannot make responses slow. */
const MOST_JOBS = 1_000;

/**
 * Returns a chain: the job, the jobs that fix its rejected records, and the jobs that fix theirs, with the outcome of
 * the records. Leaves out jobs that put nothing into the table (loadsNothing). Includes deleted jobs, because their
 * rows are loaded. Returns undefined if no job fixes any.
 */
export async function findChain(db: Db, id: string): Promise<Chain | undefined> {
  const { rows } = await db.query<ChainJob>(
    `with recursive chain as (
       select id, null::uuid as parent, 0 as depth from jobs where id = $1
       union all
       select jobs.id, jobs.parent, depth + 1 from jobs join chain on jobs.parent = chain.id
       where not jobs.mode ? 'dryRun' and (not jobs.mode ? 'atomic' or jobs.status = 'completed')
     )
     -- The rows of one that was undone are not loaded any more: its records are still to be fixed.
     select id, chain.parent, case when status = 'undone' and chain.parent is not null then 0 else total_rows end as "totalRows",
       success_count as "successCount", failed_count as "failedCount", skipped_count as "skippedCount"
     from (select * from chain limit ${MOST_JOBS}) chain join jobs using (id) order by depth, created_at, id`,
    [id],
  );
  return rows.length > 1 ? chainOf(rows) : undefined;
}
