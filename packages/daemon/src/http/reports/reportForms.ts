/**
 * The formats of a report. errors.csv has the columns of the table that the file fills (for customers those
 * of the reference), each value as it was in the file: UTF-8, comma, LF line ends; `error` gives the line of
 * the file on which the record starts, and what is wrong with it. A record that could not be split into the
 * fields of the header has its text at the end of `error`, and empty cells instead of values. errors.json
 * (one array) and errors.ndjson (one document per line) have everything that is known of each record
 * (rejectionSchema in shared: also its line, column and code).
 */
import { ownValue, type Rejection, type ReportFormat } from '@csvjobs/shared';
import { stringify } from 'csv-stringify/sync';
import { guarded } from '../../pipeline/fixes/formula.js';
import type { OriginalFile } from '../../pipeline/fixes/originalText.js';
import type { OriginalRow } from '../../sql/jobErrors.js';

export interface Wanted {
  /** For spreadsheets: a byte order mark, and text instead of cells that would be formulas; for CSV only. */
  safe: boolean;
  /** Only rows after this one, and CSV without its header; 0 for all rows. */
  after: number;
  /** The columns of the values. */
  columns: readonly string[];
}

/** Without it, Excel reads CSV in the encoding of Windows, and a saved file has `MÃ¼ller` for `Müller`. */
const BYTE_ORDER_MARK = '\ufeff';

/** How a report is written: its start, each of its pages, and its end. */
export interface Form<Row = Rejection> {
  type(wanted: Pick<Wanted, 'after'>): string;
  begin(wanted: Wanted): string;
  page(rows: readonly Row[], wanted: Wanted, first: boolean): string | Buffer;
  end: string;
}

export const FORMS: Record<ReportFormat, Form> = {
  csv: {
    // header: RFC 4180 section 3.
    type: ({ after }) => `text/csv; charset=utf-8; header=${after === 0 ? 'present' : 'absent'}`,
    begin: ({ after, columns, safe }) => {
      const header = ['rowNumber', ...columns, 'error'];
      if (after > 0) return '';
      return safe ? BYTE_ORDER_MARK + csv([header.map(guarded)]) : csv([header]);
    },
    page: (rejections, { safe, columns }) =>
      csv(rejections.map((each) => (safe ? cells(each, columns).map(guarded) : cells(each, columns)))),
    end: '',
  },
  json: {
    type: () => 'application/json',
    begin: () => '[',
    page: (rejections, _, first) =>
      `${first ? '\n' : ',\n'}${rejections.map((each) => JSON.stringify(each)).join(',\n')}`,
    end: '\n]\n',
  },
  ndjson: {
    type: () => 'application/x-ndjson; charset=utf-8',
    begin: () => '',
    page: (rejections) => rejections.map((each) => `${JSON.stringify(each)}\n`).join(''),
    end: '',
  },
};

/** The rejected records as they are in the file (pipeline/fixes/originalText.ts). */
export function originalForm(file: OriginalFile): Form<OriginalRow> {
  return {
    type: originalType,
    begin: ({ after, safe }) => (after > 0 ? '' : (safe ? BYTE_ORDER_MARK : '') + file.header()),
    page: (rows) => Buffer.concat(rows.map((row) => file.record(row))),
    end: '',
  };
}

/** Not CSV: the delimiter is the file's own, and records may be malformed. */
export const originalType = () => 'text/plain; charset=utf-8';

/** The text of a report, one page at a time: reads the next page only when this one was taken. */
export async function* textOf<Row>(
  form: Form<Row>,
  pages: AsyncIterable<readonly Row[]>,
  wanted: Wanted,
): AsyncGenerator<Buffer> {
  let text = form.begin(wanted);
  let first = true;
  for await (const page of pages) {
    const rows = form.page(page, wanted, first);
    yield Buffer.concat([Buffer.from(text), typeof rows === 'string' ? Buffer.from(rows) : rows]);
    text = '';
    first = false;
  }
  if (text + form.end !== '') yield Buffer.from(text + form.end);
}

function cells({ rowNumber, line, row, message, reasons }: Rejection, columns: readonly string[]): string[] {
  const values = columns.map((column) => ownValue(row, column) ?? '');
  const { raw } = row;
  // In a table with a column of this name, `raw` is an ordinary value, unless the record has no reasons of
  // its own.
  const text = raw === undefined || reasons !== undefined ? '' : `; the record is: ${raw}`;
  return [String(rowNumber), ...values, `line ${line}: ${message}${text}`];
}

/**
 * Values with a lone CR are quoted too: otherwise readers that take CR for a line end would split the record
 * there.
 */
function csv(records: string[][]): string {
  return stringify(records, { record_delimiter: '\n', quoted_match: /\r/ });
}
