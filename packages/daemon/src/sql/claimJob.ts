/** A worker claims a job: a new attempt, which fences all earlier ones. */
import { type FileDialect, isWhole, type Job, type Spec, type Target } from '@csvjobs/shared';
import type { Checkpoint } from '../pipeline/checkpoint.js';
import { JOB_COLUMNS, type JobRow, SINCE_PHASE, toJob, WHOLE } from './jobRow.js';
import { intoAsKept, type JobInto } from './jobTarget.js';
import type { Db } from './pool.js';
import { WORKER_LEVEL } from './workerLevel.js';

/** A claimed job: what the API shows of it, and where to continue. */
export interface ClaimedJob {
  job: Job;
  checkpoint: Checkpoint;
  /** What the person who uploaded the file specified about it. */
  overrides: {
    encoding?: string;
    delimiter?: string;
    dialect?: FileDialect;
    leaveOut?: string[];
    strict?: boolean;
  };
  /** The table that it loads into, as its upload found it, and how to read values. */
  into: JobInto;
}

/** Initial values of everything that is counted for a job. */
const NOTHING_DONE: Readonly<Record<string, string>> = {
  processed_rows: '0',
  success_count: '0',
  failed_count: '0',
  updated_count: '0',
  unchanged_count: '0',
  skipped_count: '0',
  removed_count: '0',
  removed_rows: 'null',
  byte_offset: '0',
  line: '1',
  errors: `'[]'`,
  reasons: `'{}'`,
  assumed: `'{}'`,
  held_until: 'null',
  held_rows: 'null',
  held_answer: 'null',
  held_answer_at: 'null',
  held_answer_by: 'null',
};

/**
 * Claims a job that has work to do: from now on only this attempt can write. Returns null if it has none (any more).
 * A job whose rows are one transaction has no rows in its table yet, so it starts from scratch.
 * @param small whether the queue of small jobs delivered it; a job that belongs to the other queue is not claimed
 * @param level this worker's level; a job that needs a higher one is not claimed. A trigger compares it too
 * (migration 0078).
 */
export async function claimJob(
  db: Db,
  id: string,
  small?: boolean,
  level = WORKER_LEVEL,
): Promise<ClaimedJob | null> {
  const { rows } = await db.query<
    JobRow & { overrides: ClaimedJob['overrides']; target: Target | null; spec: Spec | null }
  >(
    `update jobs set attempt = attempt + 1, queued_ms = queued_ms + ${SINCE_PHASE}, phase_since = clock_timestamp(),
       claimed_level = $3,
       ${Object.entries(NOTHING_DONE)
         .map(([column, none]) => `${column} = case when ${WHOLE} then ${none} else ${column} end`)
         .join(', ')}
     where id = $1 and status in ('pending', 'processing') and small = coalesce($2, small)
       and worker_level <= $3
     returning ${JOB_COLUMNS}, target`,
    [id, small ?? null, level],
  );
  const row = rows[0];
  if (!row) return null;
  if (isWhole(row.mode)) await removeRejects(db, id, row.attempt);
  return {
    job: toJob(row),
    checkpoint: { byteOffset: row.byte_offset, line: row.line, rowNumber: row.processed_rows },
    overrides: row.overrides,
    into: intoAsKept(row),
  };
}

/** Removes the rejects that earlier attempts reported. They can add no more: each of their batches is fenced. */
async function removeRejects(db: Db, id: string, attempt: number): Promise<void> {
  await db.query(
    `delete from job_errors where job_id = $1
       and exists (select from jobs where id = $1 and attempt = $2 and status in ('pending', 'processing'))`,
    [id, attempt],
  );
}
