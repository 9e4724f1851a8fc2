/** Faults of S3, or of the connection to it, as produced by the imitation. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { readiness } from '../../src/http/health.js';
import { sourceChunks } from '../../src/pipeline/sourceChunks.js';
import { s3Address } from '../../src/storage/s3/address.js';
import { openBucket } from '../../src/storage/s3/bucket.js';
import { continued } from '../../src/storage/s3/chunks.js';
import { multipartOf, partBytesFor } from '../../src/storage/s3/multipart.js';
import { objectsOf } from '../../src/storage/s3/objects.js';
import { createPartWriter } from '../../src/storage/s3/partWriter.js';
import { openS3Store, type S3StoreOptions } from '../../src/storage/s3/s3Store.js';
import { shareObject } from '../../src/storage/s3/share.js';
import type { S3Source } from '../../src/storage/source.js';
import type { Store } from '../../src/storage/store.js';
import { uploadBucketOf } from '../../src/storage/uploadBucket.js';
import { inShortIf, LONG } from '../support/form.js';
import { putFile } from '../support/putFile.js';
import {
  BUCKET,
  type Call,
  CREDENTIALS,
  type Imitation,
  READ_ONLY,
  startImitation,
} from '../support/s3/imitation.js';
import { bytesOf, streamOf } from './behaviour.js';

const MiB = 1024 * 1024;
const MOST = { maxBytes: 10e9 };

let server: Imitation;
let folder: string;
let options: S3StoreOptions;
let store: Store;
let id: string;

beforeAll(async () => {
  Object.assign(process.env, CREDENTIALS);
  server = await startImitation();
  folder = await mkdtemp(join(tmpdir(), 'csvjobs-s3-'));
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});
beforeEach(async () => {
  server.fault = () => undefined;
  server.calls = [];
  id = randomUUID();
  const prefix = `${randomUUID()}/`;
  options = { bucket: BUCKET, prefix, endpoint: server.url, workingFolder: folder, settleMs: 0 };
  store = await openS3Store(options);
});

const isRead = ({ method, key, query }: Call) =>
  method === 'GET' && key?.endsWith(id) && !query.has('uploadId');

async function readAll(source: S3Source, start = 0): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const chunk of sourceChunks(source, start)) parts.push(Buffer.from(chunk));
  return Buffer.concat(parts);
}

describe('reading', () => {
  test('resumes at the byte where the connection broke', async () => {
    const bytes = bytesOf(9 * MiB + 5);
    await putFile(store, id, streamOf(bytes), MOST);
    server.fault = (call) => (isRead(call) ? { cutAfter: 2 * MiB } : undefined);
    expect((await readAll((await store.source(id)) as S3Source, 7)).equals(bytes.subarray(7))).toBe(true);
    const ranges = server.calls.filter(isRead).map(({ headers }) => headers.range);
    expect(ranges.length).toBeGreaterThanOrEqual(5);
    expect(ranges[0]).toBe('bytes=7-');
    const etags = new Set(server.calls.filter(isRead).map(({ headers }) => headers['if-match']));
    expect([...etags]).toEqual([((await store.source(id)) as S3Source).etag]);
  });

  test('ends after a number of tries without data', async () => {
    await putFile(store, id, streamOf(bytesOf(100)), MOST);
    const source = (await store.source(id)) as S3Source;
    const objects = objectsOf(await openBucket(options), {});
    server.calls = [];
    server.fault = (call) => (isRead(call) ? { cutAfter: 0 } : undefined);
    const reading = continued(objects, source, 0, undefined, [1, 1, 1]);
    await expect(reading.next()).rejects.toMatchObject({
      code: 'unavailable',
      retryable: true,
      message: expect.stringContaining('unreachable'),
    });
    expect(server.calls.filter(isRead).length).toBe(4);
  });

  test('does not retry when access is denied', async () => {
    await putFile(store, id, streamOf(bytesOf(100)), MOST);
    const source = (await store.source(id)) as S3Source;
    server.calls = [];
    server.fault = (call) => (isRead(call) ? { status: 403, code: 'AccessDenied' } : undefined);
    await expect(readAll(source)).rejects.toMatchObject({ code: 'unavailable', message: /access denied/ });
    expect(server.calls.filter(isRead).length).toBe(1);
  });

  test('stopped in the middle requests nothing more', async () => {
    await putFile(store, id, streamOf(bytesOf(30 * MiB)), MOST);
    const source = (await store.source(id)) as S3Source;
    server.calls = [];
    for await (const _ of sourceChunks(source)) break;
    expect(server.calls.filter(isRead).length).toBe(1);
  });
});

describe('a commit whose response is lost', () => {
  test.each([
    ['of one part', 100, ({ method }: Call) => method === 'PUT'],
    ['of several parts', 20 * MiB, ({ method, query }: Call) => method === 'POST' && query.has('uploadId')],
  ])('%s is done once, and is not a failure', async (_, length, isCommit) => {
    const received = await store.receive(id, streamOf(bytesOf(length)), MOST);
    let lost = 0;
    server.fault = (call) => (isCommit(call) && lost++ === 0 ? 'lost' : undefined);
    await received.commit();
    expect(lost).toBeGreaterThan(1);
    expect((await store.stat(id)).sizeBytes).toBe(length);
  });

  test('that fails permanently leaves nothing', async () => {
    const received = await store.receive(id, streamOf(bytesOf(20 * MiB)), MOST);
    server.fault = ({ method, query }) =>
      method === 'POST' && query.has('uploadId') ? { status: 403, code: 'AccessDenied' } : undefined;
    await expect(received.commit()).rejects.toMatchObject({ code: 'unavailable' });
    server.fault = () => undefined;
    expect(await store.list()).toEqual([]);
    expect(await store.parts()).toEqual([]);
  });
});

describe('a failure has one clear message, in readiness and for an upload', () => {
  const ANSWERS = [
    [404, 'NoSuchBucket', 'wrong bucket'],
    [403, 'AccessDenied', 'access denied'],
    [403, 'InvalidAccessKeyId', 'credentials refused'],
    [403, 'SignatureDoesNotMatch', 'credentials refused'],
    [403, 'RequestTimeTooSkewed', 'wrong clock'],
    [301, 'PermanentRedirect', 'wrong region'],
    [503, 'SlowDown', 'busy'],
    [507, 'InsufficientStorage', 'no room'],
  ] as const;
  // The next test has the words for a busy store, which is asked again and again before they are said.
  for (const [status, code, word] of ANSWERS)
    test(`${status} ${code}: ${word}`, inShortIf(word !== 'busy'), async () => {
      server.fault = ({ method }) => (method === 'PUT' ? { status, code } : undefined);
      const failure = { retryable: true, message: expect.stringContaining(word) };
      await expect(store.health()).rejects.toMatchObject(failure);
      await expect(putFile(store, id, streamOf(bytesOf(9)), MOST)).rejects.toMatchObject(failure);
      await expect(putFile(store, id, streamOf(bytesOf(20 * MiB)), MOST)).rejects.toMatchObject(failure);
      await expect(store.health()).rejects.toMatchObject({
        message: expect.not.stringContaining(options.prefix),
      });
      server.fault = () => undefined;
      expect(await store.health()).toContain('can be read and written');
      expect([...(await store.list()), ...(await store.parts())]).toEqual([]);
    });

  test(
    'readiness names the reason of a busy store before its time is up; an upload has more patience',
    LONG,
    async () => {
      server.fault = () => ({ status: 503, code: 'SlowDown' });
      const { ready, checks } = await readiness({ store: store.health }, false);
      expect({ ready, checks }).toEqual({
        ready: false,
        checks: {
          store: { ok: false, message: expect.stringContaining('busy: the store asks to slow down') },
        },
      });
      // More attempts, with the SDK's backoff, may last longer than readiness waits.
      expect(server.calls).toHaveLength(2);
      let busy = 3;
      server.fault = () => (busy-- > 0 ? { status: 503, code: 'SlowDown' } : undefined);
      await putFile(store, id, streamOf(bytesOf(9)), MOST);
      expect(await store.list()).toHaveLength(1);
    },
  );

  const withEnvironment = (set: Record<string, string | undefined>) => {
    const before = { ...process.env };
    onTestFinished(() => {
      process.env = before;
    });
    process.env = { ...before, ...set };
    for (const [name, value] of Object.entries(set)) if (value === undefined) delete process.env[name];
  };

  test('read-only credentials', async () => {
    withEnvironment({ AWS_ACCESS_KEY_ID: READ_ONLY });
    const reader = await openS3Store(options);
    const denied = { code: 'unavailable', message: expect.stringContaining('access denied') };
    await expect(reader.health()).rejects.toMatchObject(denied);
    await expect(putFile(reader, id, streamOf(bytesOf(9)), MOST)).rejects.toMatchObject(denied);
    expect(await reader.list()).toEqual([]);
  });

  test('no credentials, until there are some', async () => {
    withEnvironment({
      ...{ AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined, AWS_PROFILE: undefined },
      ...{ AWS_EC2_METADATA_DISABLED: 'true', HOME: folder },
    });
    const without = await openS3Store(options);
    const none = { code: 'unavailable', message: expect.stringContaining('no credentials') };
    await expect(without.present()).rejects.toMatchObject(none);
    await expect(without.health()).rejects.toMatchObject(none);
    await expect(putFile(without, id, streamOf(bytesOf(9)), MOST)).rejects.toMatchObject(none);
    Object.assign(process.env, CREDENTIALS);
    await without.health();
  });

  test('an unreachable server', async () => {
    const gone = await startImitation();
    await gone.close();
    const away = await openS3Store({ ...options, endpoint: gone.url });
    const unreachable = { code: 'unavailable', message: expect.stringContaining('unreachable') };
    await expect(away.health()).rejects.toMatchObject(unreachable);
    await expect(away.source(id)).rejects.toMatchObject(unreachable);
  });

  test('a server that asks to slow down briefly is retried', LONG, async () => {
    let asked = 0;
    server.fault = () => (asked++ % 3 === 0 ? { status: 503, code: 'SlowDown' } : undefined);
    await putFile(store, id, streamOf(bytesOf(20 * MiB)), MOST);
    expect((await readAll((await store.source(id)) as S3Source)).equals(bytesOf(20 * MiB))).toBe(true);
  });
});

test('everything is encrypted as configured', async () => {
  const sse = await openS3Store({ ...options, sse: 'aws:kms', kmsKeyId: 'key/1' });
  const [small, large, shared] = [randomUUID(), randomUUID(), randomUUID()];
  await putFile(sse, small, streamOf(bytesOf(9)), MOST);
  await putFile(sse, large, streamOf(bytesOf(20 * MiB)), MOST);
  await sse.share(large, shared);
  await sse.claim(randomUUID());
  const made = [...server.objects].filter(([key]) => key.startsWith(options.prefix));
  expect(made.map(([, { encryption }]) => encryption)).toEqual(made.map(() => 'aws:kms'));
  expect(made.length).toBe(4);
  const named = server.calls.filter(({ headers }) => headers['x-amz-server-side-encryption'] !== undefined);
  for (const { headers } of named)
    expect(headers['x-amz-server-side-encryption-aws-kms-key-id']).toBe('key/1');
});

test('a large object is copied in parts, by the server', async () => {
  const bytes = bytesOf(13 * MiB + 1);
  await putFile(store, id, streamOf(bytes), MOST);
  const objects = objectsOf(await openBucket(options), {});
  const other = randomUUID();
  const [from, to] = [`${options.prefix}${id}`, `${options.prefix}${other}`];
  const limits = { mostAtOnce: 6 * MiB, leastPart: 5 * MiB };
  await shareObject({ objects, multipart: multipartOf(objects) }, from, to, limits);
  expect((await readAll((await store.source(other)) as S3Source)).equals(bytes)).toBe(true);
  const ranges = () => server.calls.filter(({ headers }) => headers['x-amz-copy-source-range']).length;
  expect(ranges()).toBe(3);
  // Larger parts if there would be too many.
  const few = { ...limits, mostParts: 2 };
  server.calls = [];
  await shareObject({ objects, multipart: multipartOf(objects) }, from, `${to}2`, few);
  expect(ranges()).toBe(2);
  expect(server.objects.get(`${to}2`)!.body.equals(bytes)).toBe(true);
});

describe('a server that does not accept the ETag of a multipart upload in a copy', () => {
  const other = randomUUID();
  const unknown = ({ headers }: Call) =>
    headers['x-amz-copy-source-if-match'] === undefined
      ? undefined
      : ({ status: 412, code: 'PreconditionFailed' } as const);
  const limits = { mostAtOnce: 6 * MiB, leastPart: 5 * MiB };
  const share = async (more: typeof limits | undefined) => {
    const objects = objectsOf(await openBucket(options), {});
    const [from, to] = [`${options.prefix}${id}`, `${options.prefix}${other}`];
    await shareObject({ objects, multipart: multipartOf(objects) }, from, to, more);
  };
  beforeEach(() => putFile(store, id, streamOf(bytesOf(13 * MiB + 1)), MOST));

  const WAYS: [string, typeof limits | undefined][] = [
    ['in one request', undefined],
    ['in parts', limits],
  ];
  for (const [how, more] of WAYS)
    test(`is retried without it: ${how}`, inShortIf(how === 'in parts'), async () => {
      server.fault = unknown;
      await share(more);
      server.fault = () => undefined;
      const copy = await readAll((await store.source(other)) as S3Source);
      expect(copy.equals(bytesOf(13 * MiB + 1))).toBe(true);
    });

  for (const [how, more] of WAYS)
    test(
      `and whose object is replaced meanwhile: there is no copy (${how})`,
      inShortIf(how === 'in one request'),
      async () => {
        server.fault = (call) => {
          if (call.headers['x-amz-copy-source'] && !unknown(call))
            server.objects.get(`${options.prefix}${id}`)!.etag = '"another"';
          return unknown(call);
        };
        await expect(share(more)).rejects.toMatchObject({ code: 'unavailable', message: /was replaced/ });
        expect(server.objects.has(`${options.prefix}${other}`)).toBe(false);
        expect(server.uploads.size).toBe(0);
      },
    );
});

test('an unfinished upload is as old as its last part', async () => {
  const key = `${options.prefix}${id}`;
  const multipart = multipartOf(objectsOf(await openBucket(options), {}));
  const uploadId = await multipart.begin(key);
  server.uploads.get(uploadId)!.at = new Date(0);
  expect(await store.parts()).toEqual([{ id, mtimeMs: 0 }]);
  await multipart.send(key, uploadId, 1, bytesOf(10));
  const [part] = await store.parts();
  expect(Math.abs(part!.mtimeMs - Date.now())).toBeLessThan(3_600_000);
});

test('a writer of parts holds only those that it sends and the one that it fills', async () => {
  let sending = 0;
  let most = 0;
  const releases: (() => void)[] = [];
  const writer = createPartWriter({
    ...{ partBytes: 10, first: 1, atOnce: 3 },
    send: async (number, body) => {
      most = Math.max(most, ++sending);
      await new Promise<void>((resolve) => releases.push(resolve));
      sending--;
      return { number, size: body.length, mtimeMs: 0, etag: String(number) };
    },
  });
  const written = writer.write(bytesOf(95));
  let done = false;
  written.then(() => {
    done = true;
  });
  while (!done) {
    await new Promise(setImmediate);
    releases.shift()?.();
  }
  const sent = writer.sent();
  while (releases.length > 0) releases.shift()!();
  expect((await sent).map(({ number, size }) => [number, size])).toEqual(
    Array.from({ length: 9 }, (_, at) => [at + 1, 10]),
  );
  expect(Buffer.from(writer.rest()).equals(bytesOf(95).subarray(90))).toBe(true);
  expect(most).toBe(3);
});

test('100 GiB use at most 10,000 parts', () => {
  expect(partBytesFor(1)).toBe(8 * MiB);
  const largest = 100 * 1024 ** 3;
  expect(Math.ceil(largest / partBytesFor(largest))).toBeLessThanOrEqual(10_000);
  expect(partBytesFor(largest)).toBeLessThan(11 * MiB);
});

test.each([
  ['s3://bucket', { bucket: 'bucket', prefix: '' }],
  ['s3://bucket/', { bucket: 'bucket', prefix: '' }],
  ['s3://my.bucket-1/a/b//', { bucket: 'my.bucket-1', prefix: 'a/b/' }],
  ['s3://b', undefined],
  ['s3:///a', undefined],
  ['s3://Bucket/a', undefined],
  ['s3://bucket/a//b', undefined],
  ['s3://bucket/../b', undefined],
  ['s3://bucket/a?b', undefined],
  ['https://bucket/a', undefined],
  [`s3://bucket/${'a'.repeat(901)}`, undefined],
])('%s is read as an address', (text, address) => {
  expect(s3Address(text)).toEqual(address);
});

test('a KMS key without the kind of encryption is refused', () => {
  const set = { UPLOAD_STORE: 's3://bucket/a', S3_SSE_KMS_KEY_ID: 'k' };
  expect(() => uploadBucketOf(set)).toThrow(/set S3_SSE to aws:kms/);
  expect(uploadBucketOf({ ...set, S3_SSE: 'aws:kms' })).toMatchObject({
    prefix: 'a/',
    sse: 'aws:kms',
    kmsKeyId: 'k',
  });
  expect(uploadBucketOf({})).toBeUndefined();
});
