/** Jobs that have the fixed records of another: what an upload takes over from its parent, and how a chain of them stands. */
import { type Chain, type ChainJob, chainOf, type Source } from '@csvjobs/shared';
import type { Db } from './pool.js';

/** What was said and found of a file, besides what the API shows. */
export interface FileKept {
  /** The header record as it is in the file; null for a job from before, or one whose file nobody has looked at. */
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

/** Jobs of a chain that are counted: a person makes some, a script that goes wild makes no answer slow. */
const MOST_JOBS = 1_000;

/**
 * The jobs whose files had the rejected records of a job, and those of theirs; with what of its records became of them. Without
 * those that have nothing in the table (loadsNothing).
 * Undefined where there are none. Those that were deleted count too: their rows are loaded.
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
