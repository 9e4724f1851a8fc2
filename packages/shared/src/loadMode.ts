/** How a job's rows go into their table, if not by default: as new rows, each batch as soon as it is ready. */
import { z } from 'zod';
import { ON_CONFLICT } from './modes.js';

export const loadModeSchema = z.object({
  onConflict: z
    .enum(ON_CONFLICT)
    .optional()
    .describe('a row whose key is in the table is rejected (the default), skipped, or updated'),
  key: z.array(z.string()).min(1).optional().describe('the columns by which rows of the table are found'),
  updateOnly: z.literal(true).optional().describe('rows whose key is not in the table are rejected'),
  atomic: z.literal(true).optional().describe('all rows become visible at the end, in one transaction'),
  dryRun: z.literal(true).optional().describe('the same load, but rolled back'),
  replace: z
    .literal(true)
    .optional()
    .describe(
      'replace the content of the table with that of the file: other rows are removed, in the same transaction',
    ),
  maxRemoved: z
    .union([z.int().nonnegative(), z.string()])
    .optional()
    .describe(
      'with replace: how many rows of the table may be removed: a number, or a percentage of its rows such as "10%"',
    ),
  hold: z
    .literal(true)
    .optional()
    .describe('the job stops before its commit until someone accepts or discards it; implies atomic'),
  maxErrors: z
    .union([z.int().nonnegative(), z.string()])
    .optional()
    .describe(
      'how many rows may be rejected: a number, or a percentage such as "1%". With more, an atomic job loads nothing; other jobs leave the verdict to their clients',
    ),
});
export type LoadMode = z.infer<typeof loadModeSchema>;

/** The fate of the rows that were not rejected; `successCount` is the sum of the first three. */
export const modeCountsSchema = z.object({
  inserted: z.int().nonnegative(),
  updated: z.int().nonnegative(),
  unchanged: z.int().nonnegative().describe('already in the table as in the file; not written'),
  skipped: z.int().nonnegative().describe('skipped because their key is in the table; neither good nor bad'),
  removed: z
    .int()
    .nonnegative()
    .optional()
    .describe('for a replacement: rows that the table had and the file lacks'),
});
export type ModeCounts = z.infer<typeof modeCountsSchema>;
