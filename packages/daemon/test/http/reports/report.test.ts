import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { paths, REPORT_COLUMNS, REPORT_FORMATS, type Rejection, type ReportFormat } from '@csvjobs/shared';
import csvParser from 'csv-parser';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Pool } from '../../../src/sql/pool.js';
import { sized, sizedIf } from '../../support/form.js';
import { advanceJob, countRejects, type Harness, makeJob, problemFrom, startHarness } from '../harness.js';

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
  await countRejects(pool, jobId);
}

test('the report has the columns of the reference and the original values', async () => {
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
    { rowNumber: '1', ...rows[0], error: 'line 1: fault, 0' },
    { rowNumber: '11', ...rows[1], error: 'line 1: fault, 1' },
    { rowNumber: '21', name: '', email: 'only@this', phone: '', company: '', error: 'line 1: fault, 2' },
    {
      rowNumber: '31',
      name: '',
      email: '',
      phone: '',
      company: '',
      error: 'line 1: fault, 3; the record is: "half a record',
    },
  ]);
  expect(Object.keys(read[0])).toEqual([...REPORT_COLUMNS]);
});

test('the line prefixes the error only once: older daemons stored some messages with it', async () => {
  const { id } = await makeJob(harness.pool);
  for (const [row, message] of ['name is required', 'line 1: a fault', 'duplicate of row 1'].entries())
    await reject(harness.pool, id, row + 1, {}, message);
  const get = async (format: ReportFormat) => (await fetch(harness.url + paths.report(id, format))).text();
  expect((await get('csv')).split('\n').slice(1, -1)).toEqual([
    '1,,,,,line 1: name is required',
    '2,,,,,line 1: a fault',
    '3,,,,,line 1: duplicate of row 1',
  ]);
  const messages = ['name is required', 'a fault', 'duplicate of row 1'];
  expect(JSON.parse(await get('json')).map(({ line, message }: Rejection) => [line, message])).toEqual(
    messages.map((message) => [1, message]),
  );
});

test('the report of a job without rejects has only a header', async () => {
  const { id } = await makeJob(harness.pool);
  expect(await (await fetch(harness.url + paths.report(id))).text()).toBe(HEADER);
});

test.each([
  ['customers.csv', 'attachment; filename="customers-errors.csv"'],
  ['data.CSV.gz', 'attachment; filename="data-errors.csv"'],
  ['Kunden "A" ü.csv', `attachment; filename="Kunden \\"A\\" ü-errors.csv"`],
  ['顧客.csv', `attachment; filename="??-errors.csv"; filename*=UTF-8''%E9%A1%A7%E5%AE%A2-errors.csv`],
])('the report of %j is named after it', async (filename, expected) => {
  const { id } = await makeJob(harness.pool, { filename });
  for (const method of ['GET', 'HEAD']) {
    const response = await fetch(harness.url + paths.report(id), { method });
    expect(response.headers.get('content-disposition')).toBe(expected);
    await response.text();
  }
});

test('a long report is complete, across pages', async () => {
  const { id } = await makeJob(harness.pool);
  await harness.pool.query(
    `insert into job_errors (job_id, row_number, line, code, message, row)
     select $1, n, n, 'required', 'name is required', '{"email":"a@x.org"}' from generate_series(1, 2500) n`,
    [id],
  );
  await countRejects(harness.pool, id);
  const lines = (await (await fetch(harness.url + paths.report(id))).text()).trimEnd().split('\n');
  expect(lines).toHaveLength(2501);
  expect(lines.at(-1)).toBe('2500,,a@x.org,,,line 2500: name is required');
});

