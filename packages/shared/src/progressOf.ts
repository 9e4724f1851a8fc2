/** A job's event in the stream, from the job. */
import type { JobSummary } from './job.js';
import { CUSTOMERS } from './paths.js';
import type { Progress } from './progress.js';
import { tableOfJob } from './tableOfJob.js';

/** What the stream sends of a job. */
type Shown =
  | 'id'
  | 'table'
  | 'processedRows'
  | 'totalRows'
  | 'successCount'
  | 'failedCount'
  | 'status'
  | 'counts'
  | 'reading';

/** The part of a job that the stream sends. */
export function progressOf(job: Pick<JobSummary, Shown>): Progress {
  const { id: jobId, processedRows, totalRows, successCount, failedCount, status, counts, reading } = job;
  const table = tableOfJob(job);
  return {
    ...{ jobId, processedRows, totalRows, successCount, failedCount, status },
    ...(table !== CUSTOMERS && { table }),
    ...(counts && { counts }),
    ...(reading && { reading }),
  };
}
