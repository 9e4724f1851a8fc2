/** What follows from the mode of a load. */
import type { Job } from './job.js';
import { leftByUndo } from './leftByUndo.js';
import type { LoadMode } from './loadMode.js';

/** How many of its rows a table may lose when it is replaced, by default. */
export const MAX_REMOVED = '10%';

/** Whether all rows of a job load in one transaction, so that an attempt that stops early leaves nothing behind. */
export function isWhole({ atomic, dryRun }: LoadMode): boolean {
  return atomic === true || dryRun === true;
}

/**
 * Whether none of a job's rows are in its table, no matter how many it counted as good: it is a dry run, or an atomic
 * job that is not completed.
 */
export function loadsNothing({
  mode = {},
  status,
}: {
  mode?: LoadMode | undefined;
  status: string;
}): boolean {
  return mode.dryRun === true || (mode.atomic === true && status !== 'completed');
}

/** Whether rows that a job has inserted or updated are in its table. */
export function hasLoaded(job: Pick<Job, 'status' | 'mode' | 'successCount' | 'counts' | 'undone'>): boolean {
  if (job.status === 'undone') return job.undone !== undefined && leftByUndo(job.undone) > 0;
  return !loadsNothing(job) && job.successCount > (job.counts?.unchanged ?? 0);
}

/** Whether a job may update, leave unchanged, skip or remove rows, so that it counts them. */
export function hasModeCounts({ onConflict = 'reject', replace }: LoadMode): boolean {
  return onConflict !== 'reject' || replace === true;
}
