/** The event of the SSE stream: exactly the six fields of the reference, in its order. */
import { z } from 'zod';
import { type JobSummary, jobStatusSchema } from './job.js';

export const progressSchema = z.object({
  jobId: z.uuid(),
  processedRows: z.int().nonnegative(),
  totalRows: z.int().nonnegative(),
  successCount: z.int().nonnegative(),
  failedCount: z.int().nonnegative(),
  status: jobStatusSchema,
});
export type Progress = z.infer<typeof progressSchema>;

/** The part of a job that the stream tells. */
export function progressOf(job: JobSummary): Progress {
  const { id: jobId, processedRows, totalRows, successCount, failedCount, status } = job;
  return { jobId, processedRows, totalRows, successCount, failedCount, status };
}
