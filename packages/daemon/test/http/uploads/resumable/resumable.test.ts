/** Uploads in pieces over tus 1.0: what a client may rely on, one request after the other. */
import { createHash } from 'node:crypto';
import {
  paths,
  resumableUploadSchema,
  UPLOADED_JOB_HEADER,
  type Uploaded,
  uploadedSchema,
} from '@csvjobs/shared';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { createAccess } from '../../../../src/access/access.js';
import type { AppDeps } from '../../../../src/http/deps.js';
import { sweepUploads } from '../../../../src/resumable.js';
import { deleteJob } from '../../../../src/sql/deletedJobs.js';
import { findJob } from '../../../../src/sql/jobs.js';
import { LONG } from '../../../support/form.js';
import {
  CSV,
  form,
  GATE,
  type Harness,
  problemFrom,
  RawClient,
  startHarness,
  upload,
} from '../../harness.js';
import { create, end, head, look, metadataOf, patch } from './tus.js';

let harness: Harness;

beforeAll(async () => {
  harness = await startHarness({ app: { corsOrigin: 'https://app.example' } });
});
afterAll(() => harness.stop());
afterEach(async () => {
  await harness.pool.query('truncate resumable_uploads; delete from jobs');
});

/** Begins an upload; returns its path. */
async function begin(...args: Parameters<typeof create> extends [unknown, ...infer Rest] ? Rest : never) {
  const response = await create(harness, ...args);
  expect(response.status, await response.clone().text()).toBe(201);
  const path = response.headers.get('location')!;
  expect(path).toMatch(/^\/api\/uploads\/[0-9a-f-]{36}$/);
  return path;
}

const offsetOf = async (path: string) => Number((await head(harness, path)).headers.get('upload-offset'));

/** Sends the first 20 bytes of a body that is the whole file, and waits until the daemon has them. */
async function startPatch(path: string): Promise<RawClient> {
  const client = new RawClient(harness.port);
  client.socket.write(
    `PATCH ${path} HTTP/1.1\r\nHost: localhost\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\n` +
      `Content-Type: application/offset+octet-stream\r\nContent-Length: ${CSV.length}\r\n\r\n${CSV.slice(0, 20)}`,
  );
  await vi.waitFor(async () => expect(await offsetOf(path)).toBe(20));
  return client;
}

async function uploadedAs(path: string): Promise<Uploaded | null> {
  const response = await look(harness, path);
  return resumableUploadSchema.parse(await response.json()).uploaded;
}

test('pieces become one file and one job, with the same id, name, size and hash', async () => {
  const path = await begin(CSV.length, { filename: '../bücher.csv' });
  expect(await uploadedAs(path)).toBeNull();
  for (let at = 0; at < CSV.length; at += 10) {
    const response = await patch(harness, path, at, CSV.slice(at, at + 10));
    expect(response.status).toBe(204);
    const next = Math.min(CSV.length, at + 10);
    expect(response.headers.get('upload-offset')).toBe(String(next));
    expect(response.headers.get('tus-resumable')).toBe('1.0.0');
    expect(response.headers.has('upload-expires')).toBe(next < CSV.length);
    expect(response.headers.has(UPLOADED_JOB_HEADER)).toBe(next === CSV.length);
  }
  const id = path.slice(paths.uploads.length + 1);
  expect(await uploadedAs(path)).toEqual({ jobId: id, earlier: null, table: 'customers' });
  expect((await head(harness, path)).headers.get(UPLOADED_JOB_HEADER)).toBe(id);
  expect(await findJob(harness.pool, id)).toMatchObject({
    filename: 'bücher.csv',
    status: 'pending',
    sizeBytes: CSV.length,
    sha256: createHash('sha256').update(CSV).digest('hex'),
  });
  expect(harness.queued).toContain(id);
  expect(await harness.files()).toContain(id);
  expect(await harness.files()).not.toContain(`${id}.part`);
});

