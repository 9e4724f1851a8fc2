import type { IncomingMessage, ServerResponse } from 'node:http';
import { paths } from '@csvjobs/shared';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startServer } from '../../src/http/server.js';
import { CSV, type Harness, RawClient, startHarness } from './harness.js';

let harness: Harness;

beforeEach(async () => {
  harness = await startHarness({ server: { headersMs: 1_000, uploadIdleMs: 5_000 } });
});

afterEach(async () => {
  await harness.stop();
});

const PART = '--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n';
const BODY = `${PART}${CSV}\r\n--b--\r\n`;
const HEAD = `POST ${paths.upload} HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: ${BODY.length}\r\n\r\n`;

test('connections with no or an incomplete head are closed and block no other clients', async () => {
  const idlers = Array.from({ length: 200 }, () => new RawClient(harness.port));
  for (const [index, each] of idlers.entries())
    if (index % 2) each.socket.write('GET /healthz HTTP/1.1\r\nHo');
  expect((await fetch(harness.url + paths.alive)).status).toBe(200);
  for (const each of idlers) await each.end();
});

test('a client waiting for its response stays connected; one that sends no complete request, or reads no response, does not', async () => {
  const responses: ServerResponse[] = [];
  const app = {
    handle: (_: IncomingMessage, response: ServerResponse) => void responses.push(response),
    close: () => {},
    settled: async () => {},
  } as unknown as Parameters<typeof startServer>[0];
  const server = await startServer(app, { host: '127.0.0.1', port: 0, uploadIdleMs: 300 });
  try {
    const answer = fetch(server.url, { method: 'POST', body: 'whole' });
    await vi.waitFor(() => expect(responses).toHaveLength(1));
    // These start later and are cut off, so the first one was silent long enough.
    const half = new RawClient(server.port);
    half.socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf');
    await half.end();
    const begun = new RawClient(server.port);
    begun.socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await vi.waitFor(() => expect(responses).toHaveLength(3));
    responses[2]!.writeHead(200).write('the beginning');
    await begun.end();
    responses[0]!.end('at last');
    expect(await (await answer).text()).toBe('at last');
  } finally {
    await server.close({ graceMs: 0 });
  }
});

test('closing waits for running uploads, and accepts nothing new', async () => {
  const client = new RawClient(harness.port);
  client.socket.write(HEAD + BODY.slice(0, -30));
  await vi.waitFor(async () => expect(await harness.files()).toHaveLength(1));
  const closed = harness.server.close({ graceMs: 3_600_000 });
  await expect(fetch(harness.url + paths.alive)).rejects.toThrow();
  client.socket.write(BODY.slice(-30));
  await client.see('202 Accepted');
  await closed;
  await client.end();
  expect(await harness.jobs()).toBe(1);
});

test('an upload that exceeds the grace period is cut off and leaves nothing', async () => {
  const client = new RawClient(harness.port);
  client.socket.write(HEAD + BODY.slice(0, -30));
  await vi.waitFor(async () => expect(await harness.files()).toHaveLength(1));
  await harness.server.close({ graceMs: 50 });
  await client.end();
  await vi.waitFor(async () => expect(await harness.files()).toEqual([]));
  expect(await harness.jobs()).toBe(0);
});

test('a second request on a keep-alive connection learns that the daemon is stopping', async () => {
  const client = new RawClient(harness.port);
  client.socket.write(HEAD + BODY.slice(0, -30));
  await vi.waitFor(async () => expect(await harness.files()).toHaveLength(1));
  const closed = harness.server.close({ graceMs: 3_600_000 });
  client.socket.write(`${BODY.slice(-30)}GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n`);
  await client.see(/202 Accepted[\s\S]*503 Service Unavailable[\s\S]*the daemon is stopping/);
  await closed;
});

test('an address in use is reported with advice', async () => {
  await expect(startServer(harness.app, { host: '127.0.0.1', port: harness.port })).rejects.toMatchObject({
    code: 'address_in_use',
    message: expect.stringContaining('API_PORT'),
  });
});
