/** The stream of all jobs (GET /api/jobs/stream): three kinds of server-sent events, by their `event` field. */
import { z } from 'zod';
import { jobSummarySchema } from './job.js';
import { progressSchema } from './progress.js';

/** Number of jobs in the stream: the newest ones. */
export const BOARD_JOBS = 200;

export const boardEventSchema = z.discriminatedUnion('type', [
  /** Sent for each recent job at first, and later whenever a job is new or changes in more than its progress. */
  z.object({ type: z.literal('job'), job: jobSummarySchema }),
  progressSchema.extend({ type: z.literal('progress') }),
  /** The job was deleted, or newer jobs have pushed it out of the stream. */
  z.object({ type: z.literal('gone'), jobId: z.uuid() }),
]);
export type BoardEvent = z.infer<typeof boardEventSchema>;
