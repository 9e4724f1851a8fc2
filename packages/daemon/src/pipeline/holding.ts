/**
 * The end of a run with `--hold`: the job is held, and its transaction goes to a keeper who waits for the answer, so the
 * worker is free for other jobs (docs/decisions/0041-held-jobs.md).
 */
import type { ChangedRow, Job } from '@csvjobs/shared';
import { failpoint } from '../failpoint.js';
import { firstRows, tableEnd } from '../sql/firstRows.js';
import { holdJobFor } from '../sql/heldJobs.js';
import type { HeldRows } from '../sql/heldRows.js';
import { findJob } from '../sql/jobs.js';
import { isLocked, withinPatience } from '../sql/patience.js';
import type { Pool } from '../sql/pool.js';
import { attempt } from '../sql/target/attempt.js';
import type { Store } from '../storage/store.js';
import { forgetNotes } from './completing.js';
import type { OpenLane } from './loading.js';
import type { Warn } from './reading.js';

/** Keeps the transactions of held jobs. */
export interface Keeper {
  /** How long a job stays held without an answer, in ms. */
  timeoutMs: number;
  /** Takes over the rows of a held job: from now on, their connection belongs to the keeper. */
  keep(job: Job, rows: HeldRows): void;
}

interface Holding {
  pool: Pool;
  storage: Pick<Store, 'forgetEmails'>;
  keeper: Keeper;
  /** The only lane. Once the job is held, it belongs to the keeper and is no longer here. */
  lanes: OpenLane[];
  warn: Warn;
}

/** Returns where the job's table ends before its first row; 0 if others have locked the table, which makes the search longer. */
export function beforeFirstRow(pool: Pool, jobId: string): Promise<number> {
  return withinPatience(pool, (db) => tableEnd(db, jobId)).catch((error) => {
    if (isLocked(error)) return 0;
    throw error;
  });
}

/**
 * Holds a job that has loaded all its rows.
 * @param end the result of `beforeFirstRow`
 * @returns null if the job does not belong to this attempt, or a record is unaccounted for
 */
export async function holdForAnswer(
  { id, attempt: nth }: Job,
  end: number,
  { pool, storage, keeper, lanes, warn }: Holding,
): Promise<Job | null> {
  const rows = await lanes[0]!.whole!.hold();
  await forgetNotes(id, storage, warn);
  const shown = await rowsToShow(id, end, { pool, rows, warn });
  await failpoint('before-hold');
  const held = await holdJobFor(pool, id, nth, { rows: shown, timeoutMs: keeper.timeoutMs });
  if (!held) return null;
  lanes.splice(0);
  keeper.keep(held, rows);
  await failpoint('after-hold');
  return held;
}

/** Returns the first rows; none if the role may not read the table. */
async function rowsToShow(
  jobId: string,
  end: number,
  { pool, rows, warn }: { pool: Pool; rows: HeldRows; warn: Warn },
): Promise<ChangedRow[]> {
  const job = await findJob(pool, jobId);
  if (!job) return [];
  const { successCount, counts } = job;
  const inserted = successCount - (counts?.updated ?? 0) - (counts?.unchanged ?? 0);
  let refused: unknown;
  const found = await attempt(rows.client, () =>
    firstRows(rows.client, pool, { jobId, inserted, end }).catch((error) => {
      refused = error;
      throw error;
    }),
  );
  if (!found) warn('cannot read the first rows of a held job; it is shown without them', refused as Error);
  return found ?? [];
}
