/** Cuts records with white space around quotes, which RFC 4180 does not cover, with csv-parser. */
import csvParser from 'csv-parser';
import { LF, QUOTE } from '../records/bytes.js';
import type { Fields } from './fields.js';
import { copyUnpadded } from './unpad.js';

/**
 * Cuts one record with correctly placed quotes, without its line end, into `fields`. The fields point into memory that
 * the next call overwrites.
 */
export type CutPadded = (record: Uint8Array, fields: Fields) => void;

/**
 * csv-parser is a stream. Each call writes one record and reads its row back before it returns, which works because
 * csv-parser's transform does all its work within `write`.
 *
 * It gets only whole records, ended by LF, and no header: chunk borders, CR, blank lines and stray quotes are handled
 * before. `raw` leaves the cells as bytes.
 */
export function createCutPadded(delimiter: number): CutPadded {
  const parser = csvParser({ separator: String.fromCharCode(delimiter), headers: false, raw: true });
  let cells = Buffer.alloc(0);

  return (record, fields) => {
    // A copy for csv-parser, which writes into its input.
    const line = Buffer.allocUnsafe(record.length + 1);
    const length = copyUnpadded(record, delimiter, line);
    line[length] = LF;
    const empties = emptyInQuotes(line, length, delimiter);
    parser.write(line.subarray(0, length + 1));
    const row: Record<string, Buffer> = parser.read();

    // One more than the record: a byte before each field says whether it is empty and had quotes (`Fields`).
    if (cells.length <= length) cells = Buffer.allocUnsafe(length * 2 + 1);
    fields.bytes = cells;
    fields.count = 0;
    let at = 0;
    for (const cell of Object.values(row)) {
      cells[at++] = empties.has(fields.count) ? QUOTE : delimiter;
      cells.set(cell, at);
      fields.add(at, at + cell.length);
      at += cell.length;
    }
  };
}

/** Returns the numbers of the fields that are two quotes: csv-parser does not tell them from empty ones. */
function emptyInQuotes(line: Uint8Array, length: number, delimiter: number): Set<number> {
  const found = new Set<number>();
  let number = 0;
  let start = 0;
  let inQuotes = false;
  for (let at = 0; at <= length; at++) {
    if (at < length && line[at] === QUOTE) inQuotes = !inQuotes;
    else if (at === length || (line[at] === delimiter && !inQuotes)) {
      if (at - start === 2 && line[start] === QUOTE) found.add(number);
      number++;
      start = at + 1;
    }
  }
  return found;
}
