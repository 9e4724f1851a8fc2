/** Uploads: streamed, byte for byte, and always one job. */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { paths } from '@csvjobs/shared';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LONG } from '../../../daemon/test/support/form.js';
import { multipart, type UploadSource } from '../../src/client/uploadBody.js';
import { refuse } from '../peer/answers.js';
import { Peer } from '../peer.js';
import { csvFile, csvjobs, folder } from '../spawn.js';

let peer: Peer;
beforeEach(async () => {
  peer = await new Peer().listen();
});
afterEach(() => peer.close());
const env = () => ({ CSVJOBS_URL: peer.url });
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

test('the bytes arrive unchanged, with a known length', async () => {
  const file = csvFile('big.csv', 200_000);
  const { code } = await csvjobs(['upload', file], { env: env() });
  expect(code).toBe(0);
  const content = readFileSync(file);
  expect(peer.uploads).toMatchObject([
    { filename: 'big.csv', bytes: content.length, sha256: sha256(content) },
  ]);
  expect(Number(peer.uploads[0]?.contentLength)).toBeGreaterThan(content.length);
});

test('stdin arrives unchanged, in chunks, under its name', async () => {
  const content = 'name,email,company\nA,a@b.co,C\n'.repeat(10_000);
  const { code, stdout } = await csvjobs(['upload', '-', '--name', 'from here.csv'], {
    env: env(),
    input: content,
  });
  expect(code).toBe(0);
  expect(peer.uploads).toMatchObject([
    { filename: 'from here.csv', sha256: sha256(Buffer.from(content)), contentLength: undefined },
  ]);
  expect([...peer.jobs.keys()]).toEqual([stdout.trim()]);
});

test('a broken upload is sent again with the same key, and creates one job', async () => {
  let broken = 0;
  peer.fault = (request) => {
    if (!request.url?.startsWith(paths.upload) || broken === 2) return false;
    broken += 1;
    request.once('data', () => request.socket.destroy());
    return true;
  };
  const { code, stderr } = await csvjobs(['upload', csvFile('a.csv', 50_000)], { env: env() });
  expect(code).toBe(0);
  expect(stderr).toContain('trying again');
  expect(peer.jobs.size).toBe(1);
  const keys = peer.seen
    .filter(({ url }) => url.startsWith(paths.upload))
    .map(({ headers }) => headers['idempotency-key']);
  expect(keys.length).toBe(3);
  expect(new Set(keys).size).toBe(1);
});

test('a lost answer does not create a second job', async () => {
  let lost = false;
  const file = csvFile();
  peer.fault = (request, response) => {
    if (request.method !== 'POST' || lost) return false;
    lost = true;
    response.writeHead = () => response.destroy() as typeof response;
    return false;
  };
  const { code } = await csvjobs(['upload', file], { env: env() });
  expect(code).toBe(0);
  expect(peer.uploads.length).toBe(2);
  expect(peer.jobs.size).toBe(1);
});

test('a daemon that is not ready is asked again after its Retry-After', async () => {
  let asked = 0;
  peer.fault = (request, response) => {
    if (request.method !== 'POST') return false;
    asked += 1;
    if (asked > 1) return false;
    request.resume();
    refuse(response, 'unavailable', 'Redis is not there.', { 'retry-after': '0' });
    return true;
  };
  expect((await csvjobs(['upload', csvFile()], { env: env() })).code).toBe(0);
  expect(asked).toBe(2);
});

test('an upload to hold is not sent again while the held jobs wait for an answer', LONG, async () => {
  peer.fault = (request, response) => {
    if (request.method !== 'POST') return false;
    request.resume();
    refuse(response, 'too_many_held', '20 jobs are held, or will be (MAX_HELD); accept or discard one first');
    return true;
  };
  const { code, stderr } = await csvjobs(['upload', csvFile(), '--hold'], { env: env() });
  expect(code).toBe(6);
  expect(stderr).toContain('MAX_HELD');
  expect(stderr).toContain(
    'next: csvjobs list --status held, then csvjobs accept <id> or csvjobs discard <id>',
  );
  expect(peer.seen.filter(({ method }) => method === 'POST')).toHaveLength(1);
});

test('an early refusal is read before the whole body is sent', async () => {
  peer.fault = (request, response) => {
    if (request.method !== 'POST') return false;
    request.once('data', () => {
      request.resume();
      refuse(response, 'file_too_large', 'At most 1 MB.');
    });
    return true;
  };
  const { code, stderr } = await csvjobs(['upload', csvFile('big.csv', 300_000)], { env: env() });
  expect(stderr).toContain('At most 1 MB.');
  expect(code).toBe(2);
});

test('a missing file among several fails before anything is sent', async () => {
  const { code } = await csvjobs(['upload', csvFile(), 'missing.csv'], { env: env() });
  expect(code).toBe(2);
  expect(peer.seen.length).toBe(0);
});

test('an empty file is refused at once', async () => {
  const file = join(folder(), 'empty.csv');
  writeFileSync(file, '');
  const { code, stderr } = await csvjobs(['upload', file], { env: env() });
  expect(code).toBe(2);
  expect(stderr).toContain('is empty');
  expect(peer.seen.length).toBe(0);
});

test('a file that shrinks is reported, and creates no job', async () => {
  const file = csvFile('shrinks.csv', 100);
  const size = readFileSync(file).length;
  const { DaemonClient } = await import('../../src/client/daemonClient.js');
  const client = new DaemonClient({
    url: new URL(peer.url),
    token: undefined,
    tokenSteps: { unknown: '', insufficient: '' },
    signal: new AbortController().signal,
    userAgent: 'test',
  });
  const source: UploadSource = {
    file,
    filename: 'shrinks.csv',
    size,
    repeatable: true,
    async *open() {
      yield readFileSync(file).subarray(0, size - 10);
    },
  };
  await expect(client.upload(source)).rejects.toMatchObject({ code: 'file_changed', exitCode: 2 });
  expect(peer.jobs.size).toBe(0);
  await client.close();
});

test('no file name can end the header of its part', async () => {
  const evil = 'a"\r\nContent-Type: text/html\r\n\r\n<b>.csv';
  const source = { file: evil, filename: evil, size: 1, repeatable: true, open: async function* () {} };
  const body = multipart(source);
  const parts: Buffer[] = [];
  for await (const part of body.stream(() => {})) parts.push(part);
  const head = parts[0]?.toString() ?? '';
  expect(head.split('\r\n').length).toBe(5);
  expect(head).toContain('filename="a%22%0D%0AContent-Type: text/html%0D%0A%0D%0A<b>.csv"');
});

test('a daemon without resumable uploads gets a large file in one request', LONG, async () => {
  const file = csvFile('large.csv', 700_000);
  expect(readFileSync(file).length).toBeGreaterThan(16 * 1024 * 1024);
  const { code, stderr } = await csvjobs(['upload', file], { env: env() });
  expect(code, stderr).toBe(0);
  expect(peer.seen.map(({ url }) => url)).toContain(paths.uploads);
  expect(peer.uploads).toMatchObject([{ sha256: sha256(readFileSync(file)) }]);
});
