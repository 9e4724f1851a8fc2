/** Output of `csvjobsd check`, one JSON document per line: the rules of a load without a database. */
import { z } from 'zod';
import { sourceSchema } from './job.js';
import { rejectionSchema } from './rejection.js';

/**
 * Events in order: `read`, a `rejected` for each rejected record in file order, `checked`. If the file as a whole
 * cannot be loaded: `refused` (the daemon would refuse the upload) or `failed` (the daemon would accept it, and its job
 * would fail).
 */
export const checkEventSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('read'),
    totalRows: z.int().nonnegative(),
    source: sourceSchema,
    notices: z.array(z.string()),
  }),
  rejectionSchema.extend({ type: z.literal('rejected') }),
  z.object({
    type: z.literal('checked'),
    totalRows: z.int().nonnegative(),
    successCount: z.int().nonnegative(),
    failedCount: z.int().nonnegative(),
    notices: z
      .array(z.string())
      .optional()
      .describe('assumptions about values, with the number of rows; missing if there were none'),
    notJudged: z.array(z.string()).describe('what only the database can judge'),
  }),
  z.object({
    type: z.enum(['refused', 'failed']),
    code: z.string(),
    message: z.string(),
    options: z
      .array(z.string())
      .optional()
      .describe('options for the command line with which the file loads'),
  }),
]);
export type CheckEvent = z.infer<typeof checkEventSchema>;
