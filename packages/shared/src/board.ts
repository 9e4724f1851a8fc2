/** The stream of all jobs (GET /api/jobs/stream): three kinds of server-sent events, by their `event` field. */
import { z } from 'zod';
import { jobSummarySchema } from './job.js';
import { progressSchema } from './progress.js';

/** How many jobs the stream tells of: the newest ones. */
export const BOARD_JOBS = 200;

export const boardEventSchema = z.discriminatedUnion('type', [
  /** One for each recent job at first; later whenever a job is new or has changed in more than its progress. */
  z.object({ type: z.literal('job'), job: jobSummarySchema }),
  progressSchema.extend({ type: z.literal('progress') }),
  /** The job was deleted, or newer ones have taken its place. */
  z.object({ type: z.literal('gone'), jobId: z.uuid() }),
]);
export type BoardEvent = z.infer<typeof boardEventSchema>;
