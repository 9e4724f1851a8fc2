/** Records without quotes: cut at every delimiter. */
import type { Fields } from './fields.js';

/** A record without quotes, as a span of `bytes`. */
export interface PlainRecord {
  bytes: Buffer;
  start: number;
  end: number;
}

/**
 * Cuts one record after the other, those of the same `bytes` in their order.
 *
 * A native search takes 16 ns a field, a loop over the bytes 30 ns. Where a search runs past the record's end, what it
 * found is kept for the next record: a text with few delimiters is searched once, not once for each record.
 */
export function createSplit(delimiter: number): (record: PlainRecord, fields: Fields) => void {
  let searched: Buffer | undefined;
  let found = -1;

  return ({ bytes, start, end }, fields) => {
    if (bytes !== searched) {
      searched = bytes;
      found = -1;
    }
    fields.bytes = bytes;
    fields.count = 0;
    let fieldStart = start;
    if (found < start) found = search(bytes, delimiter, start);
    while (found < end) {
      fields.add(fieldStart, found);
      fieldStart = found + 1;
      found = search(bytes, delimiter, fieldStart);
    }
    fields.add(fieldStart, end);
  };
}

function search(bytes: Buffer, delimiter: number, from: number): number {
  const at = bytes.indexOf(delimiter, from);
  return at === -1 ? bytes.length : at;
}
