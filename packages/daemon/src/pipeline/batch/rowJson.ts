/**
 * Writes the cells of a rejected record as JSON, from bytes to bytes: values that are only copied never become strings.
 */
import { isUtf8 } from 'node:buffer';
import { CUSTOMER_COLUMNS } from '@csvjobs/shared/reading';
import type { CustomerHeader } from '../header.js';
import type { Fields } from '../parse/fields.js';
import { RAW_LIMIT } from '../records.js';
import type { ReportRows } from './reportRows.js';
import { shownText } from './shown.js';

/** Writes `{"name":"…",…}` with the columns that the file has. */
export interface RowWriter {
  /** Writes a record with all fields of the header. */
  whole(into: ReportRows, fields: Fields): void;
  /** Writes a record with fewer or more fields, or that cannot be cut into fields; adds its text as `raw`. */
  broken(into: ReportRows, fields: Fields | undefined, raw: Buffer): void;
}

const CLOSE = Buffer.from('"}');
const RAW = Buffer.from('"raw":"');
const COMMA = Buffer.from('",');
const OPEN = Buffer.from('{');

export function createRowWriter({ positions }: CustomerHeader): RowWriter {
  const columns = CUSTOMER_COLUMNS.filter((column) => positions[column] !== -1).map((column) => ({
    name: Buffer.from(`"${column}":"`),
    position: positions[column],
  }));

  /**
   * Writes the opening brace and a string for each column that the record has, the last one without its closing quote.
   */
  function cells(into: ReportRows, { bytes, starts, ends, count }: Fields): boolean {
    let first = true;
    for (const { name, position } of columns) {
      if (position >= count) continue;
      into.ascii(first ? OPEN : COMMA);
      into.ascii(name);
      into.jsonText(bytes, starts[position]!, ends[position]!);
      first = false;
    }
    return !first;
  }

  return {
    whole(into, fields) {
      into.beginJson();
      cells(into, fields);
      into.ascii(CLOSE);
      into.endJson();
    },
    broken(into, fields, raw) {
      into.beginJson();
      const some = fields !== undefined && cells(into, fields);
      into.ascii(some ? COMMA : OPEN);
      into.ascii(RAW);
      const clean = raw.length <= RAW_LIMIT && isUtf8(raw) && !raw.includes(0);
      const text = clean ? raw : Buffer.from(shownText(raw));
      into.jsonText(text, 0, text.length);
      into.ascii(CLOSE);
      into.endJson();
    },
  };
}
