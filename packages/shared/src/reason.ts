/**
 * The reasons that rejected rows have in common: messages without what only one row has in it. Without zod, and by
 * itself at `@csvjobs/shared/reason`, as paths.ts is.
 */
import type { ReasonCount } from './rejection.js';

/** Of a row whose e-mail an earlier row of the file has. */
export const DUPLICATE_IN_FILE = 'duplicate of an earlier row';

/** Of a row whose e-mail was in the table before. */
export const ALREADY_IN_CUSTOMERS = 'already in customers';

/**
 * The reason in a rejection's message. A file has some twenty different ones at most, for what a person can do about
 * a row does not depend on its line, on the row that it repeats, or on how many fields it has.
 */
export function reasonIn(message: string): string {
  return withoutLine(message)
    .replace(/^duplicate of row \d+$/, DUPLICATE_IN_FILE)
    .replace(/^\d+ fields? where the header has (\d+);/, 'not the $1 fields of the header;')
    .replace(/^\d+ fields? where other records have (\d+);/, 'not the $1 fields of other records;');
}

/** A message without its line, which older daemons have put in front of some. */
export function withoutLine(message: string): string {
  return message.replace(/^line \d+: /, '');
}

/** How many rows these are together. */
export function rowsOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, rows) => sum + rows, 0);
}

/** Counts by reason as a list: the most frequent first, those of equal number by their text. */
export function reasonCounts(counts: Readonly<Record<string, number>>): ReasonCount[] {
  return Object.entries(counts)
    .map(([message, rows]) => ({ message, rows }))
    .sort((a, b) => b.rows - a.rows || (a.message < b.message ? -1 : 1));
}
