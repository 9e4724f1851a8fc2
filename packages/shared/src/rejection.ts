/** A rejected record: its place in the file, what is wrong with it, and its original values. */
import { z } from 'zod';
import { CUSTOMER_COLUMNS } from './customer.js';
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
export const rejectedRowSchema = z.record(z.string(), z.string());
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
  column: z.string().nullable().describe('the first column to blame, where there is one'),
  code: z.enum(TARGET_REASON_CODES),
  message: z.string(),
  heading: z.string().describe('the message without its value, as the reasons of a job count it'),
  advice: z.string().optional().describe('what to do about it, in one sentence; older daemons do not say'),
  value: z.string().optional().describe('the value that is to blame'),
  constraint: z.string().optional().describe('the constraint of the table that the record breaks'),
  sqlstate: z.string().optional().describe("PostgreSQL's code, where it has refused the record"),
});

export const rejectionSchema = rejectionPreviewSchema.extend({
  line: z
    .int()
    .positive()
    .describe('the physical line of the file on which the record starts; 1 is the first'),
  column: z.string().nullable().describe('the column of the first fault, where it has one'),
  code: rejectionCodeSchema,
  reasons: z
    .array(shownReasonSchema)
    .optional()
    .describe('all that is wrong with the record; missing for customers and for records that cannot be read'),
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
      'what to do about it, in one sentence: of the first of these rows, where one of the first 100 rejected rows has this reason',
    ),
});
export type ReasonCount = z.infer<typeof reasonCountSchema>;

/** The columns of errors.csv, in the order of the reference. */
export const REPORT_COLUMNS = ['rowNumber', ...CUSTOMER_COLUMNS, 'error'] as const;
