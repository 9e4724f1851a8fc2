/** A table proposed for a file, as `csvjobsd propose-table` prints it: one JSON document. */
import { z } from 'zod';
import { sourceSchema } from '../job.js';
import { newColumnTypeSchema } from './newTable.js';

/** Why a column is text although most of its values are something else. */
export const oddValueSchema = z.object({
  line: z.int().positive().describe('the physical line of the first such value'),
  value: z.string().describe('the value, truncated to 60 characters'),
  values: z.int().positive().describe('number of such values'),
  others: z.int().positive().describe('number of values of the other type'),
  type: newColumnTypeSchema.describe('the type that the others have'),
});
export type OddValue = z.infer<typeof oddValueSchema>;

export const proposedColumnSchema = z.object({
  name: z.string(),
  header: z.string().describe('its name in the file; empty if it has none'),
  type: newColumnTypeSchema,
  nullable: z.boolean(),
  odd: oddValueSchema.nullable(),
  field: z
    .string()
    .optional()
    .describe('the field of the column for --map, such as #4, if a load does not find it by the header'),
});
export type ProposedColumn = z.infer<typeof proposedColumnSchema>;

export const proposalSchema = z.object({
  table: z.string().describe('as in the statement'),
  columns: z.array(proposedColumnSchema),
  key: z.array(z.string()).describe('the columns of the primary key'),
  ddl: z.string().describe('the statement, with comments'),
  notices: z.array(z.string()).describe('how the file was read, and what you should know about the table'),
  totalRows: z.int().nonnegative(),
  source: sourceSchema,
});
export type Proposal = z.infer<typeof proposalSchema>;

/** `refused`: the file cannot be loaded into any table. `unfit`: it can, but the requested key does not fit it. */
export const proposalAnswerSchema = z.discriminatedUnion('type', [
  proposalSchema.extend({ type: z.literal('proposed') }),
  z.object({ type: z.literal('refused'), code: z.string(), message: z.string() }),
  z.object({ type: z.literal('unfit'), message: z.string() }),
]);
export type ProposalAnswer = z.infer<typeof proposalAnswerSchema>;
