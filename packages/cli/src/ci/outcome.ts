/** How a file or job of this call ended, for the CI reports. */
import type { Job } from '@csvjobs/shared';
import type { ExitCode } from '../exitCodes.js';
import type { Digest } from '../report/digest.js';
import { fileAndTable } from '../text/fileAndTable.js';
import { fullStatus } from '../text/nothingLoaded.js';
import type { UserError } from '../userError.js';

export interface Outcome {
  /** The local path; undefined for a watched job whose file is elsewhere. */
  path: string | undefined;
  name: string;
  /** The requested table, if any; the job's own table takes precedence. */
  table?: string | undefined;
  /** The work requested for the file. */
  work: 'loaded' | 'checked';
  /** Undefined when there is no job: it was not uploaded, or only checked. */
  jobId: string | undefined;
  job: Result | undefined;
  /** Undefined if there are no rejects, or they could not be fetched. */
  digest: Digest | undefined;
  error: UserError | undefined;
  exitCode: ExitCode;
}

/** The result of a job, or of a check, which predicts that of its job. */
export type Result = Pick<
  Job,
  | 'table'
  | 'status'
  | 'processedRows'
  | 'successCount'
  | 'counts'
  | 'failedCount'
  | 'failure'
  | 'startedAt'
  | 'completedAt'
  | 'source'
  | 'notices'
  | 'mode'
>;

/** The file with its table, as the reports name it: `orders.csv → sales.orders`. */
export function nameOf({ name, table, job }: Outcome): string {
  return fileAndTable(name, job?.table ?? table);
}

/** Why an outcome is not a success; undefined when it is one. */
export function reasonOf({ job, error, exitCode, work }: Outcome): string | undefined {
  if (exitCode === 0) return undefined;
  if (error) return error.why === undefined ? error.message : `${error.message}: ${error.why}`;
  if (!job) return work === 'checked' ? 'it was not checked' : 'it was not uploaded';
  if (job.status !== 'completed' && job.status !== 'held')
    return `job ${fullStatus(job)}${job.failure ? `: ${job.failure.message}` : ''}`;
  const notYet = work === 'checked' || job.mode?.dryRun || job.status === 'held';
  const were = notYet ? 'would be' : job.failedCount === 1 ? 'was' : 'were';
  return `${job.failedCount} of ${job.processedRows} ${job.processedRows === 1 ? 'row' : 'rows'} ${were} rejected`;
}
