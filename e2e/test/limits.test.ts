/** Each limit of the real daemon, set by its variable, is answered with a problem that names it. */
import { readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type Job, type Problem, paths, problemSchema, uploadedSchema } from '@csvjobs/shared';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { RunningDaemon } from '../support/daemon.js';
import { openPlace, type Place } from '../support/place.js';

const CSV = 'name,email,company\nAda,ada@example.com,Engines\n';

let place: Place;
let daemon: RunningDaemon;

beforeAll(async () => {
  place = await openPlace();
  daemon = await place.start({
    MAX_UPLOAD_BYTES: '100000',
    MAX_DECODED_BYTES: '200000',
    MAX_RECORD_BYTES: '1000',
    UPLOAD_IDLE_TIMEOUT: '3000',
    MAX_UPLOADS: '1',
    MAX_STREAMS: '1',
    MAX_HEADERS: '30',
    MAX_HEADER_BYTES: '4000',
  });
});
afterAll(() => place?.close());

function send(content: string | Uint8Array, url = daemon.url): Promise<Response> {
  const form = new FormData();
  form.set('file', new File([content as Uint8Array<ArrayBuffer>], 'customers.csv'));
  return fetch(url + paths.upload, { method: 'POST', body: form });
}

/** A problem answer and its Retry-After. */
async function refused(response: Response): Promise<Problem & { retryAfter: string | null }> {
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  const problem = problemSchema.parse(await response.json());
  expect(problem.status).toBe(response.status);
  return { ...problem, retryAfter: response.headers.get('retry-after') };
}

test.each([
  ['a body', 'MAX_UPLOAD_BYTES', 'file_too_large', CSV + 'x'.repeat(100_000)],
  [
    'a size once decompressed',
    'MAX_DECODED_BYTES',
    'decompressed_too_large',
    gzipSync(CSV + '\n'.repeat(200_000)),
  ],
  ['a header', 'MAX_RECORD_BYTES', 'header_invalid', `${'name,email,company,'.padEnd(2_000, 'x')}\n${CSV}`],
])('%s beyond %s is %s, and nothing is left', async (_, variable, code, content) => {
  const problem = await refused(await send(content));
  expect(problem.code).toBe(code);
  expect(problem.detail).toMatch(new RegExp(`${variable}|1000 bytes`));
  expect((await place.database.pool.query('select from jobs')).rowCount).toBe(0);
});

test('a record beyond MAX_RECORD_BYTES is rejected, the others are loaded', async () => {
  const { jobId } = uploadedSchema.parse(await (await send(`${CSV}${'y'.repeat(2_000)},b@x.org,c\n`)).json());
  const job = async () => (await (await fetch(daemon.url + paths.job(jobId))).json()) as Job;
  await expect.poll(async () => (await job()).status).toBe('completed');
  expect(await job()).toMatchObject({ successCount: 1, failedCount: 1 });
  expect((await job()).errors[0]!.message).toContain('1000 bytes');
});

test('an upload silent for UPLOAD_IDLE_TIMEOUT, and one beyond MAX_UPLOADS in the meantime', async () => {
  const socket = connect(Number(new URL(daemon.url).port), '127.0.0.1').setEncoding('utf8');
  let answer = '';
  socket.on('data', (data) => {
    answer += data;
  });
  socket.write(
    `POST ${paths.upload} HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 9000\r\n\r\n--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n`,
  );
  // Sends a little now and then, until it blocks the other upload.
  const sending = setInterval(() => socket.write('x'), 50);
  await expect.poll(() => readdir(join(place.folder, 'uploads', 'incoming'))).toHaveLength(1);
  expect(await refused(await send(CSV))).toMatchObject({ code: 'too_many_uploads', retryAfter: '2' });
  clearInterval(sending);
  await expect.poll(() => answer).toMatch(/^HTTP\/1\.1 408 [\s\S]*"code":"request_timeout"/);
  socket.destroy();
});

test('streams beyond MAX_STREAMS', async () => {
  const open = await fetch(daemon.url + paths.allStreams);
  expect(await refused(await fetch(daemon.url + paths.allStreams))).toMatchObject({
    code: 'too_many_streams',
    retryAfter: '2',
  });
  await open.body!.cancel();
});

test('headers beyond MAX_HEADERS and MAX_HEADER_BYTES', async () => {
  const many = Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`x-${n}`, 'y']));
  expect(await refused(await fetch(daemon.url + paths.jobs, { headers: many }))).toMatchObject({
    code: 'headers_too_large',
  });
  const long = await fetch(daemon.url + paths.jobs, { headers: { 'x-long': 'y'.repeat(5_000) } });
  const problem = problemSchema.parse(await long.json());
  expect(problem).toMatchObject({ code: 'headers_too_large', status: 431 });
  expect(problem.detail).toContain('MAX_HEADER_BYTES');
});

test('requests beyond RATE_LIMIT, separately for each token and each address; jobs beyond MAX_QUEUED', async () => {
  const API_TOKEN = 'planted-token-of-the-limits';
  const own = await openPlace();
  onTestFinished(() => own.close());
  // There is no worker, so the first job stays in the queue.
  const strict = await own.start({ API_TOKEN, RATE_LIMIT: '4', MAX_QUEUED: '1' }, '--role', 'api');
  const headers = { Authorization: `Bearer ${API_TOKEN}` };
  const upload = () => {
    const form = new FormData();
    form.set('file', new File([CSV], 'customers.csv'));
    return fetch(strict.url + paths.upload, { method: 'POST', body: form, headers });
  };
  expect((await upload()).status).toBe(202);
  expect(await refused(await upload())).toMatchObject({ code: 'queue_full', retryAfter: '10' });
  for (let n = 0; n < 2; n++) expect((await fetch(strict.url + paths.jobs, { headers })).status).toBe(200);
  const beyond = await refused(await fetch(strict.url + paths.jobs, { headers }));
  expect(beyond.code).toBe('too_many_requests');
  expect(Number(beyond.retryAfter)).toBeGreaterThan(0);
  // Without a token the address counts: this one has sent no requests yet.
  for (let n = 0; n < 4; n++) expect((await fetch(strict.url + paths.jobs)).status).toBe(401);
  expect((await fetch(strict.url + paths.jobs)).status).toBe(429);
});
