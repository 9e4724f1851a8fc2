/** How a file or job of this call ended, as the reports for CI tell it. */
import type { Job } from '@csvjobs/shared';
import type { Digest } from '../digest.js';
import type { ExitCode } from '../exitCodes.js';
import type { UserError } from '../userError.js';

export interface Outcome {
  /** The local path; undefined when a job was watched whose file is elsewhere. */
  path: string | undefined;
  name: string;
  job: Job | undefined;
  /** Undefined when the job has no rejects, or its report could not be had. */
  digest: Digest | undefined;
  error: UserError | undefined;
  exitCode: ExitCode;
}

/** Why an outcome is not a success; undefined when it is one. */
export function reasonOf({ job, error, exitCode }: Outcome): string | undefined {
  if (exitCode === 0) return undefined;
  if (error) return error.why === undefined ? error.message : `${error.message}: ${error.why}`;
  if (!job) return 'it was not uploaded';
  if (job.status !== 'completed')
    return `the job is ${job.status}${job.failure ? `: ${job.failure.message}` : ''}`;
  return `${job.failedCount} of ${job.processedRows} rows were rejected`;
}
