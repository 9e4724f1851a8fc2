/** What was detected about a file, as `csvjobsd sniff` prints it: one JSON document. */
import { z } from 'zod';
import { sourceSchema } from './job.js';
import { newColumnTypeSchema } from './target/newTable.js';

export const sniffedSchema = z.object({
  source: sourceSchema,
  evidence: z.string().describe('how the encoding was detected'),
  quoted: z.boolean().describe('some fields are quoted'),
  totalRows: z.int().nonnegative(),
  footerRows: z
    .int()
    .nonnegative()
    .describe('number of lines after the records that were skipped, not counting blank ones'),
  columns: z.array(
    z.object({
      header: z.string().describe('its name in the file; empty if it has none'),
      type: newColumnTypeSchema.describe('the type that fits all of its values'),
    }),
  ),
  firstRows: z
    .array(z.array(z.string()))
    .describe('the first records; values are truncated to 200 characters'),
  notices: z.array(z.string()).describe('what else you should know about the file'),
});
export type Sniffed = z.infer<typeof sniffedSchema>;

/** `refused`: the file cannot be read as CSV, at least not without an option. */
export const sniffAnswerSchema = z.discriminatedUnion('type', [
  sniffedSchema.extend({ type: z.literal('sniffed') }),
  z.object({ type: z.literal('refused'), code: z.string(), message: z.string() }),
]);
export type SniffAnswer = z.infer<typeof sniffAnswerSchema>;
