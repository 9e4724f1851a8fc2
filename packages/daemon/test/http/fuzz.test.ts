/**
 * Random requests from fixed seeds: whatever path, query, headers or body a client sends, the daemon answers
 * with a reason, never with 500, and keeps running.
 */
import { connect } from 'node:net';
import { paths, REPORT_FORMATS } from '@csvjobs/shared';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sized, sizedIf } from '../support/form.js';
import { countRejects, type Harness, makeJob, processed, startHarness } from './harness.js';

let harness: Harness;
let ids: string[];

beforeAll(async () => {
  // Open without a token, whatever tokens are created meanwhile.
  const access = async () => ({ name: 'anonymous', scope: 'admin', tables: null }) as const;
  harness = await startHarness({ app: { lingerMs: 50, maxStreams: 10_000 }, deps: { access } });
  const ended = await makeJob(harness.pool, { ...processed(100, 'failed'), completed_at: '2026-01-01' });
  await harness.pool.query(
    `insert into job_errors (job_id, row_number, line, code, message, row) values ($1, 1, 2, 'required', 'm', '{"name":"x"}')`,
    [ended.id],
  );
  await countRejects(harness.pool, ended.id);
  ids = [ended.id, (await makeJob(harness.pool, processed(10))).id];
});
afterAll(() => harness.stop());

/** Bytes that Node accepts in a request target; it refuses the others before there is a request. */
const targetText = fc.oneof(
  fc.string({ unit: fc.constantFrom(...'%0aE4.zf/\\?&=#[]+-_~:;|,"\'<>{}^`@!$*()') }),
  fc.string().map(encodeURIComponent),
  fc.webFragments(),
  fc.constantFrom(
    '%00',
    '%',
    '%zz',
    '%C0%80',
    '..',
    '%2e%2e',
    '%ff',
    '9'.repeat(400),
    'constructor',
    '__proto__',
  ),
);

