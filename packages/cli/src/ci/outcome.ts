/** How a file or job of this call ended, as the reports for CI tell it. */
import type { Job } from '@csvjobs/shared';
import type { ExitCode } from '../exitCodes.js';
import type { Digest } from '../report/digest.js';
import { fileAndTable } from '../text/fileAndTable.js';
import { fullStatus } from '../text/nothingLoaded.js';
import type { UserError } from '../userError.js';

export interface Outcome {
  /** The local path; undefined when a job was watched whose file is elsewhere. */
  path: string | undefined;
  name: string;
  /** The table that was asked for, where it was; its job knows better. */
  table?: string | undefined;
  /** What was to be done with the file. */
  work: 'loaded' | 'checked';
  /** Undefined when there is no job: it was not uploaded, or only checked. */
  jobId: string | undefined;
  job: Result | undefined;
  /** Undefined when there are no rejects, or they could not be had. */
  digest: Digest | undefined;
  error: UserError | undefined;
  exitCode: ExitCode;
}

/** Of a job; or of a check, which tells what its job would be. */
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
    return `the job is ${fullStatus(job)}${job.failure ? `: ${job.failure.message}` : ''}`;
  return `${job.failedCount} of ${job.processedRows} rows ${work === 'checked' || job.mode?.dryRun || job.status === 'held' ? 'would be' : 'were'} rejected`;
}
