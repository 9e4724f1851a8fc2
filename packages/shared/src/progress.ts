/**
 * The event of the SSE stream: exactly the six fields of the reference, in its order, followed by those that the
 * reference has no jobs for: another table, and other outcomes of a row.
 */
import { z } from 'zod';
import { fileReadingSchema } from './fileReading.js';
import { jobStatusSchema } from './job.js';
import { modeCountsSchema } from './loadMode.js';

export const progressSchema = z.object({
  jobId: z.uuid(),
  processedRows: z.int().nonnegative(),
  totalRows: z.int().nonnegative(),
  successCount: z.int().nonnegative(),
  failedCount: z.int().nonnegative(),
  status: jobStatusSchema,
  table: z.string().optional().describe('for a job that loads into a table other than customers'),
  counts: modeCountsSchema.optional().describe('for a job whose rows may be updated or skipped'),
  reading: fileReadingSchema.optional().describe('for a pending job whose file is being read'),
});
export type Progress = z.infer<typeof progressSchema>;
