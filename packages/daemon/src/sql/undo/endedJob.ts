/** The job to undo: only one that has ended, has loaded something, and is not undone already. */
import { isFinal, type JobStatus, leftByUndo, type UndoCounts, utcMinute } from '@csvjobs/shared';
import { Failure } from '../../failure.js';
import type { Db } from '../pool.js';
import { nothingLoaded, WRITTEN } from './keptJob.js';
import type { KeptJob } from './target.js';

export interface EndedJob extends KeptJob {
  /** Rows that it has inserted, updated and removed, by its own counts. */
  did: { inserted: number; updated: number; removed: number };
  /** Whether it has replaced the content of its table. */
  replaced: boolean;
  /** Whether it waited for `csvjobs accept`, as a job like it does. */
  held: boolean;
  /** The columns that its spec fills, with `default` or `constant`. */
  filled: string[];
  /** What earlier undos of the job have done. */
  undone: Pick<UndoCounts, 'removed' | 'restored' | 'altered'>;
}

/**
 * Locks the job until the end of the transaction, so that no retry or other undo can start before.
 * @throws {Failure} `job_not_found`, `job_state_conflict`, `nothing_to_undo`
 */
export async function holdEnded(db: Db, id: string): Promise<EndedJob> {
  const { rows } = await db.query<{
    status: JobStatus;
    target_table: string;
    counted: number;
    updated: number;
    removed: number;
    replaced: boolean;
    held: boolean;
    filled: string[];
    undone_at: Date | null;
    undone_by: string | null;
    undone: UndoCounts | null;
    swept: boolean;
  }>(
    `select status, target_table, ${WRITTEN} as counted, updated_count as updated, removed_count as removed,
       coalesce(mode ->> 'replace', '') = 'true' as replaced, coalesce(mode ->> 'hold', '') = 'true' as held,
       array(select distinct jsonb_object_keys(part) from unnest(array[spec #> '{csvjobs,default}', spec #> '{csvjobs,constant}']) part
         where jsonb_typeof(part) = 'object' order by 1) as filled, undone_at, undone_by, undone, undo_swept_at is not null as swept
     from jobs where id = $1 and deleted_at is null for no key update`,
    [id],
  );
  const job = rows[0];
  if (!job) throw new Failure('job_not_found', `there is no job ${id}; GET /api/jobs lists all jobs`);
  const { undone } = job;
  if (job.status === 'undone' && (undone === null || leftByUndo(undone) === 0))
    throw new Failure(
      'job_state_conflict',
      `job ${id} was undone already, by ${job.undone_by} at ${utcMinute(job.undone_at!.toISOString())}; csvjobs show ${id} shows what happened to its rows`,
    );
  if (!isFinal(job.status))
    throw new Failure(
      'job_state_conflict',
      `job ${id} is ${job.status}, and only a job that has ended can be undone; cancel it first: csvjobs cancel ${id}`,
    );
  if (job.counted === 0) throw await nothingLoaded(db, id);
  const { counted, updated, removed, replaced, held, filled, swept } = job;
  return {
    ...{ id, targetTable: job.target_table, counted, replaced, held, filled, swept },
    did: { inserted: counted - updated - removed, updated, removed },
    undone: { removed: undone?.removed ?? 0, restored: undone?.restored ?? 0, altered: undone?.altered },
  };
}
