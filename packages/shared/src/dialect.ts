/** How a file's text becomes records and fields, as far as it differs from RFC 4180. */
import { z } from 'zod';

const token = z
  .string()
  .min(1)
  .refine((text) => !/[\r\n\0]/.test(text), 'must not have a line end or NUL in it');
const rows = z.array(z.int().positive()).min(1);

/** Plain data, stored with the job. Anything missing follows RFC 4180 or is detected in the file. */
export const fileDialectSchema = z.object({
  quote: token.nullable().optional().describe('the quote character; null: no field is quoted'),
  escape: token.optional().describe('the next character has no meaning'),
  doubleQuote: z.boolean().optional().describe('false: two quotes in a quoted field are not one'),
  skipInitialSpace: z.boolean().optional().describe('blanks behind a delimiter are no text'),
  quotes: z
    .enum(['strict', 'lenient'])
    .optional()
    .describe('lenient: a quote inside a field is text; strict: the record is rejected'),
  comment: token.optional().describe('lines that begin with it are no records'),
  commentRows: rows.optional().describe('lines that are no records; 1 is the first'),
  skipLines: z.int().positive().optional().describe('lines at the start that are no records'),
  columns: z.array(z.string()).min(1).optional().describe('the file has no header; its columns are these'),
  headerRows: rows.optional().describe('the lines on which the rows of the header start; 1 is the first'),
  headerJoin: z.string().optional().describe('between the names of several header rows; a space by default'),
  footer: z
    .int()
    .nonnegative()
    .optional()
    .describe('lines at the end that are no records, blank ones not counted; 0: none is looked for'),
});
export type FileDialect = z.infer<typeof fileDialectSchema>;
