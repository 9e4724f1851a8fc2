/**
 * Whether a report that has come to its end has all of its rows. That its answer ended well does not say so: the rows of
 * a job that is deleted meanwhile go, and of 1,000,000 there came 93,000, as valid JSON.
 */
import type { Job } from '@csvjobs/shared';
import { EXIT } from '../exitCodes.js';
import { count, plural } from '../text/text.js';
import { UserError } from '../userError.js';

/**
 * @param rows how many came
 * @param failedCount of the job before the report was asked for: there may be more by now (it runs, or was retried), never
 *   fewer
 * @param look the job as it is now
 * @throws UserError `report_incomplete` (exit 1)
 */
export async function mustHaveAll(
  rows: number,
  { failedCount }: Pick<Job, 'failedCount'>,
  look: () => Promise<Job>,
): Promise<void> {
  if (rows >= failedCount) return;
  const now = await look().catch((error: unknown) => error);
  const deleted = now instanceof UserError && now.code === 'job_not_found';
  throw new UserError({
    code: 'report_incomplete',
    exitCode: EXIT.unexpected,
    what: `The report is incomplete: ${count(rows)} of ${plural(failedCount, 'row')}`,
    why: deleted
      ? 'the job was deleted while its report was downloaded'
      : 'the daemon ended the report without an error',
    next: deleted ? 'csvjobs list' : 'run the command again; if it happens again, see csvjobs daemon logs',
    cause: now,
  });
}
