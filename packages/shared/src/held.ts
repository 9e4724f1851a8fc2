/** A job that stops before the commit of its rows, until a person accepts or discards it. */
import { z } from 'zod';
import { recordOf } from './recordOf.js';

/** Maximum number of rows shown for a held job, and of removed rows shown for a replacement. */
export const FIRST_ROWS = 20;

/** A row as shown: its values as PostgreSQL writes them, shortened if long; null is NULL. */
export const shownRowSchema = recordOf(z.string().nullable());
export type ShownRow = z.infer<typeof shownRowSchema>;

export const changedRowSchema = z.object({
  old: shownRowSchema.nullable().describe('the row as other sessions see it; null if it is new'),
  new: shownRowSchema.describe('the row as it will be'),
});
/** A row that a job inserted or changed: its values as PostgreSQL writes them, shortened if long. */
export type ChangedRow = z.infer<typeof changedRowSchema>;

export const heldSchema = z.object({
  until: z.iso.datetime().describe('when its rows are rolled back if no one answers'),
  rows: z
    .array(changedRowSchema)
    .describe(
      `some of its inserted and updated rows, ${FIRST_ROWS} at most; in a single job; empty if the table does not allow reading them`,
    ),
  answer: z.enum(['accepted', 'discarded']).optional().describe('missing if no one has answered'),
  answeredAt: z.iso.datetime().optional(),
  answeredBy: z.string().optional().describe('the name of the token, or local'),
});
export type Held = z.infer<typeof heldSchema>;
