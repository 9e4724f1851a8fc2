/** POST /api/preview: the first records of a file as they would be stored, from a load of them that was rolled back. */
import { z } from 'zod';
import { FIRST_ROWS, shownRowSchema } from './held.js';
import { recordOf } from './recordOf.js';
import { rejectionCodeSchema, shownReasonSchema } from './rejection.js';

export const RECORD_FATES = ['inserted', 'updated', 'unchanged', 'skipped', 'rejected'] as const;
export type RecordFate = (typeof RECORD_FATES)[number];

const values = recordOf(z.string().nullable());

export const previewedRecordSchema = z.object({
  rowNumber: z.int().positive().describe('1 is the first record after the header'),
  line: z.int().positive().describe('the line of the file where it starts'),
  fate: z.enum(RECORD_FATES),
  stored: z
    .boolean()
    .describe('true: `values` is the row in PostgreSQL, as text; false: it is the record as csvjobs read it'),
  values: values.describe('by column; null for NULL'),
  generated: z
    .array(z.string())
    .describe('columns whose values the table generates, such as an identity: null in `values`'),
  before: values.nullable().describe('for an updated record: the row before; otherwise null'),
  error: z
    .object({
      message: z.string().describe('everything that is wrong with it'),
      code: rejectionCodeSchema,
      column: z.string().nullable().describe('the column of the first error, if any'),
      reasons: z.array(shownReasonSchema).optional().describe('missing if there is only the message'),
    })
    .nullable()
    .describe('why it would be rejected; otherwise null'),
});
export type PreviewedRecord = z.infer<typeof previewedRecordSchema>;

const rows = z.int().nonnegative();

export const previewedRemovalSchema = z.object({
  rows: rows.describe('how many rows of the table would be removed'),
  of: rows.describe('how many rows the table has'),
  first: z.array(shownRowSchema).describe(`some of them, ${FIRST_ROWS} at most`),
  whole: z
    .boolean()
    .describe(
      'true: all records of the file were checked; false: the file has no key of the table, so all rows would be removed',
    ),
  refusals: z
    .array(z.object({ code: z.string(), message: z.string() }))
    .describe(
      'what would make the load fail without a change: gate_not_met, max_removed_exceeded, rows_referenced, rows_not_removed; only if `whole`',
    ),
});
/** Which rows of its table a replacement would remove, and what would prevent that. */
export type PreviewedRemoval = z.infer<typeof previewedRemovalSchema>;

export const previewSchema = z.object({
  table: z.string(),
  columns: z
    .array(z.object({ name: z.string(), type: z.string().describe('as PostgreSQL writes it') }))
    .describe('columns of the table, in its order, that this database role may read'),
  records: z.array(previewedRecordSchema),
  counts: z.object({ inserted: rows, updated: rows, unchanged: rows, skipped: rows, rejected: rows }),
  removed: previewedRemovalSchema
    .optional()
    .describe(
      'for a replacement; missing for others, and if the rows to remove are unknown, as a notice then says',
    ),
  more: z.boolean().describe('the file has more records than these'),
  beginning: z
    .boolean()
    .describe('only the beginning of the file was read: encoding, delimiter and layout depend on it alone'),
  source: z.object({ encoding: z.string(), delimiter: z.string(), compression: z.string() }),
  notices: z.array(z.string()).describe('what you should know about the file'),
});
export type Preview = z.infer<typeof previewSchema>;
