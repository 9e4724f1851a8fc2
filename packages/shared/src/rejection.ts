/** A rejected record: its place in the file, what is wrong with it, and its original values. */
import { z } from 'zod';
import { CUSTOMER_COLUMNS } from './customer.js';
import { recordOf } from './recordOf.js';
import { TARGET_REASON_CODES, type TargetReasonCode } from './target/reasons.js';

/** Faults that a record can have before its values are checked. */
export const UNREADABLE_CODES = [
  'stray_quote',
  'unclosed_quote',
  'record_too_long',
  'nul_character',
  'invalid_encoding',
  'wrong_number_of_fields',
  'may_be_footer',
] as const;

const RECORD_CODES = ['already_in_customers', ...UNREADABLE_CODES] as const;
export type RejectionCode = (typeof RECORD_CODES)[number] | TargetReasonCode;

/** Why a record was rejected; if it has several faults, the code of the first. */
export const REJECTION_CODES: readonly RejectionCode[] = [...RECORD_CODES, ...TARGET_REASON_CODES];
export const rejectionCodeSchema = z.enum(REJECTION_CODES);

/**
 * The values of a rejected record by column, as in the file. A record that could not be split into fields has its text
 * in `raw` instead.
 */
export const rejectedRowSchema = recordOf(z.string());
export type RejectedRow = z.infer<typeof rejectedRowSchema>;

/** As the reference stores it on a job: `{ rowNumber, message, row }`. */
export const rejectionPreviewSchema = z.object({
  rowNumber: z.int().positive().describe('1 is the first record after the header'),
  message: z.string(),
  row: rejectedRowSchema,
});
export type RejectionPreview = z.infer<typeof rejectionPreviewSchema>;

/** One of the reasons why a table other than customers refuses a record; built by shownReason. */
export const shownReasonSchema = z.object({
  column: z.string().nullable().describe('the first column that caused the error, if any'),
  code: z.enum(TARGET_REASON_CODES),
  message: z.string(),
  heading: z.string().describe('the message without its value, as counted in the reasons of a job'),
  advice: z.string().optional().describe('what to do about it, in one sentence; missing from older daemons'),
  value: z.string().optional().describe('the value that caused the error'),
  constraint: z.string().optional().describe('the constraint that the record violates'),
  sqlstate: z.string().optional().describe("PostgreSQL's code, if it refused the record"),
});

export const rejectionSchema = rejectionPreviewSchema.extend({
  line: z.int().positive().describe('the physical line where the record starts; 1 is the first'),
  column: z.string().nullable().describe('the column of the first error, if any'),
  code: rejectionCodeSchema,
  reasons: z
    .array(shownReasonSchema)
    .optional()
    .describe('everything that is wrong with the record; missing for customers and for unreadable records'),
});
export type Rejection = z.infer<typeof rejectionSchema>;

/** The number of rejected rows that have a reason in common; see reason.ts. */
export const reasonCountSchema = z.object({
  message: z.string().describe('the message of these rows, without line and row numbers'),
  rows: z.int().positive(),
  advice: z
    .string()
    .optional()
    .describe(
      'what to do about it, in one sentence, for the first of these rows; only if it is among the first 100 rejected rows',
    ),
});
export type ReasonCount = z.infer<typeof reasonCountSchema>;

/** The columns of errors.csv, in the order of the reference. */
export const REPORT_COLUMNS = ['rowNumber', ...CUSTOMER_COLUMNS, 'error'] as const;
