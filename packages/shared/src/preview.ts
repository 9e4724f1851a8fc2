/** POST /api/preview: the first records of a file as they would be stored, from a load of them that was rolled back. */
import { z } from 'zod';
import { FIRST_ROWS, shownRowSchema } from './held.js';
import { rejectionCodeSchema, shownReasonSchema } from './rejection.js';

export const RECORD_FATES = ['inserted', 'updated', 'unchanged', 'skipped', 'rejected'] as const;
export type RecordFate = (typeof RECORD_FATES)[number];

const values = z.record(z.string(), z.string().nullable());

export const previewedRecordSchema = z.object({
  rowNumber: z.int().positive().describe('1 is the first record after the header'),
  line: z.int().positive().describe('the line of the file on which it starts'),
  fate: z.enum(RECORD_FATES),
  stored: z
    .boolean()
    .describe(
      'true: `values` is the row that PostgreSQL has, as text; false: it is the record as it was read',
    ),
  values: values.describe('by column; null for NULL'),
  generated: z
    .array(z.string())
    .describe('columns whose value the table generates for each row, such as an identity: null in `values`'),
  before: values.nullable().describe('of an updated record: the row as it was; null for all others'),
  error: z
    .object({
      message: z.string().describe('all that is wrong with it'),
      code: rejectionCodeSchema,
      column: z.string().nullable().describe('the column of the first fault, where it has one'),
      reasons: z.array(shownReasonSchema).optional().describe('missing where there is the message alone'),
    })
    .nullable()
    .describe('why it would be rejected; null where it would not'),
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
      'true: all records of the file were looked at; false: only that the file has no key of the table is known, so all rows would go',
    ),
  refusals: z
    .array(z.object({ code: z.string(), message: z.string() }))
    .describe(
      'what would end the load with nothing changed: gate_not_met, max_removed_exceeded, rows_referenced, rows_not_removed; only where `whole`',
    ),
});
/** Which rows of its table a replacement would remove, and what would prevent that. */
export type PreviewedRemoval = z.infer<typeof previewedRemovalSchema>;

export const previewSchema = z.object({
  table: z.string(),
  columns: z
    .array(z.object({ name: z.string(), type: z.string().describe('as PostgreSQL writes it') }))
    .describe('of the table, in its order, as far as this database role may read them'),
  records: z.array(previewedRecordSchema),
  counts: z.object({ inserted: rows, updated: rows, unchanged: rows, skipped: rows, rejected: rows }),
  removed: previewedRemovalSchema
    .optional()
    .describe(
      'of a replacement; missing for all others, and where it is not known which rows would go, which a notice says',
    ),
  more: z.boolean().describe('the file has more records than these'),
  beginning: z
    .boolean()
    .describe(
      'only the beginning of the file was looked at: encoding, delimiter and layout are by that alone',
    ),
  source: z.object({ encoding: z.string(), delimiter: z.string(), compression: z.string() }),
  notices: z.array(z.string()).describe('what the reader of the file should know'),
});
export type Preview = z.infer<typeof previewSchema>;