test('creation with the whole file, and the last byte again: one job', async () => {
  const response = await create(harness, CSV.length, undefined, {}, CSV);
  expect(response.status).toBe(201);
  const job = response.headers.get(UPLOADED_JOB_HEADER);
  const path = response.headers.get('location')!;
  const again = await patch(harness, path, CSV.length, '');
  expect(again.status).toBe(204);
  expect(again.headers.get(UPLOADED_JOB_HEADER)).toBe(job);
  expect(await harness.jobs()).toBe(1);
});

test('HEAD returns the offset and the metadata', async () => {
  const metadata = { filename: 'a,b.csv', delimiter: ';' };
  const path = await begin(100, metadata);
  const response = await head(harness, path);
  expect(response.status).toBe(200);
  expect(response.headers.get('upload-offset')).toBe('0');
  expect(response.headers.get('upload-length')).toBe('100');
  expect(response.headers.get('upload-metadata')).toBe(metadataOf(metadata));
  expect(response.headers.get('cache-control')).toBe('no-store');
});

test('OPTIONS lists the supported parts of tus', async () => {
  const response = await fetch(harness.url + paths.uploads, { method: 'OPTIONS' });
  expect(response.status).toBe(204);
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'tus-version': '1.0.0',
    'tus-extension': 'creation,creation-with-upload,termination,expiration,checksum',
    'tus-max-size': String(GATE.maxUploadBytes),
    'tus-checksum-algorithm': 'sha1,sha256,md5',
  });
});

test('pages of the configured origin can read the headers they need, and may PATCH', async () => {
  const origin = { Origin: 'https://app.example' };
  const response = await create(harness, 10, undefined, origin);
  expect(response.headers.get('access-control-allow-origin')).toBe('https://app.example');
  const exposed = response.headers.get('access-control-expose-headers')!.toLowerCase();
  for (const name of ['location', 'upload-offset', 'upload-length', 'tus-resumable', UPLOADED_JOB_HEADER])
    expect(exposed.split(', ')).toContain(name);
  const preflight = await fetch(harness.url + response.headers.get('location')!, {
    method: 'OPTIONS',
    headers: {
      ...origin,
      'Access-Control-Request-Method': 'PATCH',
      'Access-Control-Request-Headers': 'tus-resumable',
    },
  });
  expect(preflight.status).toBe(204);
  expect(preflight.headers.get('access-control-allow-methods')).toContain('PATCH');
  const foreign = await patch(harness, response.headers.get('location')!, 0, 'x', {
    Origin: 'https://evil.example',
  });
  expect(await problemFrom(foreign)).toMatchObject({ code: 'origin_not_allowed' });
});

test.each([
  ['another offset', 5, {}, 'upload_offset_conflict'],
  ['another type', 0, { 'Content-Type': 'text/csv' }, 'bad_request'],
  ['an unknown checksum', 0, { 'Upload-Checksum': 'crc32 AAAA' }, 'bad_request'],
])('a piece with %s is refused, and the offset stays', async (_, offset, headers, code) => {
  const path = await begin(CSV.length);
  expect(await problemFrom(await patch(harness, path, offset, CSV.slice(0, 7), headers))).toMatchObject({
    code,
  });
  expect(await offsetOf(path)).toBe(0);
});

test.each([
  ['no version', {}],
  ['an old version', { 'Tus-Resumable': '0.2.2' }],
  ['a later version', { 'Tus-Resumable': '2.0.0' }],
  ['text instead of a version', { 'Tus-Resumable': 'yes' }],
])('a request with %s of tus is refused with the required version', async (_, headers) => {
  const path = await begin(CSV.length);
  for (const [method, to] of [
    ['POST', paths.uploads],
    ['HEAD', path],
    ['PATCH', path],
    ['DELETE', path],
    ['DELETE', `${paths.uploads}/unknown`],
  ] as const) {
    const response = await fetch(harness.url + to, { method, headers });
    expect([method, response.status]).toEqual([method, 412]);
    expect(response.headers.get('tus-version')).toBe('1.0.0');
    expect(response.headers.get('tus-resumable')).toBe('1.0.0');
    if (method !== 'HEAD')
      expect(await problemFrom(response)).toMatchObject({ code: 'tus_version_unsupported' });
  }
  expect(await offsetOf(path)).toBe(0);
  const options = await fetch(harness.url + paths.uploads, { method: 'OPTIONS', headers });
  expect(options.status).toBe(204);
});

