/**
 * Checks that a finished report has all of its rows. A clean end of the answer does not prove that: if the job is
 * deleted meanwhile, its rows disappear, and in one case only 93,000 of 1,000,000 arrived, as valid JSON.
 */
import type { Job } from '@csvjobs/shared';
import { EXIT } from '../exitCodes.js';
import { count, plural } from '../text/text.js';
import { UserError } from '../userError.js';

/**
 * @param rows the number of rows that arrived
 * @param failedCount the job's count before the report was requested. There may be more by now (the job runs, or was
 *   retried), never fewer.
 * @param look fetches the current job
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
