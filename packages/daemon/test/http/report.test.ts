import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { paths, REPORT_COLUMNS } from '@csvjobs/shared';
import csvParser from 'csv-parser';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Pool } from '../../src/sql/pool.js';
import { type Harness, makeJob, startHarness } from './harness.js';

let harness: Harness;

beforeAll(async () => {
  harness = await startHarness();
});

afterAll(async () => {
  await harness.stop();
});

const HEADER = 'rowNumber,name,email,phone,company,error\n';

async function reject(
  pool: Pool,
  jobId: string,
  rowNumber: number,
  row: object,
  message: string,
): Promise<void> {
  await pool.query(
    `insert into job_errors (job_id, row_number, line, code, message, row) values ($1, $2, 1, 'required', $3, $4)`,
    [jobId, rowNumber, message, JSON.stringify(row)],
  );
}

test('the report has the columns of the reference and the values as they were', async () => {
  const { id } = await makeJob(harness.pool);
  const rows = [
    { name: '', email: 'a@x.org', phone: '', company: '=1+1' },
    { name: ' He said "no", twice\r\n', email: 'ü@é', phone: 'a\rb', company: '顧客' },
    { email: 'only@this', extra: 'not a column' },
    { raw: '"half a record' },
  ];
  for (const [index, row] of rows.entries())
    await reject(harness.pool, id, index * 10 + 1, row, `fault, ${index}`);
  const response = await fetch(harness.url + paths.report(id));
  expect(response.headers.get('content-type')).toMatch(/^text\/csv; charset=utf-8/);
  const text = await response.text();
  expect(text.startsWith(HEADER)).toBe(true);
  const read = await Readable.from([Buffer.from(text)])
    .pipe(csvParser())
    .toArray();
  expect(read.map((each) => ({ ...each }))).toEqual([
    { rowNumber: '1', ...rows[0], error: 'fault, 0' },
    { rowNumber: '11', ...rows[1], error: 'fault, 1' },
    { rowNumber: '21', name: '', email: 'only@this', phone: '', company: '', error: 'fault, 2' },
    { rowNumber: '31', name: '', email: '', phone: '', company: '', error: 'fault, 3' },
  ]);
  expect(Object.keys(read[0])).toEqual([...REPORT_COLUMNS]);
});

test('a job without rejects has a report of its header', async () => {
  const { id } = await makeJob(harness.pool);
  expect(await (await fetch(harness.url + paths.report(id))).text()).toBe(HEADER);
});

test.each([
  ['customers.csv', 'attachment; filename="customers-errors.csv"'],
  ['data.CSV.gz', 'attachment; filename="data-errors.csv"'],
  ['Kunden "A" ü.csv', `attachment; filename="Kunden \\"A\\" ü-errors.csv"`],
  ['顧客.csv', `attachment; filename="??-errors.csv"; filename*=UTF-8''%E9%A1%A7%E5%AE%A2-errors.csv`],
])('the report of %j is called by it', async (filename, expected) => {
  const { id } = await makeJob(harness.pool, { filename });
  for (const method of ['GET', 'HEAD']) {
    const response = await fetch(harness.url + paths.report(id), { method });
    expect(response.headers.get('content-disposition')).toBe(expected);
    await response.text();
  }
});

test('a long report comes whole, page after page', async () => {
  const { id } = await makeJob(harness.pool);
  await harness.pool.query(
    `insert into job_errors (job_id, row_number, line, code, message, row)
     select $1, n, n, 'required', 'name is required', '{"email":"a@x.org"}' from generate_series(1, 2500) n`,
    [id],
  );
  const lines = (await (await fetch(harness.url + paths.report(id))).text()).trimEnd().split('\n');
  expect(lines).toHaveLength(2501);
  expect(lines.at(-1)).toBe('2500,,a@x.org,,,name is required');
});

test('a reader that stops reading holds the report up, and one that goes away ends it', async () => {
  const { id } = await makeJob(harness.pool);
  await harness.pool.query(
    `insert into job_errors (job_id, row_number, line, code, message, row)
     select $1, n, n, 'required', repeat('x', 2000), '{}' from generate_series(1, 5000) n`,
    [id],
  );
  const response = await fetch(harness.url + paths.report(id));
  const reader = response.body!.getReader();
  await reader.read();
  await reader.cancel();
  const whole = await buffer((await fetch(harness.url + paths.report(id))).body!);
  expect(whole.length).toBeGreaterThan(10_000_000);
});
