/** What was detected about a file, as `csvjobsd sniff` prints it: one JSON document. */
import { z } from 'zod';
import { sourceSchema } from './job.js';
import { newColumnTypeSchema } from './target/newTable.js';

export const sniffedSchema = z.object({
  source: sourceSchema,
  evidence: z.string().describe('what shows the encoding'),
  quoted: z.boolean().describe('some fields are quoted'),
  totalRows: z.int().nonnegative(),
  footerRows: z
    .int()
    .nonnegative()
    .describe('lines behind the records that were left out, blank ones not counted'),
  columns: z.array(
    z.object({
      header: z.string().describe('its name in the file; empty where it has none'),
      type: newColumnTypeSchema.describe('what all of its values are'),
    }),
  ),
  firstRows: z.array(z.array(z.string())).describe('the first records; values are cut after 200 characters'),
  notices: z.array(z.string()).describe('what else the reader of the file should know'),
});
export type Sniffed = z.infer<typeof sniffedSchema>;

/** `refused`: the file cannot be read as CSV, at least not without an option. */
export const sniffAnswerSchema = z.discriminatedUnion('type', [
  sniffedSchema.extend({ type: z.literal('sniffed') }),
  z.object({ type: z.literal('refused'), code: z.string(), message: z.string() }),
]);
export type SniffAnswer = z.infer<typeof sniffAnswerSchema>;