test('a correct checksum is accepted; a wrong one leaves the offset', async () => {
  const path = await begin(CSV.length);
  const sum = (algorithm: string, text: string) => ({
    'Upload-Checksum': `${algorithm} ${createHash(algorithm).update(text).digest('base64')}`,
  });
  const wrong = await patch(harness, path, 0, CSV.slice(0, 20), sum('sha1', 'something else'));
  expect(await problemFrom(wrong)).toMatchObject({ code: 'checksum_mismatch', status: 460 });
  expect(await offsetOf(path)).toBe(0);
  const first = await patch(harness, path, 0, CSV.slice(0, 20), sum('sha256', CSV.slice(0, 20)));
  expect(first.headers.get('upload-offset')).toBe('20');
  const rest = await patch(harness, path, 20, CSV.slice(20), sum('md5', CSV.slice(20)));
  expect(rest.headers.get(UPLOADED_JOB_HEADER)).toMatch(/^[0-9a-f-]{36}$/);
});

test.each<[string, { length?: number; metadata?: Record<string, string> }, string]>([
  ['is too large', { length: GATE.maxUploadBytes + 1 }, 'file_too_large'],
  ['is empty', { length: 0 }, 'file_empty'],
  ['goes into no table', { metadata: { into: 'nowhere.to_be_found' } }, 'table_not_found'],
  ['has an unknown metadata key', { metadata: { inot: 'customers' } }, 'bad_request'],
  ['has an invalid spec', { metadata: { spec: '{' } }, 'spec_invalid'],
  ['fixes an unknown job', { metadata: { fixes: 'x' } }, 'job_not_found'],
  ['has an invalid value of once', { metadata: { once: 'maybe' } }, 'bad_request'],
])('an upload that %s is refused before a byte is sent', async (_, { length = 10, metadata = {} }, code) => {
  const before = await harness.files();
  const response = await create(harness, length, metadata);
  expect(await problemFrom(response)).toMatchObject({ code });
  expect(await harness.files()).toEqual(before);
  const { rows } = await harness.pool.query('select from resumable_uploads');
  expect(rows).toHaveLength(0);
});

test('a bad header is refused as soon as it has arrived, in the words of the plain upload; nothing is stored', async () => {
  const bad = `a,b\n${'1,2\n'.repeat(100_000)}`;
  const plain = await problemFrom(await upload(harness, form(bad)));
  const path = await begin(bad.length);
  const id = path.slice(paths.uploads.length + 1);
  const client = new RawClient(harness.port);
  client.socket.write(
    `PATCH ${path} HTTP/1.1\r\nHost: localhost\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\n` +
      `Content-Type: application/offset+octet-stream\r\nContent-Length: ${bad.length}\r\n\r\n`,
  );
  // Not the rest: the response is already there.
  client.socket.write(bad.slice(0, 150_000));
  await client.see(/^HTTP\/1\.1 422/);
  client.socket.destroy();
  const again = await problemFrom(await patch(harness, path, 0, bad.slice(0, 10)));
  const { detail, code } = plain;
  expect(again).toMatchObject({ code, detail });
  expect((await look(harness, path)).status).toBe(422);
  await vi.waitFor(async () => expect(await harness.files()).not.toContain(`${id}.part`));
  expect(await harness.jobs()).toBe(0);
  expect((await end(harness, path)).status).toBe(204);
  expect((await head(harness, path)).status).toBe(404);
});

test('first bytes that arrive in several requests are checked as soon as they suffice', async () => {
  const bad = `a,b\n${'1,2\n'.repeat(100_000)}`;
  const path = await begin(bad.length);
  expect((await patch(harness, path, 0, bad.slice(0, 70_000))).status).toBe(204);
  const problem = await problemFrom(await patch(harness, path, 70_000, bad.slice(70_000, 140_000)));
  expect(problem).toMatchObject({ code: 'header_invalid' });
});

test('a small file with a bad header is refused at its end, and stays refused', async () => {
  const bad = 'a,b\n1,2\n';
  const plain = await problemFrom(await upload(harness, form(bad)));
  const path = await begin(bad.length);
  const { code, detail } = plain;
  expect(await problemFrom(await patch(harness, path, 0, bad))).toMatchObject({ code, detail });
  expect(await problemFrom(await look(harness, path))).toMatchObject({ code, detail });
});

