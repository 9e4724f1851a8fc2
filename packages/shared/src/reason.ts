/**
 * The reasons that rejected rows have in common: messages without the parts that only one row has. Like paths.ts, does
 * not use zod and is exported separately, as `@csvjobs/shared/reason`.
 */
import type { ReasonCount } from './rejection.js';

/** The reason of a row whose e-mail an earlier row of the file has. */
export const DUPLICATE_IN_FILE = 'duplicate of an earlier row';

/** The reason of a row whose e-mail was already in the table. */
export const ALREADY_IN_CUSTOMERS = 'already in customers';

/**
 * Returns the reason in a rejection's message. A file has at most about twenty different reasons, because what a person
 * can do about a row does not depend on its line, on the row that it repeats, or on its number of fields.
 */
export function reasonIn(message: string): string {
  return withoutLine(message)
    .replace(/^duplicate of row \d+$/, DUPLICATE_IN_FILE)
    .replace(/^\d+ fields? where the header has (\d+);/, 'not the $1 fields of the header;')
    .replace(/^\d+ fields? where other records have (\d+);/, 'not the $1 fields of other records;');
}

/** Returns a message without its line number, which older daemons put before some messages. */
export function withoutLine(message: string): string {
  return message.replace(/^line \d+: /, '');
}

/** Returns the total number of rows. */
export function rowsOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, rows) => sum + rows, 0);
}

/** Counts by reason as a list: most frequent first, equal counts in alphabetical order. */
export function reasonCounts(counts: Readonly<Record<string, number>>): ReasonCount[] {
  return Object.entries(counts)
    .map(([message, rows]) => ({ message, rows }))
    .sort((a, b) => b.rows - a.rows || (a.message < b.message ? -1 : 1));
}
