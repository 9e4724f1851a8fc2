/** On which line of a local file a record starts; for annotations, which name lines. */
import { createReadStream } from 'node:fs';
import type { ReportRow } from '../reportRows.js';

/** So much of a record's first line is compared with the report's values, characters. */
const COMPARED = 4096;

/**
 * Lines (1 is the first) by row number for the rows wanted. Records are counted by RFC 4180; blank lines are none.
 * A file that is not plain (malformed quotes, UTF-16, compressed) may be counted otherwise by the daemon, so a line is
 * only given where its text has the values that the report has: better no line than a wrong one.
 */
export async function recordLines(path: string, wanted: readonly ReportRow[]): Promise<Map<number, number>> {
  const rows = new Map(wanted.map((row) => [Number(row.rowNumber), row]));
  const last = Math.max(0, ...rows.keys());
  const lines = new Map<number, number>();
  let line = 1;
  let record = 0; // the header
  let start = 1;
  let text = '';
  let quoted = false;
  let blank = true;
  const end = () => {
    const row = rows.get(record);
    if (row && agrees(text, row)) lines.set(record, start);
    if (!blank) record += 1;
    start = line;
    text = '';
    blank = true;
  };
  for await (const chunk of createReadStream(path, 'utf8')) {
    for (const char of chunk as string) {
      if (char === '\n') line += 1;
      if (char === '"') quoted = !quoted;
      if (char === '\n' && !quoted) {
        end();
        if (record > last) return lines;
        continue;
      }
      if (char !== '\r') blank = false;
      if (text.length < COMPARED && rows.has(record)) text += char;
    }
  }
  end();
  return lines;
}

function agrees(text: string, row: ReportRow): boolean {
  const values = [row.name, row.email, row.phone, row.company].map((value) => value.trim()).filter(Boolean);
  return values.every((value) => text.includes(value.replaceAll('"', '""')));
}
