/** Tables as the API lists and describes them. */
import { z } from 'zod';
import { TABLES_LIMIT } from '../paths.js';
import { parseTablePattern, TablePatternInvalid, writeTablePattern } from './tablePattern.js';
import { RELATION_KINDS, tableNameSchema, targetSchema } from './target.js';

/** The query of GET /api/tables. */
export const tablesQuerySchema = z.object({
  limit: z.coerce
    .number('must be a number')
    .int()
    .min(1)
    .max(TABLES_LIMIT)
    .default(TABLES_LIMIT)
    .describe('tables per page'),
  cursor: z.string().optional().describe('start of the page, from the Link header of the previous one'),
});

const rowEstimate = z
  .number()
  .nonnegative()
  .nullable()
  .describe("number of rows according to PostgreSQL's statistics; null if there are none");

export const tableSummarySchema = tableNameSchema.extend({
  kind: z.enum(RELATION_KINDS),
  rowEstimate,
  key: z
    .array(z.string())
    .nullable()
    .describe('columns of the primary key, or else of the first unique key; null if there is none'),
});
export type TableSummary = z.infer<typeof tableSummarySchema>;

/** A page of tables, by schema and name; the Link header has the address of the next page (rel="next"). */
export const tableListSchema = z.array(tableSummarySchema);

export const tableDescriptionSchema = targetSchema.extend({
  rowEstimate,
  spec: z
    .record(z.string(), z.unknown())
    .describe('a Data Package resource; without changes, it has the same effect as no spec'),
});
export type TableDescription = z.infer<typeof tableDescriptionSchema>;

/** A pattern, in the canonical form that is stored and shown. */
export const tablePatternSchema = z
  .string()
  .max(300)
  .superRefine((text, issues) => {
    try {
      parseTablePattern(text);
    } catch (error) {
      if (!(error instanceof TablePatternInvalid)) throw error;
      issues.addIssue({ code: 'custom', message: error.message });
    }
  })
  .describe('schema.table; * matches any characters; names in double quotes are taken literally');

/** Returns patterns without duplicates, in the canonical form that is stored and shown. */
export function samePatterns(texts: readonly string[]): string[] {
  return [...new Set(texts.map((text) => writeTablePattern(parseTablePattern(text))))];
}
