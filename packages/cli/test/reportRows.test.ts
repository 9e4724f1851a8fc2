/** The report's reader: split anywhere, the same rows. */
import { expect, test } from 'vitest';
import { reportRows } from '../src/reportRows.js';

const REPORT =
  'rowNumber,name,email,phone,company,error\r\n1,"A ""x"", B",é@b.co,,"C\r\nD",bad\r\n2,,,,,"none, at all"\r\n';
const ROWS = [
  { rowNumber: '1', name: 'A "x", B', email: 'é@b.co', phone: '', company: 'C\r\nD', error: 'bad' },
  { rowNumber: '2', name: '', email: '', phone: '', company: '', error: 'none, at all' },
];

async function read(size: number) {
  const bytes = Buffer.from(REPORT);
  async function* chunks() {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  }
  const rows = [];
  for await (const row of reportRows(chunks())) rows.push(row);
  return rows;
}

test('split anywhere, the same rows', async () => {
  for (let size = 1; size <= REPORT.length + 2; size += 1) expect(await read(size)).toEqual(ROWS);
});
