/**
 * How to read and load a file: a Frictionless Data Package resource (Data Package v2), of which csvjobs reads `schema`
 * (Table Schema v2) and `dialect` (Table Dialect v2), plus a `csvjobs` block for what those lack. A spec says how to
 * read values and may add rules; it never loosens those of the table.
 */

import { z } from 'zod';
import { readMaxErrors } from '../maxErrors.js';
import { BLANKS, ON_CONFLICT } from '../modes.js';
import { recordOf } from '../recordOf.js';
import { alternativeSchema } from './alternative.js';
import { timeZoneFault } from './timeZone.js';

/** A word that means no value, optionally with the label that Table Schema v2 allows beside it. */
const missingValue = z.union([z.string(), z.object({ value: z.string(), label: z.string().optional() })]);
const labelled = z.union([
  z.string(),
  z.number(),
  z.object({ value: z.union([z.string(), z.number()]), label: z.string() }),
]);
const oneCharacter = z.string().refine((text) => [...text].length === 1, 'must be one character');
const regex = z.string().refine(isRegex, 'is not a regular expression');

export const fieldConstraintsSchema = z.strictObject({
  required: z.boolean().optional(),
  unique: z.boolean().optional(),
  minLength: z.int().nonnegative().optional(),
  maxLength: z.int().nonnegative().optional(),
  minimum: z.union([z.string(), z.number()]).optional(),
  maximum: z.union([z.string(), z.number()]).optional(),
  exclusiveMinimum: z.union([z.string(), z.number()]).optional(),
  exclusiveMaximum: z.union([z.string(), z.number()]).optional(),
  pattern: regex.optional(),
  enum: z
    .array(z.union([z.string(), z.number(), z.boolean()]))
    .min(1)
    .optional(),
});

export const FIELD_TYPES = [
  'string',
  'number',
  'integer',
  'boolean',
  'date',
  'time',
  'datetime',
  'year',
  'yearmonth',
  'duration',
  'list',
  'array',
  'object',
  'any',
] as const;

export const fieldSchema = z.strictObject({
  name: z.string().min(1).describe('the column of the table'),
  type: z.enum(FIELD_TYPES).default('any').describe('any: the type of the column'),
  format: z
    .string()
    .optional()
    .describe(
      'for dates and times: default, any, or a strptime pattern such as %d/%m/%Y; for strings: email',
    ),
  title: z.string().optional(),
  description: z.string().optional(),
  example: z.unknown().optional(),
  constraints: fieldConstraintsSchema.optional(),
  missingValues: z.array(missingValue).optional().describe('words that mean no value in this field'),
  trueValues: z.array(z.string()).min(1).optional(),
  falseValues: z.array(z.string()).min(1).optional(),
  decimalChar: oneCharacter.optional(),
  groupChar: oneCharacter.optional(),
  bareNumber: z
    .boolean()
    .optional()
    .describe('false: currencies and percent signs around a number are ignored'),
  categories: z.array(labelled).min(1).optional(),
  categoriesOrdered: z.boolean().optional(),
  delimiter: oneCharacter.optional().describe('of a list'),
  itemType: z.string().optional().describe('of a list'),
});
export type SpecField = z.infer<typeof fieldSchema>;

const names = z.union([z.string().transform((name) => [name]), z.array(z.string()).min(1)]);

export const tableSchemaSchema = z.strictObject({
  $schema: z.string().optional(),
  name: z.string().optional(),
  title: z.string().optional(),
  description: z.string().optional(),
  fields: z.array(fieldSchema),
  fieldsMatch: z.enum(['exact', 'equal', 'subset', 'superset', 'partial']).default('partial'),
  missingValues: z.array(missingValue).default(['']).describe('words that mean no value in all fields'),
  primaryKey: names.optional(),
  uniqueKeys: z.array(names).optional(),
});

export const dialectSchema = z.strictObject({
  $schema: z.string().optional(),
  name: z.string().optional(),
  title: z.string().optional(),
  description: z.string().optional(),
  delimiter: z.string().min(1).optional(),
  quoteChar: oneCharacter.optional(),
  escapeChar: oneCharacter.optional(),
  doubleQuote: z.boolean().optional(),
  skipInitialSpace: z.boolean().optional(),
  header: z.boolean().optional(),
  headerRows: z.array(z.int().positive()).min(1).optional().describe('1 is the first row'),
  headerJoin: z.string().optional(),
  commentChar: z.string().min(1).optional(),
  commentRows: z.array(z.int().positive()).optional(),
  nullSequence: z.string().optional(),
});

/** A value from another table: the key that the file's natural key refers to. */
export const lookupSchema = z.strictObject({
  table: z.string().min(1),
  value: z.string().min(1).describe('the column of that table whose value is stored'),
  by: recordOf(z.string()).describe('its columns, and the fields of the file that they must equal'),
});

