import { request } from 'node:http';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { paths } from '@csvjobs/shared';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createAccess } from '../../src/access/access.js';
import { LONG } from '../support/form.js';
import { createDatabase } from '../support/postgres.js';
import { putFile } from '../support/putFile.js';
import {
  CSV,
  form,
  type HarnessOptions,
  makeJob,
  problemFrom,
  RawClient,
  startHarness,
  upload,
} from './harness.js';

async function started(options: HarnessOptions) {
  const harness = await startHarness(options);
  onTestFinished(() => harness.stop());
  return harness;
}

/** An upload that does not finish. */
function heldUpload(port: number, token?: string, more = 0): RawClient {
  const authorization = token === undefined ? '' : `Authorization: Bearer ${token}\r\n`;
  const part = '--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n';
  const length = part.length + CSV.length + 9 + more;
  const client = new RawClient(port);
  client.socket.write(
    `POST ${paths.upload} HTTP/1.1\r\nHost: x\r\n${authorization}Content-Type: multipart/form-data; boundary=b\r\nContent-Length: ${length}\r\n\r\n${part}${CSV}`,
  );
  return client;
}

test('too many headers are refused', async () => {
  const { url } = await started({ app: { maxHeaders: 20 } });
  const headers = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`x-${n}`, 'y']));
  const problem = await problemFrom(await fetch(url + paths.jobs, { headers }));
  expect(problem).toMatchObject({ code: 'headers_too_large', status: 431 });
  expect(problem.detail).toContain('MAX_HEADERS');
  expect((await fetch(url + paths.jobs)).status).toBe(200);
});

test('too large a request head is refused before there is a request', async () => {
  const { port } = await started({ server: { maxHeaderBytes: 2_000 } });
  const client = new RawClient(port);
  client.socket.write(`GET ${paths.jobs} HTTP/1.1\r\nHost: x\r\nX-Long: ${'y'.repeat(3_000)}\r\n\r\n`);
  await client.see(/431 Request Header[\s\S]*problem\+json[\s\S]*"code":"headers_too_large"/);
  await client.end();
});

test.each([
  ['a request that is not HTTP', 'nonsense\r\n\r\n', 'bad_request'],
  ['an incomplete head', 'GET / HTTP/1.1\r\nHost:', 'request_timeout'],
])('%s gets a problem too', async (_, bytes, code) => {
  const { port } = await started({ server: { headersMs: 1_000 } });
  const client = new RawClient(port);
  client.socket.write(bytes);
  await client.see(new RegExp(`problem\\+json[\\s\\S]*"code":"${code}"`));
  await client.end();
});

test('uploads beyond the limit are asked to retry later; a finished one makes room', async () => {
  const harness = await started({ app: { maxUploads: 1 } });
  const held = heldUpload(harness.port);
  await vi.waitFor(async () => expect(await harness.files()).toHaveLength(1));
  const refused = await upload(harness);
  expect(refused.headers.get('retry-after')).toBe('2');
  expect(await problemFrom(refused)).toMatchObject({ code: 'too_many_uploads', status: 429 });
  held.socket.write('\r\n--b--\r\n');
  await held.see('202 Accepted');
  expect((await upload(harness)).status).toBe(202);
  // A broken upload frees its place too.
  const broken = heldUpload(harness.port);
  await vi.waitFor(async () => expect(await harness.files()).toHaveLength(3));
  broken.socket.destroy();
  await vi.waitFor(async () => expect((await upload(harness)).status).toBe(202));
});

test('slow uploads of one token leave room for those of others', async () => {
  const database = await createDatabase();
  onTestFinished(() => database.drop());
  const { pool } = database;
  const tokens = ['the-first-of-two-tokens', 'the-second-of-two-tokens'];
  const known = tokens.map((token, n) => ({ name: `token ${n}`, token }));
  const access = createAccess({ pool, known, anonymous: 'never' });
  const harness = await started({ app: { maxUploads: 8 }, deps: { pool, access } });
  const [hog, other] = tokens as [string, string];
  const held = Array.from({ length: 8 }, () => heldUpload(harness.port, hog));
  const refused = () => held.filter(({ text }) => /429 Too Many[\s\S]*too_many_uploads/.test(text));
  await vi.waitFor(() => expect(refused()).toHaveLength(2));
  expect((await upload(harness, form(), { Authorization: `Bearer ${other}` })).status).toBe(202);
  const one = heldUpload(harness.port, other);
  await vi.waitFor(async () => expect(await harness.files()).toHaveLength(8));
  for (const { socket } of [...held, one]) socket.destroy();
  await vi.waitFor(async () => expect(await harness.files()).toHaveLength(1));
});

