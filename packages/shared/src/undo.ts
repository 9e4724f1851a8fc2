/** The fate of the rows of an undone job. */
import { z } from 'zod';

const rows = z.int().nonnegative();
const exampleSchema = z
  .string()
  .describe('the key of one of them: id = 17; empty if triggers have changed them during the undo');

/** Rows that stay because rows of another table, or another job's rows, reference them. */
export const referenceSchema = z.object({
  constraint: z.string().describe('the foreign key'),
  table: z.string().describe('the table that it is of'),
  rows: rows.describe('rows of the job that it references'),
  example: exampleSchema,
});
export type Reference = z.infer<typeof referenceSchema>;

/** Rows that stay because the table refuses to take them back: a constraint, a trigger, a type. */
export const refusalSchema = z.object({
  sqlstate: z.string().describe('SQLSTATE of the error: 23505'),
  constraint: z.string().nullable().describe('the constraint or unique index, where PostgreSQL names one'),
  message: z.string().describe('what PostgreSQL says of one of them'),
  rows: rows.describe('rows that are refused for this reason'),
  example: exampleSchema,
});
export type Refusal = z.infer<typeof refusalSchema>;

/** Restored rows that differ from what they were, because triggers of the table have changed them on the way. */
export const alteredSchema = z.object({
  rows: rows.describe('how many of the restored rows'),
  columns: z.array(z.string()).describe('the columns in which some of them differ'),
});
export type Altered = z.infer<typeof alteredSchema>;

/**
 * Every row that the job inserted is removed, referenced, refused, kept, changed or missing; every row that it updated or
 * removed is restored or one of these.
 */
export const undoCountsSchema = z.object({
  removed: rows.describe('rows that the job had inserted and that are gone now'),
  restored: rows.describe('rows that the job had updated or removed and that are again as they were'),
  altered: alteredSchema
    .optional()
    .describe('restored rows that are not exactly as they were: triggers of the table have changed them'),
  referenced: rows.describe('rows that stay because others reference them'),
  references: z.array(referenceSchema).describe('by which foreign keys'),
  refused: rows.describe('rows that stay because the table refuses to take them back'),
  refusals: z.array(refusalSchema).describe('for which reasons'),
  kept: rows.describe('rows that stay because a trigger, a rule or row security of the table has kept them'),
  changed: rows.describe(
    'rows that stay because they were changed since; and rows that the job had removed, where another row has their key now',
  ),
  missing: rows.describe(
    'rows that are not found as they were loaded: deleted since; or changed, where the table does not say which job a row is from',
  ),
  unseenBy: z
    .string()
    .optional()
    .describe(
      'the database role, where row security may hide rows of the table from it: the missing rows may be such rows',
    ),
});
export type UndoCounts = z.infer<typeof undoCountsSchema>;

/** Rows that stay because another job changed them since. */
export const changedBySchema = z.object({
  jobId: z.uuid().describe('the job, which can be undone first'),
  rows: rows.describe('rows of which it has the latest change'),
});
export type ChangedBy = z.infer<typeof changedBySchema>;

/** The undo of a job: removed and restored count all its undos, the other fields the last one. */
export const undoneSchema = undoCountsSchema.extend({
  at: z.iso.datetime(),
  by: z.string().describe('the name of the token, or local'),
});
export type Undone = z.infer<typeof undoneSchema>;

/** POST /api/jobs/{id}/undo. */
export const undoResultSchema = undoCountsSchema.extend({
  jobId: z.uuid(),
  dryRun: z.boolean().describe('true: all of this was done and rolled back'),
  inserted: rows.describe('rows that the job had inserted, without those that an earlier undo has removed'),
  updated: rows.describe(
    'rows that the job had updated or removed, each counted once, without those that an earlier undo has restored',
  ),
  changedBy: z
    .array(changedBySchema)
    .optional()
    .describe(
      'jobs that have changed rows of it since, the latest first: undo them before it; missing where there are none',
    ),
  children: z
    .array(z.uuid())
    .describe('jobs with fixed records of this one that have loaded rows: they are not undone with it'),
});
export type UndoResult = z.infer<typeof undoResultSchema>;
