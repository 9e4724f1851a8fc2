/**
 * Notices about assumptions made about values, counted during the load and shown beside the notices about the whole
 * file.
 */
import { reasonCounts } from './reason.js';
import { rowCount } from './withNoun.js';

/** `email: the address beside a name taken (12 rows)`, the most frequent first. */
export function assumedNotices(counts: Readonly<Record<string, number>>): string[] {
  return reasonCounts(counts).map(({ message, rows }) => `${message} (${rowCount(rows)})`);
}