describe('report parameters', () => {
  const FORMULAS = ['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx', '＝1', '＋1', '－1', '＠x'];

  test('safe=spreadsheet turns formulas into text; without it values stay unchanged', async () => {
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

  test('safe=spreadsheet begins with a byte order mark, without which Excel misreads it; a resumed part has none', async () => {
    const { id } = await makeJob(harness.pool);
    for (const row of [1, 2]) await reject(harness.pool, id, row, { name: 'J\u00fcrgen' }, 'bad');
    const beginning = async (query: string) => {
      const answer = await fetch(harness.url + paths.report(id) + query);
      return Buffer.from(await answer.arrayBuffer())
        .subarray(0, 6)
        .toString();
    };
    expect(await beginning('?safe=spreadsheet')).toBe('\ufeffrow');
    expect(await beginning('')).toBe('rowNum');
    expect(await beginning('?safe=spreadsheet&after=1')).toMatch(/^2,/);
  });

  test('after continues after a row, in every format; CSV then has no header', async () => {
    const { id } = await makeJob(harness.pool);
    for (const row of [3, 7, 9]) await reject(harness.pool, id, row, { name: `n${row}` }, 'bad');
    const read = async (format: ReportFormat, after: number) =>
      (await fetch(`${harness.url}${paths.report(id, format)}?after=${after}`)).text();
    const type = async (after: number) =>
      (await fetch(`${harness.url}${paths.report(id)}?after=${after}`)).headers.get('content-type');
    expect(await type(0)).toBe('text/csv; charset=utf-8; header=present');
    expect(await type(1)).toBe('text/csv; charset=utf-8; header=absent');
    expect(await read('csv', 3)).toBe('7,n7,,,,line 1: bad\n9,n9,,,,line 1: bad\n');
    expect(JSON.parse(await read('json', 3)).map(({ rowNumber }: Rejection) => rowNumber)).toEqual([7, 9]);
    expect((await read('ndjson', 7)).trim()).toMatch(/^\{"rowNumber":9,[^\n]*\}$/);
    expect([await read('csv', 9), JSON.parse(await read('json', 9)), await read('ndjson', 9)]).toEqual([
      '',
      [],
      '',
    ]);
  });

  test.each([
    ['csv', 'safe=yes'],
    ['csv', 'after=x'],
    ['csv', 'after=-1'],
    ['ndjson', 'after=1&after=2'],
    ['json', 'after='],
    ['json', 'safe=spreadsheet'],
  ] as const)('errors.%s refuses %s', async (format, query) => {
    const { id } = await makeJob(harness.pool);
    const response = await fetch(`${harness.url}${paths.report(id, format)}?${query}`);
    expect(await problemFrom(response)).toMatchObject({ code: 'bad_request', status: 400 });
  });
});

describe.each(REPORT_FORMATS)('errors.%s', (format) => {
  test('is compressed on request, and HEAD answers like GET', async () => {
    const { id } = await makeJob(harness.pool);
    await reject(harness.pool, id, 1, { name: 'ü' }, 'bad');
    const plain = await (
      await fetch(harness.url + paths.report(id, format), { headers: { 'Accept-Encoding': 'identity' } })
    ).text();
    expect(plain).toContain('ü');
    for (const method of ['GET', 'HEAD']) {
      const answers = await Promise.all(
        ['gzip', 'identity', 'br;q=1, gzip;q=0'].map((encoding) =>
          fetch(harness.url + paths.report(id, format), { method, headers: { 'Accept-Encoding': encoding } }),
        ),
      );
      expect(answers.map(({ headers }) => headers.get('content-encoding'))).toEqual(['gzip', null, null]);
      for (const answer of answers) {
        expect(answer.headers.get('vary')).toContain('Accept-Encoding');
        expect(answer.headers.get('accept-ranges')).toBe('none');
        expect(answer.headers.get('content-type')).toMatch(
          /^(text\/csv|application\/json|application\/x-ndjson)/,
        );
        expect(answer.headers.get('content-disposition')).toBe(
          `attachment; filename="customers-errors.${format}"`,
        );
        // fetch decompresses it.
        expect(await answer.text()).toBe(method === 'GET' ? plain : '');
      }
    }
  });

  test('of a final job can be 304; of a running one it cannot', async () => {
    const running = await makeJob(harness.pool, { status: 'processing' });
    const address = (id: string) => harness.url + paths.report(id, format);
    expect((await fetch(address(running.id))).headers.get('etag')).toBeNull();
    const ended = await makeJob(harness.pool, { status: 'completed', completed_at: '2026-01-01' });
    const first = await fetch(address(ended.id));
    await first.text();
    const etag = first.headers.get('etag')!;
    const ask = async (query: string, tag = etag, method = 'GET') => {
      const answer = await fetch(address(ended.id) + query, { method, headers: { 'If-None-Match': tag } });
      if (answer.status === 304) expect(await answer.text()).toBe('');
      return answer.status;
    };
    expect(await ask('')).toBe(304);
    expect(await ask('', etag, 'HEAD')).toBe(304);
    expect(await ask('', `"other", ${etag}`)).toBe(304);
    expect(await ask('?after=1')).toBe(200);
    expect(await ask('', 'W/"other"')).toBe(200);
    // The ETag covers only this format.
    for (const other of REPORT_FORMATS.filter((each) => each !== format)) {
      const answer = await fetch(harness.url + paths.report(ended.id, other), {
        headers: { 'If-None-Match': etag },
      });
      expect(answer.status).toBe(200);
    }
    await advanceJob(harness.pool, ended.id, { status: 'failed', attempt: 2 });
    expect(await ask('')).toBe(200);
  });

  test(
    'is read only as fast as it is sent: a reader that stops pauses it, one that disconnects ends it',
    sizedIf(format === 'csv'),
    async () => {
      const PAGES = sized(30, 60);
      const { id } = await makeJob(harness.pool);
      await harness.pool.query(
        `insert into job_errors (job_id, row_number, line, code, message, row)
       select $1, n, n, 'required', repeat('x', 1000), '{}' from generate_series(1, $2::int * 1000) n`,
        [id, PAGES],
      );
      await countRejects(harness.pool, id);
      // Counts the pages requested from the real pool.
      let pages = 0;
      const pool = Object.assign(Object.create(harness.pool), {
        query: (...args: Parameters<Pool['query']>) => {
          if (/from job_errors/.test(String(args[0]))) pages++;
          return harness.pool.query(...args);
        },
      }) as Pool;
      const counted = await startHarness({ deps: { pool } });
      try {
        const socket = connect(counted.port, '127.0.0.1').pause();
        socket.write(`GET ${paths.report(id, format)} HTTP/1.1\r\nHost: x\r\n\r\n`);
        // Some megabytes fit into the buffers of the two sockets; after that no page is requested, however many
        // others are.
        await vi.waitFor(async () => {
          const before = pages;
          for (let n = 0; n < 1_000; n++) await harness.pool.query('select 1');
          expect(pages).toBe(before);
          expect(pages).toBeGreaterThan(0);
        });
        expect(pages).toBeLessThan(PAGES / 2);
        const held = pages;
        socket.destroy();
        const ended = `csvjobs_http_requests_total{method="GET",route="${paths.report(':id', format)}",status="200"} 1`;
        await vi.waitFor(async () =>
          expect(await (await fetch(counted.url + paths.metrics)).text()).toContain(ended),
        );
        expect(pages).toBeLessThanOrEqual(held + 1);
        const whole = await buffer((await fetch(counted.url + paths.report(id, format))).body!);
        expect(whole.length).toBeGreaterThan(PAGES * 1_000_000);
      } finally {
        await counted.stop();
      }
    },
  );
});
