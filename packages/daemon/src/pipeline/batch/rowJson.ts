/** The cells of a rejected record as JSON, from bytes to COPY text: no string is made of what is only copied. */
import { CUSTOMER_COLUMNS } from '@csvjobs/shared';
import type { Header } from '../header.js';
import type { Fields } from '../parse/fields.js';
import type { CopyText } from './copyText.js';

/** Writes a field `{"name":"…",…}` with the columns that the file has. */
export type WriteRow = (into: CopyText, fields: Fields) => void;

const CLOSE = Buffer.from('"}');

export function createWriteRow({ positions }: Header): WriteRow {
  const columns = CUSTOMER_COLUMNS.filter((column) => positions[column] !== -1).map((column, index) => ({
    opening: Buffer.from(`${index === 0 ? '{' : '",'}"${column}":"`),
    position: positions[column],
  }));

  return (into, { bytes, starts, ends }) => {
    for (const { opening, position } of columns) {
      into.ascii(opening);
      into.jsonText(bytes, starts[position]!, ends[position]!);
    }
    into.ascii(CLOSE);
    into.endField();
  };
}
