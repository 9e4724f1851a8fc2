/** A job's event in the stream, from the job. */
import type { JobSummary } from './job.js';
import type { Progress } from './progress.js';

/** The part of a job that the stream sends. */
export function progressOf(job: JobSummary): Progress {
  const { id: jobId, processedRows, totalRows, successCount, failedCount, status, counts, reading } = job;
  return {
    ...{ jobId, processedRows, totalRows, successCount, failedCount, status },
    ...(counts && { counts }),
    ...(reading && { reading }),
  };
}