test('a cancelled upload is gone, a job is not', async () => {
  const path = await begin(CSV.length);
  await patch(harness, path, 0, 'name');
  expect((await end(harness, path)).status).toBe(204);
  expect((await head(harness, path)).status).toBe(404);
  const done = await begin(CSV.length);
  await patch(harness, done, 0, CSV);
  expect(await problemFrom(await end(harness, done))).toMatchObject({ code: 'job_state_conflict' });
  expect(await harness.files()).toContain(done.slice(paths.uploads.length + 1));
});

test('an upload whose job was deleted is gone: a client that missed the answer starts again', async () => {
  const path = await begin(CSV.length);
  const id = (await patch(harness, path, 0, CSV)).headers.get(UPLOADED_JOB_HEADER)!;
  expect((await head(harness, path)).status).toBe(200);
  await harness.pool.query(`update jobs set status = 'completed', completed_at = now() where id = $1`, [id]);
  expect(await deleteJob(harness.pool, id)).toBe(true);
  expect(await problemFrom(await look(harness, path))).toMatchObject({ code: 'upload_not_found' });
});

test('one Idempotency-Key is one job, across both kinds of upload', async () => {
  const key = { 'Idempotency-Key': 'the same' };
  const { jobId } = uploadedSchema.parse(await (await upload(harness, form(), key)).json());
  const path = await begin(CSV.length, {}, key);
  const response = await patch(harness, path, 0, CSV);
  expect(response.headers.get(UPLOADED_JOB_HEADER)).toBe(jobId);
  expect(await harness.jobs()).toBe(1);
  await vi.waitFor(async () =>
    expect(await harness.files()).not.toContain(path.slice(paths.uploads.length + 1)),
  );
  const other = await begin(CSV.length + 1, {}, key);
  expect(await problemFrom(await patch(harness, other, 0, `${CSV}\n`))).toMatchObject({
    code: 'idempotency_conflict',
  });
});

test('once: the same file again returns the job that loaded it', async () => {
  const first = await begin(CSV.length);
  const jobId = (await patch(harness, first, 0, CSV)).headers.get(UPLOADED_JOB_HEADER)!;
  await harness.pool.query(`update jobs set status = 'completed', completed_at = now()`);
  const again = await begin(CSV.length, { once: 'true' });
  await patch(harness, again, 0, CSV);
  expect(await uploadedAs(again)).toMatchObject({ jobId, earlier: { jobId } });
});

test('of two at once, one writes, the other is refused, and nothing is doubled', async () => {
  const path = await begin(CSV.length);
  const first = await startPatch(path);
  const second = await patch(harness, path, 20, CSV.slice(20));
  expect(second.headers.get('retry-after')).toBe('2');
  expect(await problemFrom(second)).toMatchObject({
    code: 'upload_locked',
    status: 423,
    // The other one may be of the same client: its connection broke, or its daemon was restarted.
    detail: expect.stringMatching(/^an earlier request of this upload .* or another client .* in a moment/),
  });
  first.socket.write(CSV.slice(20));
  await first.see(/^HTTP\/1\.1 204/);
  first.socket.destroy();
  const { jobId = '' } = (await uploadedAs(path)) ?? {};
  expect((await findJob(harness.pool, jobId))?.sha256).toBe(createHash('sha256').update(CSV).digest('hex'));
});

test('a silent request gives way to the one that continues', LONG, async () => {
  const path = await begin(CSV.length);
  const first = await startPatch(path);
  await vi.waitFor(async () => expect((await patch(harness, path, 20, CSV.slice(20))).status).toBe(204));
  await first.see(/^HTTP\/1\.1 423/);
  expect(await uploadedAs(path)).not.toBeNull();
});

