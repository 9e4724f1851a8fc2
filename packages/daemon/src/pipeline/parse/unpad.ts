/** Removes white space around quoted fields: csvjobs ignores it, but csv-parser needs quotes next to the delimiters. */
import { QUOTE, SPACE, TAB } from '../records/bytes.js';

/**
 * Copies a record with correctly placed quotes, without the spaces and tabs between a quote and a delimiter.
 *
 * @returns the number of bytes written to `into`, which must have room for the whole record
 */
export function copyUnpadded(record: Uint8Array, delimiter: number, into: Uint8Array): number {
  let written = 0;
  let fieldStart = 0;
  let inQuotes = false;
  let wasQuoted = false;
  for (let at = 0; at < record.length; at++) {
    const byte = record[at]!;
    if (byte === QUOTE) {
      // Only white space is between the start of a field and its opening quote.
      if (!inQuotes && !wasQuoted) written = fieldStart;
      inQuotes = !inQuotes;
      wasQuoted = true;
    } else if (!inQuotes && byte === delimiter) {
      into[written++] = byte;
      fieldStart = written;
      wasQuoted = false;
      continue;
    } else if (!inQuotes && wasQuoted && (byte === SPACE || byte === TAB)) continue;
    into[written++] = byte;
  }
  return written;
}
