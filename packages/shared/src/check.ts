/** What `csvjobsd check` tells of a file, a JSON document a line: the rules of a load without a database. */
import { z } from 'zod';
import { sourceSchema } from './job.js';
import { rejectionSchema } from './rejection.js';

/**
 * In this order: `read`, each `rejected` record in the order of the file, `checked`; or, when the file as a whole
 * cannot be loaded, `refused` (an upload of it would be) or `failed` (it would be taken, and its job would fail).
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
      .describe('what was assumed of values, with the number of rows; missing where nothing was'),
    notJudged: z.array(z.string()).describe('what only the database can judge'),
  }),
  z.object({
    type: z.enum(['refused', 'failed']),
    code: z.string(),
    message: z.string(),
    options: z.array(z.string()).optional().describe('words for the command line that load the file'),
  }),
]);
export type CheckEvent = z.infer<typeof checkEventSchema>;
