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
  escape: token.optional().describe('escape character: the next character is taken literally'),
  doubleQuote: z.boolean().optional().describe('false: two quotes in a quoted field do not mean one'),
  skipInitialSpace: z.boolean().optional().describe('blanks after a delimiter are not part of the value'),
  quotes: z
    .enum(['strict', 'lenient'])
    .optional()
    .describe('lenient: a quote inside a field is text; strict: the record is rejected'),
  comment: token.optional().describe('lines that begin with it are not records'),
  commentRows: rows.optional().describe('lines that are not records; 1 is the first'),
  skipLines: z.int().positive().optional().describe('number of lines at the start that are not records'),
  columns: z.array(z.string()).min(1).optional().describe('the file has no header; its columns are these'),
  headerRows: rows.optional().describe('the lines where the rows of the header start; 1 is the first'),
  headerJoin: z
    .string()
    .optional()
    .describe('text between the names of several header rows; default: a space'),
  footer: z
    .int()
    .nonnegative()
    .optional()
    .describe(
      'number of lines at the end that are not records, not counting blank ones; 0: there is no footer',
    ),
});
export type FileDialect = z.infer<typeof fileDialectSchema>;
