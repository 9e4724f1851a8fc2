import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { paths, REPORT_COLUMNS } from '@csvjobs/shared';
import csvParser from 'csv-parser';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Pool } from '../../src/sql/pool.js';
import { type Harness, makeJob, problemFrom, startHarness } from './harness.js';

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

describe('what a report may be asked for besides', () => {
  const FORMULAS = ['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx', '＝1', '＋1', '－1', '＠x'];

  test('safe=spreadsheet makes text of formulas; without it values stay as they are', async () => {
    const { id } = await makeJob(harness.pool);
    for (const [index, name] of [...FORMULAS, 'a=b', ''].entries())
      await reject(harness.pool, id, index + 1, { name, email: '-x@y' }, 'bad');
    const read = async (query: string) => {
      const text = await (await fetch(harness.url + paths.report(id) + query)).text();
      return (await Readable.from([Buffer.from(text)])
        .pipe(csvParser())
        .toArray()) as Record<string, string>[];
    };
    expect((await read('')).map((row) => row.name)).toEqual([...FORMULAS, 'a=b', '']);
    const safe = await read('?safe=spreadsheet');
    expect(safe.map((row) => row.name)).toEqual([...FORMULAS.map((cell) => `'${cell}`), 'a=b', '']);
    expect(new Set(safe.map((row) => row.email))).toEqual(new Set(["'-x@y"]));
  });

  test('after goes on behind a row, without the header', async () => {
    const { id } = await makeJob(harness.pool);
    for (const row of [3, 7, 9]) await reject(harness.pool, id, row, { name: `n${row}` }, 'bad');
    const text = await (await fetch(`${harness.url}${paths.report(id)}?after=3`)).text();
    expect(text).toBe('7,n7,,,,bad\n9,n9,,,,bad\n');
  });

  test.each(['safe=yes', 'after=x', 'after=-1', 'after=1&after=2'])('%s is not understood', async (query) => {
    const { id } = await makeJob(harness.pool);
    const response = await fetch(`${harness.url}${paths.report(id)}?${query}`);
    expect(await problemFrom(response)).toMatchObject({ code: 'bad_request', status: 400 });
  });

  test('it is compressed for who asks for that', async () => {
    const { id } = await makeJob(harness.pool);
    await reject(harness.pool, id, 1, { name: 'ü' }, 'bad');
    for (const method of ['GET', 'HEAD']) {
      const answers = await Promise.all(
        ['gzip', 'identity', 'br;q=1, gzip;q=0'].map((encoding) =>
          fetch(harness.url + paths.report(id), { method, headers: { 'Accept-Encoding': encoding } }),
        ),
      );
      expect(answers.map(({ headers }) => headers.get('content-encoding'))).toEqual(['gzip', null, null]);
      for (const answer of answers) {
        expect(answer.headers.get('vary')).toContain('Accept-Encoding');
        // fetch undoes the compression by itself.
        expect(await answer.text()).toBe(method === 'GET' ? `${HEADER}1,ü,,,,bad\n` : '');
      }
    }
  });

  test('the report of an ended job need not be sent twice; of one under way it has to be', async () => {
    const running = await makeJob(harness.pool, { status: 'processing' });
    expect((await fetch(harness.url + paths.report(running.id))).headers.get('etag')).toBeNull();
    const ended = await makeJob(harness.pool, { status: 'completed', completed_at: '2026-01-01' });
    const first = await fetch(harness.url + paths.report(ended.id));
    const etag = first.headers.get('etag')!;
    const ask = (query: string, tag = etag) =>
      fetch(harness.url + paths.report(ended.id) + query, { headers: { 'If-None-Match': tag } });
    expect((await ask('')).status).toBe(304);
    expect((await ask('?safe=spreadsheet')).status).toBe(200);
    expect((await ask('', 'W/"other"')).status).toBe(200);
    await harness.pool.query(`update jobs set status = 'failed', attempt = 2 where id = $1`, [ended.id]);
    expect((await ask('')).status).toBe(200);
  });
});
