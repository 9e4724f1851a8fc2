/** Records whose text needs no rewriting: cut at the delimiters and at the quotes around fields. */
import { indexOfByte, QUOTE } from '../records/bytes.js';
import type { Fields } from './fields.js';

/** A record without doubled quotes, and with no white space between its quotes and delimiters. */
export interface PlainRecord {
  bytes: Buffer;
  start: number;
  end: number;
  quoted: boolean;
}

/**
 * Cuts one record after the other, best those of the same `bytes` in their order.
 *
 * A native search takes 16 ns a field, a loop over the bytes 30 ns. Where a search runs past the record's end, what it
 * found is kept for the next record: a text with few delimiters is searched once, not once for each record.
 */
export function createSplit(delimiter: number): (record: PlainRecord, fields: Fields) => void {
  let searched: Buffer | undefined;
  let last = 0;
  let found = -1;

  function fieldEnd(bytes: Buffer, from: number, end: number): number {
    if (found < from) found = indexOfByte(bytes, delimiter, from);
    return Math.min(found, end);
  }

  return ({ bytes, start, end, quoted }, fields) => {
    if (bytes !== searched || start <= last) {
      searched = bytes;
      found = -1;
    }
    last = start;
    fields.bytes = bytes;
    fields.count = 0;
    for (let at = start; at <= end; at++) {
      const from = at;
      if (quoted && bytes[from] === QUOTE) {
        at = indexOfByte(bytes, QUOTE, from + 1);
        fields.add(from + 1, at++);
      } else {
        at = fieldEnd(bytes, from, end);
        fields.add(from, at);
      }
    }
  };
}