test('an upload that trickles is ended, a slow one is not', LONG, async () => {
  const windowMs = 2_000;
  const harness = await started({ app: { paceMs: windowMs } });
  const dripping = heldUpload(harness.port, undefined, 1_000_000);
  const drip = setInterval(() => dripping.socket.write('x'), 50);
  try {
    await dripping.see(/408 Request Timeout[\s\S]*"code":"upload_too_slow"/);
  } finally {
    clearInterval(drip);
  }
  await vi.waitFor(async () => expect(await harness.files()).toEqual([]));
  // Some 20 kB/s, where the minimum is 500 bytes/s.
  const slow = heldUpload(harness.port, undefined, 1_000_000);
  const row = 'Ada,ada@example.org,,Analytical\n'.repeat(20);
  for (const begun = performance.now(); performance.now() - begun < 2.5 * windowMs; ) {
    slow.socket.write(row);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  expect(slow.text).toBe('');
  slow.socket.destroy();
});

test('no more jobs are accepted than may be queued', async () => {
  const harness = await started({ app: { maxQueued: 2 } });
  expect((await upload(harness)).status).toBe(202);
  const last = await makeJob(harness.pool, { status: 'processing' });
  const refused = await upload(harness);
  expect(refused.headers.get('retry-after')).toBe('10');
  expect(await problemFrom(refused)).toMatchObject({ code: 'queue_full', status: 429 });
  expect(await harness.files()).toHaveLength(1);
  await harness.pool.query(`update jobs set status = 'completed' where id = $1`, [last.id]);
  expect((await upload(harness)).status).toBe(202);
});

test('the number of held jobs, including future ones, is limited', async () => {
  const harness = await started({ app: { maxHeld: 2 } });
  const held = { mode: '{"atomic": true, "hold": true}' };
  await makeJob(harness.pool, { status: 'processing', ...held });
  const other = await makeJob(harness.pool, { status: 'failed', ...held });
  await harness.pool.query(`update jobs set failure_code = 'hold_lost', failure_message = '' where id = $1`, [
    other.id,
  ]);
  await putFile(harness.storage, other.id, Readable.from([Buffer.from(CSV)]), { maxBytes: 99 });
  const retry = () => fetch(harness.url + paths.retry(other.id), { method: 'POST' });
  const holding = () => {
    const body = form();
    body.append('spec', JSON.stringify({ csvjobs: { hold: true } }));
    return upload(harness, body);
  };
  const { id } = await makeJob(harness.pool, { status: 'held', ...held });
  expect(await problemFrom(await retry())).toMatchObject({
    code: 'too_many_held',
    status: 409,
    detail: expect.stringContaining('MAX_HELD'),
  });
  expect((await problemFrom(await holding())).code).toBe('too_many_held');
  expect((await upload(harness)).status).toBe(202);
  await harness.pool.query(`update jobs set status = 'completed' where id = $1`, [id]);
  expect((await retry()).status).toBe(202);
});

test('requests beyond the rate limit are asked to wait, health checks are not', async () => {
  const { url } = await started({ app: { rateLimit: 3 } });
  for (let n = 0; n < 3; n++) expect((await fetch(url + paths.jobs)).status).toBe(200);
  const refused = await fetch(url + paths.jobs);
  const seconds = Number(refused.headers.get('retry-after'));
  expect(seconds).toBeGreaterThan(0);
  expect(seconds).toBeLessThanOrEqual(60);
  expect(await problemFrom(refused)).toMatchObject({ code: 'too_many_requests', status: 429 });
  expect((await fetch(url + paths.ready)).status).toBe(200);
});

test.each([
  ['two Host headers', 'Host: localhost\r\nHost: evil.example\r\n'],
  ['a header repeated in another case', 'Host: localhost\r\nHOST: localhost\r\n'],
  ['an invalid host', 'Host: a b\r\n'],
  ['a list', 'Host: localhost, evil.example\r\n'],
  ['a host with a user', 'Host: me@localhost\r\n'],
  ['a host with a path', 'Host: localhost/x\r\n'],
  ['an invalid port', 'Host: localhost:http\r\n'],
])('%s is refused (RFC 9112, section 3.2)', async (_, headers) => {
  const { port } = await started({});
  const client = new RawClient(port);
  client.socket.write(`GET ${paths.jobs} HTTP/1.1\r\n${headers}Connection: close\r\n\r\n`);
  await client.see(/^HTTP\/1.1 400 [\s\S]*problem\+json[\s\S]*"code":"bad_request"/);
  await client.end();
});

test.each([
  ['http://evil.example/api/jobs', /^HTTP\/1.1 421 /],
  ['http://localhost/api/jobs', /^HTTP\/1.1 200 /],
  ['http://localhost?limit=1', /^HTTP\/1.1 200 /],
  ['/api/jobs#x', /^HTTP\/1.1 400 /],
  ['//%@#', /^HTTP\/1.1 400 /],
  ['*', /^HTTP\/1.1 400 /],
])('the host in the target %s is checked, and an invalid target is refused', async (target, status) => {
  const { port } = await started({});
  const client = new RawClient(port);
  client.socket.write(`GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
  await client.see(status);
  await client.end();
});

test('large responses that wait for slow readers are bounded together; small ones are sent anyway', async () => {
  const harness = await started({ app: { maxAnswerBytes: 1_000_000 } });
  await harness.pool.query(
    `insert into jobs (id, filename, size_bytes, sha256, notices)
     select gen_random_uuid(), 'a.csv', 1, repeat('a', 64), jsonb_build_array(repeat('n', 1000)) from generate_series(1, 500)`,
  );
  // Each is some 900 kB: a few of them fill the buffers of the two sockets while nothing reads. One after the
  // other: of simultaneous requests all but one are refused, and refusals fill nothing.
  const slow = connect(harness.port, '127.0.0.1').pause();
  slow.on('error', () => {});
  onTestFinished(() => void slow.destroy());
  let answer: Response;
  do {
    slow.write(`GET ${paths.jobs} HTTP/1.1\r\nHost: x\r\n\r\n`);
    answer = await fetch(harness.url + paths.jobs);
    if (answer.status === 200) await answer.text();
  } while (answer.status === 200);
  expect(await problemFrom(answer)).toMatchObject({ code: 'unavailable', status: 503 });
  expect(answer.headers.get('retry-after')).toBe('2');
  expect((await fetch(`${harness.url}${paths.jobs}?limit=1`)).status).toBe(200);
  slow.destroy();
  await vi.waitFor(async () => expect((await fetch(harness.url + paths.jobs)).status).toBe(200));
});

test.each([
  ['localhost', 200],
  ['my.localhost:4000', 200],
  ['127.0.0.1:1', 200],
  ['[::1]:4000', 200],
  ['192.0.2.7', 200],
  ['CSV.example.org.:443', 200],
  ['evil.example', 421],
  ['localhost.evil.example', 421],
  ['csv.example.org.evil.example', 421],
])('for the host name %s it answers %i', async (host, status) => {
  const { port } = await started({ app: { allowedHosts: ['csv.example.org'] } });
  const answered = new Promise<number | undefined>((resolve, reject) => {
    request({ port, path: paths.jobs, headers: { Host: host } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
  expect(await answered).toBe(status);
});

test('pages of other origins may not write unless CORS allows it; for reads, the browser enforces this', async () => {
  const foreign = { Origin: 'http://elsewhere.example' };
  const closed = await started({});
  const problem = await problemFrom(await upload(closed, form(), foreign));
  expect(problem).toMatchObject({ code: 'origin_not_allowed', status: 403 });
  expect(await closed.files()).toEqual([]);
  expect(await problemFrom(await upload(closed, form(), { Origin: 'null' }))).toMatchObject({ status: 403 });
  expect((await upload(closed, form(), { Origin: closed.url })).status).toBe(202);
  expect((await fetch(closed.url + paths.jobs, { headers: foreign })).status).toBe(200);
  for (const corsOrigin of ['*', foreign.Origin]) {
    const open = await started({ app: { corsOrigin } });
    expect((await upload(open, form(), foreign)).status).toBe(202);
  }
});
