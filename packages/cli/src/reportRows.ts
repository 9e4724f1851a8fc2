/** The rows of an error report (errors.csv) as they come: RFC 4180, written by the daemon, so well-formed. */
import { StringDecoder } from 'node:string_decoder';
import type { REPORT_COLUMNS } from '@csvjobs/shared';

/** A rejected row by the report's columns; everything is text. */
export type ReportRow = Record<(typeof REPORT_COLUMNS)[number], string>;

/**
 * Reads a report chunk by chunk; holds one row at a time.
 * @throws what the source throws
 */
export async function* reportRows(source: AsyncIterable<Uint8Array>): AsyncGenerator<ReportRow> {
  let header: string[] | undefined;
  for await (const cells of records(source)) {
    if (header === undefined) header = cells;
    else yield Object.fromEntries(header.map((name, index) => [name, cells[index] ?? ''])) as ReportRow;
  }
}

async function* records(source: AsyncIterable<Uint8Array>): AsyncGenerator<string[]> {
  const decoder = new StringDecoder('utf8');
  let cells: string[] = [];
  let cell = '';
  let quoted = false;
  // A quote inside quotes ends them or is the first of a pair: the next character tells.
  let quoteBefore = false;
  for await (const chunk of source) {
    for (const char of decoder.write(Buffer.from(chunk))) {
      if (quoted && !quoteBefore) {
        if (char === '"') quoteBefore = true;
        else cell += char;
        continue;
      }
      if (quoteBefore && char === '"') {
        cell += char;
        quoteBefore = false;
        continue;
      }
      quoted &&= !quoteBefore;
      quoteBefore = false;
      if (char === '"') quoted = true;
      else if (char === ',') {
        cells.push(cell);
        cell = '';
      } else if (char === '\n') {
        yield [...cells, cell];
        cells = [];
        cell = '';
      } else if (char !== '\r') cell += char;
    }
  }
  if (cells.length > 0 || cell !== '') yield [...cells, cell];
}