export const csvjobsBlockSchema = z.strictObject({
  into: z.string().min(1).optional().describe('the table: sales.orders'),
  mode: z
    .enum(ON_CONFLICT)
    .optional()
    .describe('a record whose key is in the table is rejected (the default), skipped, or updates the row'),
  key: names
    .optional()
    .describe(
      'the columns of the unique key by which rows are found (default: the only one that the file fills)',
    ),
  updateOnly: z
    .boolean()
    .optional()
    .describe('with mode update: true: records whose key is not in the table are rejected'),
  blanks: z
    .union([z.enum(BLANKS), recordOf(z.enum(BLANKS))])
    .optional()
    .describe(
      'meaning of an empty field, in all columns or by column ("*": all others): keep the value of the row (new row: DEFAULT), NULL, DEFAULT, or reject the record',
    ),
  aliases: recordOf(z.array(z.string())).optional().describe('other header names of a column'),
  combine: recordOf(z.array(z.string()).min(1)).optional().describe('fields joined by a space'),
  firstOf: recordOf(z.array(alternativeSchema).min(1)).optional().describe('the first of these with a value'),
  default: recordOf(z.string())
    .optional()
    .describe('if the field is empty; for a date or a timestamp also `now`, as in constant'),
  constant: recordOf(z.string()).optional(),
  now: z.iso
    .datetime()
    .optional()
    .describe('the time that `now` stands for, in UTC (default: the time of the upload)'),
  ignore: z
    .array(z.string())
    .optional()
    .describe('fields of the file that are not matched to a column by name'),
  lookup: recordOf(lookupSchema).optional(),
  trim: z
    .union([z.boolean(), z.array(z.string())])
    .optional()
    .describe('remove blanks around text: in all columns, or in these'),
  decimalChar: oneCharacter.optional().describe('for all numbers whose field does not define it'),
  groupChar: oneCharacter
    .optional()
    .describe(
      'character between groups of three digits, for all numbers and integers whose field does not define it',
    ),
  dateFormat: z
    .string()
    .optional()
    .describe('format of dates, for all date columns whose field does not define it: %d.%m.%Y'),
  timestampFormat: z.string().optional().describe('format of timestamps, likewise: %d.%m.%Y %H:%M'),
  timeZone: z
    .union([z.string(), recordOf(z.string())])
    .superRefine(checkTimeZones)
    .optional()
    .describe(
      'the zone of times without an offset, for all columns that store a point in time, or by column: Europe/Berlin',
    ),
  missingValues: z.array(z.string()).optional().describe('more words that mean no value in all fields'),
  quotedEmpty: z
    .enum(['missing', 'text'])
    .optional()
    .describe(
      'an empty field in quotes ("") is a missing value, like one without quotes (default), or an empty text, as COPY writes it',
    ),
  columns: z
    .array(z.string())
    .min(1)
    .optional()
    .describe('names of the fields of a file without a header (dialect.header: false)'),
  skipLines: z.int().nonnegative().optional().describe('number of lines at the start that are not records'),
  footer: z
    .int()
    .nonnegative()
    .optional()
    .describe(
      'number of lines at the end that are not records, not counting blank ones; 0: there is no footer',
    ),
  quotes: z
    .enum(['strict', 'lenient', 'none'])
    .optional()
    .describe(
      'a quote inside a field: strict: its record is rejected; lenient: it is text; none: all quotes are text',
    ),
  strict: z.boolean().optional().describe('true: refuse a file that needs any assumption'),
  maxErrors: z
    .union([
      z.int().nonnegative(),
      z.string().refine(isShare, 'a percentage from 0% to 100%, for example "2.5%"'),
    ])
    .optional()
    .describe(
      'how many rows may be rejected: a number, or a percentage. With more, an atomic load loads nothing',
    ),
  atomic: z
    .boolean()
    .optional()
    .describe('true: all rows become visible at the end, in one transaction, or none'),
  hold: z
    .boolean()
    .optional()
    .describe('true: an atomic load that stops before its commit until someone accepts or discards it'),
  dryRun: z.boolean().optional().describe('true: the same load, but rolled back'),
  replace: z
    .boolean()
    .optional()
    .describe(
      'true: replace the content of the table with that of the file, in one transaction: rows that the file lacks are removed',
    ),
  maxRemoved: z
    .union([
      z.int().nonnegative(),
      z.string().refine(isShare, 'a percentage from 0% to 100%, for example "2.5%"'),
    ])
    .optional()
    .describe(
      'with replace: how many rows of the table may be removed: a number, or a percentage of its rows (default: 10%). With more, nothing changes',
    ),
});

/**
 * A resource. csvjobs ignores the properties that it does not use (path, licenses, sources, …), as Data Package
 * requires.
 */
export const specSchema = z.object({
  $schema: z.string().optional(),
  name: z.string().optional(),
  encoding: z.string().optional(),
  schema: tableSchemaSchema.optional(),
  dialect: dialectSchema.optional(),
  csvjobs: csvjobsBlockSchema.optional(),
});
export type Spec = z.infer<typeof specSchema>;
/** A spec as people write it, without the defaults. */
export type SpecInput = z.input<typeof specSchema>;

function isShare(text: string): boolean {
  return text.endsWith('%') && readMaxErrors(text) !== undefined;
}

function checkTimeZones(given: string | Record<string, string>, context: z.core.$RefinementCtx): void {
  const zones = typeof given === 'string' ? [[undefined, given] as const] : Object.entries(given);
  for (const [column, zone] of zones) {
    const fault = timeZoneFault(zone);
    if (fault !== undefined)
      context.addIssue({ code: 'custom', message: fault, path: column === undefined ? [] : [column] });
  }
}

function isRegex(text: string): boolean {
  try {
    new RegExp(text, 'u');
    return true;
  } catch {
    return false;
  }
}