const id = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(0, 1).map((n) => ids[n]!) },
  fc.uuid(),
  targetText.map((text) => text.replaceAll(/[/?#]/g, '') || 'x'),
);
const path = fc.oneof(
  fc.constantFrom(
    '*',
    'http://',
    'http://localhost',
    'http://[',
    'http://a@b/api/jobs',
    `http://127.0.0.1${paths.jobs}`,
  ),
  fc.constantFrom(
    paths.jobs,
    paths.upload,
    paths.allStreams,
    paths.tables,
    paths.tokens,
    paths.description,
    paths.metrics,
    paths.alive,
    paths.ready,
  ),
  id.chain((each) =>
    fc.constantFrom(
      paths.job(each),
      paths.stream(each),
      ...REPORT_FORMATS.map((format) => paths.report(each, format)),
      paths.cancel(each),
      paths.retry(each),
      paths.token(each),
    ),
  ),
  targetText.map((text) => `/${text}`),
  targetText.filter((text) => /\S/.test(text)),
);

const number = fc.oneof(
  fc.integer().map(String),
  fc.bigInt().map(String),
  fc.double().map(String),
  fc.constantFrom('', '-0', '1e3', '0x10', 'NaN', 'Infinity', '9'.repeat(15), '9'.repeat(30)),
);
const value = fc.oneof(
  number,
  fc.string().map(encodeURIComponent),
  targetText,
  fc.string().map((text) => Buffer.from(text).toString('base64url')),
  fc.constantFrom('true', 'failed', 'failed,completed', 'spreadsheet', 'utf-8', 'windows-1252', 'tab', ';'),
);
const query = fc
  .array(
    fc.tuple(
      fc.constantFrom(
        ...[
          'limit',
          'status',
          'summary',
          'cursor',
          'after',
          'safe',
          'encoding',
          'delimiter',
          'limit[]',
          '__proto__',
        ],
      ),
      value,
    ),
    { maxLength: 4 },
  )
  .map((pairs) => pairs.map((pair) => pair.join('=')).join('&'));

/** Bytes that a header may contain (RFC 9110, section 5.5), beyond ASCII too. */
const headerValue = fc.oneof(
  fc.string({ unit: 'grapheme-ascii', maxLength: 60 }),
  fc
    .uint8Array({ maxLength: 40 })
    .map((bytes) => Buffer.from(bytes.filter((byte) => byte > 0x1f && byte !== 0x7f)).toString('latin1')),
  value,
  fc.constantFrom(
    '*',
    'W/"x"',
    '"',
    'gzip;q=NaN',
    'gzip, , ;',
    'bytes=0-',
    'Bearer ',
    'Bearer \u00ff',
    'null',
  ),
);
const headers = fc.array(
  fc.tuple(
    fc.constantFrom(
      ...[
        'Accept',
        'Accept-Encoding',
        'Authorization',
        'Content-Type',
        'Cookie',
        'Expect',
        'Idempotency-Key',
      ],
      ...[
        'If-Match',
        'If-Modified-Since',
        'If-None-Match',
        'Last-Event-ID',
        'Origin',
        'Range',
        'X-Request-Id',
      ],
      ...['X-Forwarded-For', 'X-Forwarded-Host', 'X-HTTP-Method-Override', 'Access-Control-Request-Method'],
    ),
    headerValue,
  ),
  { maxLength: 4 },
);
const body = fc.oneof(
  fc.constant({ type: '', text: '' }),
  fc.json().map((text) => ({ type: 'application/json', text })),
  fc
    .record(
      {
        name: fc.oneof(fc.string(), fc.constantFrom('\0', 'ok', 'x'.repeat(300))),
        scope: value,
        digest: value,
      },
      { requiredKeys: [] },
    )
    .map((token) => ({ type: 'application/json', text: JSON.stringify(token) })),
  fc.string().map((text) => ({ type: 'application/json', text })),
  fc.string().map((text) => ({ type: 'multipart/form-data; boundary=b', text })),
  fc.tuple(headerValue, headerValue, fc.string()).map(([disposition, type, text]) => ({
    type: 'multipart/form-data; boundary=b',
    text: `--b\r\nContent-Disposition: form-data; ${disposition}\r\nContent-Type: ${type}\r\n\r\n${text}\r\n--b--\r\n`,
  })),
  fc.tuple(fc.string(), fc.string()).map(([filename, text]) => ({
    type: 'multipart/form-data; boundary=b',
    text: `--b\r\nContent-Disposition: form-data; name="file"; filename="${filename}"\r\n\r\nname,email,company\n${text}\r\n--b--\r\n`,
  })),
);

/** Sends a raw request; resolves with the status as soon as it arrives. */
function send(method: string, target: string, head: readonly (readonly [string, string])[], content: string) {
  const bytes = Buffer.from(content);
  const lines = [
    `${method} ${target} HTTP/1.1`,
    'Host: 127.0.0.1',
    ...head.map(([name, text]) => `${name}: ${text}`),
    ...(bytes.length > 0 ? [`Content-Length: ${bytes.length}`] : []),
    'Connection: close',
  ];
  return new Promise<number>((resolve, reject) => {
    const socket = connect(harness.port, '127.0.0.1');
    let text = '';
    socket.setTimeout(120_000, () => socket.destroy(new Error(`no answer to ${JSON.stringify(lines)}`)));
    socket.on('data', (data) => {
      text += data.toString('latin1');
      // After "100 Continue" the real response is still to come.
      const status = [...text.matchAll(/^HTTP\/1\.1 (\d+)[\s\S]*?\r\n\r\n/gm)].at(-1)?.[1];
      if (status === undefined || status === '100') return;
      resolve(Number(status));
      socket.destroy();
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error(`closed without an answer to ${JSON.stringify(lines)}`)));
    socket.write(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), bytes]));
  });
}

const method = fc.constantFrom(
  'GET',
  'GET',
  'GET',
  'POST',
  'DELETE',
  'HEAD',
  'OPTIONS',
  'PUT',
  'PATCH',
  'PROPFIND',
);

for (const seed of [1, 2, 3, 4])
  test(`no request is answered with 500 (seed ${seed})`, sizedIf(seed <= 2), async () => {
    const statuses = new Map<number, number>();
    const property = fc.asyncProperty(
      method,
      path,
      query,
      headers,
      body,
      async (verb, where, asked, head, { type, text }) => {
        const typed: [string, string][] = type === '' ? [] : [['Content-Type', type]];
        const target = (asked === '' ? where : `${where}?${asked}`).replaceAll(/[^!-~]/g, '');
        const status = await send(verb, target, [...typed, ...head], verb === 'GET' ? '' : text);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        expect(status).not.toBe(500);
      },
    );
    await fc.assert(property, { seed, numRuns: sized(130, 400) });
    expect(harness.logged().filter(({ msg }) => msg === 'request failed')).toEqual([]);
    // The requests got past authentication.
    for (const each of [200, 400, 404, 405]) expect([...statuses.keys()]).toContain(each);
  });
