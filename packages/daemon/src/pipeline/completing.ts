/** Completes a job whose records are all accounted for. */
import type { Job } from '@csvjobs/shared';
import { failpoint } from '../failpoint.js';
import { noteDifference } from '../sql/dryRuns.js';
import { completeJob } from '../sql/jobProgress.js';
import type { WholeEnd } from '../sql/lanes.js';
import type { Pool } from '../sql/pool.js';
import type { Store } from '../storage/store.js';
import type { OpenLane } from './loading.js';
import type { Warn } from './reading.js';

interface Ending {
  pool: Pool;
  storage: Pick<Store, 'forgetEmails'>;
  /** The job's lanes, which get closed. */
  lanes: OpenLane[];
  warn: Warn;
}

/** Completes a job. Returns null if the job is not this attempt's, or if a record is unaccounted for. */
export async function complete(job: Job, { pool, storage, lanes, warn }: Ending): Promise<Job | null> {
  const { id, attempt, mode = {} } = job;
  const { whole } = lanes[0]!;
  if (mode.dryRun) await whole?.rollBack();
  const commits = mode.dryRun ? undefined : whole;
  const close = () => Promise.all(lanes.splice(0).map((lane) => lane.close()));
  // First, because if connections are scarce, the next steps need one of the lanes'.
  if (!commits) await close();
  await forgetNotes(id, storage, warn);
  if (job.dryRunId) await noteDifference(pool, id, attempt);
  if (!commits) return completeJob(pool, id, attempt);
  const completed = await commitRows(commits);
  await close();
  return completed;
}

/** Deletes a job's logs about its records, before its end is written: after a crash in between, no one else would. */
export async function forgetNotes(
  jobId: string,
  storage: Pick<Store, 'forgetEmails'>,
  warn: Warn,
): Promise<void> {
  await storage
    .forgetEmails(jobId)
    .catch((error) => warn('cannot remove the e-mail log of a job; it will be removed with the file', error));
}

async function commitRows(rows: WholeEnd): Promise<Job | null> {
  await failpoint('before-whole-commit');
  const completed = await rows.complete();
  await failpoint('after-whole-commit');
  return completed;
}