test('a broken connection keeps its bytes, and the upload continues there', async () => {
  const path = await begin(CSV.length);
  const client = new RawClient(harness.port);
  client.socket.write(
    `PATCH ${path} HTTP/1.1\r\nHost: localhost\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\n` +
      `Content-Type: application/offset+octet-stream\r\nContent-Length: ${CSV.length}\r\n\r\n${CSV.slice(0, 20)}`,
  );
  await vi.waitFor(async () => expect(await offsetOf(path)).toBe(20));
  client.socket.destroy();
  await vi.waitFor(async () => expect((await patch(harness, path, 20, CSV.slice(20))).status).toBe(204));
  expect(await uploadedAs(path)).not.toBeNull();
});

test('more bytes than announced are refused, with or without a Content-Length', async () => {
  const path = await begin(20);
  expect((await patch(harness, path, 0, CSV.slice(0, 10))).status).toBe(204);
  expect(await problemFrom(await patch(harness, path, 10, CSV.slice(10)))).toMatchObject({
    code: 'bad_request',
  });
  const client = new RawClient(harness.port);
  const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;
  client.socket.write(
    `PATCH ${path} HTTP/1.1\r\nHost: localhost\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 10\r\n` +
      `Content-Type: application/offset+octet-stream\r\nTransfer-Encoding: chunked\r\n\r\n${chunk(CSV.slice(10))}0\r\n\r\n`,
  );
  await client.see(/^HTTP\/1\.1 400/);
  client.socket.destroy();
  expect(await harness.jobs()).toBe(0);
});

test('expired uploads are swept with their bytes; complete ones, or ones being written, stay', async () => {
  const [old, fresh] = [await begin(CSV.length), await begin(CSV.length)];
  for (const path of [old, fresh]) await patch(harness, path, 0, CSV.slice(0, 20));
  const done = await begin(CSV.length);
  const jobId = (await patch(harness, done, 0, CSV)).headers.get(UPLOADED_JOB_HEADER)!;
  const busy = await begin(CSV.length);
  await harness.pool.query(
    `update resumable_uploads set expires_at = now() - interval '1 s',
       lease = case when id = $1 then gen_random_uuid() end, leased_until = now() + interval '1 min'
     where id <> $2`,
    [busy.split('/').at(-1), fresh.split('/').at(-1)],
  );
  expect((await head(harness, old)).status).toBe(404);
  expect(await sweepUploads(harness.pool, harness.storage)).toBe(2);
  const files = await harness.files();
  expect(files).not.toContain(`${old.split('/').at(-1)}.part`);
  expect(files).toContain(`${fresh.split('/').at(-1)}.part`);
  expect(files).toContain(`${busy.split('/').at(-1)}.part`);
  expect(files).toContain(jobId);
});

test('an upload belongs to its token: another one, even an admin’s, cannot see, continue or end it', async () => {
  const known = ['first', 'second'].map((name) => ({ name, token: `the-token-of-the-${name}` }));
  const access = createAccess({ pool: harness.pool, known, anonymous: 'never' });
  const locked = await startHarness({ deps: { access } });
  const [mine, other] = known.map(({ token }) => ({ Authorization: `Bearer ${token}` }));
  try {
    const path = (await create(locked, CSV.length, undefined, mine)).headers.get('location')!;
    expect((await head(locked, path, other)).status).toBe(404);
    for (const response of [
      await look(locked, path, other),
      await patch(locked, path, 0, CSV, other),
      await end(locked, path, other),
    ])
      expect(await problemFrom(response)).toMatchObject({ code: 'upload_not_found' });
    expect((await patch(locked, path, 0, CSV, mine)).status).toBe(204);
    expect((await look(locked, path, other)).status).toBe(404);
  } finally {
    await locked.stop();
  }
});

test('a token for some tables cannot begin an upload into others, not even through a spec', async () => {
  const access = async () => ({
    name: 'shop',
    scope: 'write' as const,
    tables: [{ schema: ['shop'], name: ['', ''] }],
  });
  const locked = await startHarness({ deps: { access: access as unknown as AppDeps['access'] } });
  try {
    for (const metadata of [{}, { into: 'customers' }, { spec: '{"csvjobs":{"into":"customers"}}' }])
      expect(await problemFrom(await create(locked, 10, metadata as Record<string, string>))).toMatchObject({
        code: 'table_not_allowed',
      });
  } finally {
    await locked.stop();
  }
});
