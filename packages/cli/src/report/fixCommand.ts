/** The next command after rows of a job were rejected: the fix loop. */
import type { Job } from '@csvjobs/shared';
import { loadsNothing } from '@csvjobs/shared/rules';

/**
 * Returns undefined if nothing is left to fix, or if nothing was loaded: then the whole file has to be loaded again.
 * @param job a single job, with its chain; the command names the last job that fixed its rows, if any
 */
export function fixCommand(
  job: Pick<Job, 'id' | 'status' | 'mode' | 'completedAt' | 'failedCount' | 'chain'>,
): string | undefined {
  const { id, completedAt, failedCount, chain } = job;
  if (completedAt === null || failedCount === 0 || chain?.left === 0 || loadsNothing(job)) return undefined;
  return `csvjobs fix ${(chain?.jobs.at(-1) ?? id).slice(0, 8)}`;
}
