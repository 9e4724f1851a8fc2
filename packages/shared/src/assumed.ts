/** What was assumed of values, counted while they are loaded, as notices beside those on the file as a whole. */
import { reasonCounts } from './reason.js';

/** `email: the address beside a name taken (12 rows)`, the most frequent first. */
export function assumedNotices(counts: Readonly<Record<string, number>>): string[] {
  return reasonCounts(counts).map(
    ({ message, rows }) => `${message} (${rows} ${rows === 1 ? 'row' : 'rows'})`,
  );
}
