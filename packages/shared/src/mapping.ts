/** The answer of `csvjobsd map` for a file and a table: which field fills which column in a load. */
import { z } from 'zod';
import { sourceSchema } from './job.js';

/** Number of records that samples are taken from, and maximum number of distinct values shown for a field. */
export const SAMPLED_RECORDS = 1_000;
export const MOST_SAMPLES = 5;

/**
 * How a column was matched to its source: by its name in the header, an alias in the spec, a common name, or the spec.
 */
export const COLUMN_MATCHES = ['exact', 'folded', 'alias', 'known', 'spec'] as const;

const position = z.int().nonnegative();

export const columnSourceSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('field'), position }),
  z.object({
    kind: z.literal('fields'),
    positions: z.array(position).min(1),
    join: z.enum(['first', 'blank']).describe('the first that has a value, or all with a blank between'),
    groups: z
      .array(z.array(position).min(1))
      .min(2)
      .optional()
      .describe('with first, where fields that are joined are one of several sources: all of them in order'),
  }),
  z.object({ kind: z.literal('constant'), text: z.string() }),
]);

export const mappedColumnSchema = z.object({
  column: z.string(),
  from: columnSourceSchema.nullable().describe('null: the table’s own default, or NULL'),
  match: z.enum(COLUMN_MATCHES).nullable(),
  named: z
    .array(position)
    .describe('the fields that a load takes by the header alone, whatever the spec says'),
  default: z.string().nullable().describe('what the spec puts where the source is empty'),
  suggestion: position.nullable().describe('a field that may be meant for a column without a source'),
});
export type MappedColumn = z.infer<typeof mappedColumnSchema>;

export const fileFieldSchema = z.object({
  name: z.string().describe('as it stands in the header, trimmed; may be empty'),
  samples: z
    .array(z.string())
    .describe(`the first ${MOST_SAMPLES} distinct values of the first ${SAMPLED_RECORDS} records, shortened`),
});
export type FileField = z.infer<typeof fileFieldSchema>;

export const mappedSchema = z.object({
  type: z.literal('mapped'),
  source: sourceSchema.pick({ encoding: true, delimiter: true, compression: true }),
  fields: z.array(fileFieldSchema).describe('in the order of the file'),
  columns: z.array(mappedColumnSchema).describe('those that take a value, in the order of the table'),
  faults: z
    .array(z.string())
    .describe('why the file cannot be loaded like this; empty where it would be accepted'),
  missingRights: z
    .string()
    .optional()
    .describe(
      'why a load with this mapping would be refused although it fits, with the statement that grants what is missing',
    ),
  notices: z.array(z.string()),
});

export const mappingAnswerSchema = z.discriminatedUnion('type', [
  mappedSchema,
  z.object({ type: z.literal('refused'), code: z.string(), message: z.string() }),
]);
export type MappingAnswer = z.infer<typeof mappingAnswerSchema>;
