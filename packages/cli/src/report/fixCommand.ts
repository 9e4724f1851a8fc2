/** The next command after rows of a job were rejected: the fix loop. */
import { type Job, loadsNothing } from '@csvjobs/shared';

/**
 * Returns undefined if nothing is left to fix, or nothing was loaded: then the whole file is loaded again.
 * @param job a single one, with its chain; of those that fixed its rows the last is meant
 */
export function fixCommand(
  job: Pick<Job, 'id' | 'status' | 'mode' | 'completedAt' | 'failedCount' | 'chain'>,
): string | undefined {
  const { id, completedAt, failedCount, chain } = job;
  if (completedAt === null || failedCount === 0 || chain?.left === 0 || loadsNothing(job)) return undefined;
  return `csvjobs fix ${(chain?.jobs.at(-1) ?? id).slice(0, 8)}`;
}
