/** A bucket that cannot be used when the daemon starts: it listens, says why, takes nothing, and recovers. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { Job, Readiness } from '@csvjobs/shared';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { inShortIf, LONG } from '../../packages/daemon/test/support/form.js';
import {
  BUCKET,
  CREDENTIALS,
  type Fault,
  type Imitation,
  startImitation,
} from '../../packages/daemon/test/support/s3/imitation.js';
import { openPlace, type Place } from '../support/place.js';

let place: Place;
let server: Imitation;
let bucket: Record<string, string>;
beforeEach(async () => {
  [place, server] = await Promise.all([openPlace(), startImitation()]);
  bucket = {
    ...CREDENTIALS,
    UPLOAD_STORE: `s3://${BUCKET}/csvjobs`,
    S3_ENDPOINT: server.url,
    RECOVER_INTERVAL: '500',
  };
});
afterEach(async () => {
  await place.close();
  await server.close();
});

async function upload(url: string, name: string) {
  const form = new FormData();
  form.set('file', new File([`name,email,company\nN ${name},${name}@example.org,B\n`], `${name}.csv`));
  const answer = await fetch(`${url}/api/jobs/upload`, { method: 'POST', body: form });
  return {
    status: answer.status,
    body: (await answer.json()) as { jobId: string; code: string; detail: string },
  };
}

const job = async (url: string, id: string) => (await (await fetch(`${url}/api/jobs/${id}`)).json()) as Job;

async function readiness(url: string) {
  const answer = await fetch(`${url}/readyz`);
  return { status: answer.status, store: ((await answer.json()) as Readiness).checks.store };
}

const faults: [string, Fault, RegExp][] = [
  ['a wrong bucket', { status: 404, code: 'NoSuchBucket' }, /wrong bucket/],
  ['refused credentials', { status: 403, code: 'InvalidAccessKeyId' }, /credentials refused/],
  ['no connection', 'cut', /unreachable/],
];
// The short form has one refusal: the daemon treats all of them alike, and storage/s3Faults.test.ts has the words for each.
for (const [name, fault, why] of faults)
  test(
    `${name}: not ready, uploads get a 503, jobs wait; everything continues when the store answers`,
    inShortIf(name === 'refused credentials'),
    async () => {
      const api = await place.start(bucket, '--role', 'api');
      const waiting = (await upload(api.url, 'waits')).body.jobId;
      await api.stop();

      server.fault = () => fault;
      const { url, log } = await place.start(bucket);
      expect(await readiness(url)).toMatchObject({
        status: 503,
        store: { ok: false, message: expect.stringMatching(why) },
      });
      expect(await upload(url, 'refused')).toMatchObject({
        status: 503,
        body: { code: 'unavailable', detail: expect.stringMatching(why) },
      });
      await expect
        .poll(() => log.join('\n'))
        .toContain('this host takes no jobs until it has the uploads again');
      expect(await job(url, waiting)).toMatchObject({ status: 'pending', attempt: 0 });

      server.fault = () => undefined;
      await expect.poll(() => readiness(url)).toMatchObject({ status: 200 });
      const next = await upload(url, 'next');
      expect(next.status).toBe(202);
      for (const id of [waiting, next.body.jobId])
        await expect.poll(async () => (await job(url, id)).status).toBe('completed');
      expect(log.join('\n')).toContain('the upload store is available');
    },
  );

test('a store that can be written but not listed takes no upload before it was checked', LONG, async () => {
  server.fault = ({ key }) => (key === undefined ? { status: 403, code: 'AccessDenied' } : undefined);
  const { url } = await place.start(bucket);
  const why = expect.stringContaining('access denied');
  expect(await readiness(url)).toMatchObject({ status: 503, store: { ok: false, message: why } });
  expect(await upload(url, 'refused')).toMatchObject({ status: 503, body: { detail: why } });
  expect([...server.objects.keys()]).toEqual([]);
  server.fault = () => undefined;
  await expect.poll(async () => (await upload(url, 'next')).status).toBe(202);
});

test('a store that never answers does not keep the daemon from listening', LONG, async () => {
  const sockets = new Set<Socket>();
  const silent = createServer((socket) => void sockets.add(socket)).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  onTestFinished(() => {
    silent.close();
    for (const socket of sockets) socket.destroy();
  });
  const { port } = silent.address() as AddressInfo;
  const { url } = await place.start({ ...bucket, S3_ENDPOINT: `http://127.0.0.1:${port}` });
  const why = expect.stringContaining('has not answered yet');
  expect(await readiness(url)).toMatchObject({ status: 503, store: { ok: false, message: why } });
  expect(await upload(url, 'refused')).toMatchObject({ status: 503, body: { detail: why } });
});

test('a store that proves to be another database’s once it answers ends the daemon', async () => {
  const body = Buffer.from(`${crypto.randomUUID()}\n`);
  const facts = { etag: '"owner"', at: new Date(), metadata: {}, encryption: undefined };
  server.objects.set('csvjobs/.csvjobs-owner', { body, ...facts });
  server.fault = () => 'cut';
  const { process: child, log } = await place.start(bucket);
  const ended = once(child, 'close');
  server.fault = () => undefined;
  expect((await ended)[0]).toBe(1);
  expect(log.join('\n')).toContain('belongs to another database');
});
