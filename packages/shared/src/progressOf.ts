/** A job's event in the stream, from the job. */
import type { JobSummary } from './job.js';
import { CUSTOMERS } from './paths.js';
import type { Progress } from './progress.js';
import { tableOfJob } from './tableOfJob.js';

/** The part of a job that the stream sends. */
export function progressOf(job: JobSummary): Progress {
  const { id: jobId, processedRows, totalRows, successCount, failedCount, status, counts, reading } = job;
  const table = tableOfJob(job);
  return {
    ...{ jobId, processedRows, totalRows, successCount, failedCount, status },
    ...(table !== CUSTOMERS && { table }),
    ...(counts && { counts }),
    ...(reading && { reading }),
  };
}
