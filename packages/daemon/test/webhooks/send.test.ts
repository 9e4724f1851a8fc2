/** One attempt, against real servers that respond in every wrong way. */
import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer as createSocketServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Resolve } from '../../src/webhooks/addresses.js';
import { createSender, type Outcome } from '../../src/webhooks/send.js';
import { skipWithout } from '../support/form.js';
import { type Receiver, startReceiver } from './support/receiver.js';

let receiver: Receiver;
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(() => receiver.close());

const never = new AbortController().signal;

interface How {
  answerMs?: number;
  allowPrivate?: boolean;
  resolve?: Resolve;
  stop?: AbortSignal;
}

/** One attempt to a URL. */
async function send(url: string, { stop = never, allowPrivate = false, ...how }: How = {}): Promise<Outcome> {
  const sender = createSender(
    { url: new URL(url), allowPrivate },
    { userAgent: 'csvjobs/1', connections: 1, ...how },
  );
  try {
    return await sender.send({ headers: { 'webhook-id': 'msg_1' }, body: '{"a":1}' }, stop);
  } finally {
    await sender.close();
  }
}

/** A server that does not speak HTTP. */
async function rawServer(onData: (socket: import('node:net').Socket) => void): Promise<string> {
  const server: Server = createSocketServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => onData(socket));
    onTestFinished(() => void socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('an attempt is a POST with the body and the headers', async () => {
  expect(await send(`${receiver.url}/hooks?a=b`)).toEqual({ kind: 'delivered', httpStatus: 204 });
  expect(receiver.received).toMatchObject([
    {
      method: 'POST',
      path: '/hooks?a=b',
      body: '{"a":1}',
      headers: { 'webhook-id': 'msg_1', 'user-agent': 'csvjobs/1' },
    },
  ]);
});

test.each([200, 201, 202, 204, 299])('%i means delivered', async (status) => {
  receiver.answer = (response) => void response.writeHead(status).end();
  expect(await send(receiver.url)).toEqual({ kind: 'delivered', httpStatus: status });
});

test.each([400, 401, 404, 429, 500, 502, 503, 504])('%i does not', async (status) => {
  receiver.answer = (response) => void response.writeHead(status).end('no');
  expect(await send(receiver.url)).toEqual({
    kind: 'failed',
    httpStatus: status,
    error: `answered ${status}`,
  });
});

test('Retry-After in seconds is the receiver’s delay', async () => {
  receiver.answer = (response) => void response.writeHead(503, { 'retry-after': '120' }).end();
  expect(await send(receiver.url)).toMatchObject({ kind: 'failed', askedMs: 120_000 });
  receiver.answer = (response) =>
    void response.writeHead(503, { 'retry-after': 'Fri, 31 Dec 1999 23:59:59 GMT' }).end();
  expect(await send(receiver.url)).not.toHaveProperty('askedMs');
});

test('410 asks for no more deliveries', async () => {
  receiver.answer = (response) => void response.writeHead(410).end();
  expect(await send(receiver.url)).toMatchObject({ kind: 'gone', httpStatus: 410 });
});

test.each([301, 302, 303, 307, 308])('a redirect (%i) is not followed', async (status) => {
  const other = await startReceiver();
  onTestFinished(() => other.close());
  receiver.answer = (response) => void response.writeHead(status, { location: other.url }).end();
  const outcome = await send(receiver.url);
  expect(outcome).toMatchObject({ kind: 'failed', httpStatus: status });
  expect(outcome).toMatchObject({ error: expect.stringContaining('redirects are not followed') });
  expect(other.received).toEqual([]);
});

describe('a slow receiver', () => {
  test('a missing response is waited for until the timeout, and no longer', async () => {
    receiver.answer = () => {};
    expect(await send(receiver.url, { answerMs: 300 })).toEqual({
      kind: 'failed',
      httpStatus: null,
      error: 'no answer within 0.3 s',
    });
    expect(receiver.received).toHaveLength(1);
  });

  test('headers that trickle do not extend the timeout', async () => {
    const url = await rawServer((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      const timer = setInterval(() => socket.write('x: y\r\n'), 20);
      socket.once('close', () => clearInterval(timer));
    });
    expect(await send(url, { answerMs: 500 })).toMatchObject({ error: 'no answer within 0.5 s' });
  });

  test('a body that does not end, or is endless, changes nothing', async () => {
    receiver.answer = (response) => void response.writeHead(200).write('some');
    expect(await send(receiver.url)).toEqual({ kind: 'delivered', httpStatus: 200 });
    let written = 0;
    receiver.answer = (response) => {
      response.writeHead(500);
      const more = () => {
        for (let open = true; open && !response.destroyed; written += 65_536)
          open = response.write(Buffer.alloc(65_536));
      };
      response.on('drain', more);
      more();
    };
    expect(await send(receiver.url)).toMatchObject({ kind: 'failed', httpStatus: 500 });
    // What fits into socket buffers; not what a second would have sent.
    expect(written).toBeLessThan(64 * 1024 * 1024);
  });
});

test('headers beyond the limit are refused', async () => {
  const url = await rawServer((socket) =>
    socket.end(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100_000)}\r\ncontent-length: 0\r\n\r\n`),
  );
  expect(await send(url)).toMatchObject({ kind: 'failed', httpStatus: null });
});

test('invalid HTTP, a connection that is cut, a closed port', async () => {
  const nonsense = await rawServer((socket) => socket.end('nonsense\r\n\r\n'));
  expect(await send(nonsense)).toMatchObject({ kind: 'failed', error: 'its answer is not HTTP' });
  const cut = await rawServer((socket) => socket.destroy());
  expect(await send(cut)).toMatchObject({ error: expect.stringMatching(/^the connection was cut/) });
  const { url } = receiver;
  await receiver.close();
  expect(await send(url)).toMatchObject({ error: 'the connection was refused (ECONNREFUSED)' });
  receiver = await startReceiver();
});

test('a stop ends an attempt at once, without a result', async () => {
  receiver.answer = () => {};
  const stop = new AbortController();
  const outcome = send(receiver.url, { stop: stop.signal });
  await vi.waitFor(() => expect(receiver.received).toHaveLength(1));
  stop.abort();
  expect(await outcome).toEqual({ kind: 'stopped' });
});

describe('TLS', () => {
  test('an untrusted certificate is refused', async (context) => {
    if (spawnSync('openssl', ['version']).error) skipWithout(context, 'openssl');
    const folder = mkdtempSync(join(tmpdir(), 'csvjobs-tls-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
    const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
    execFileSync('openssl', ['req', '-x509', ...kind, ...subject, '-keyout', key, '-out', cert], {
      stdio: 'ignore',
    });
    const tls = { key: readFileSync(key), cert: readFileSync(cert) };
    const secure = await startReceiver((handler) => createTlsServer(tls, handler!) as never);
    onTestFinished(() => secure.close());
    expect(await send(`https://localhost:${secure.port}`)).toMatchObject({
      kind: 'failed',
      error: expect.stringMatching(/^TLS: .*self.signed/i),
    });
    expect(secure.received).toEqual([]);
  });

  test('a server without TLS is refused', async () => {
    expect(await send(receiver.url.replace('http:', 'https:'))).toMatchObject({
      kind: 'failed',
      error: expect.stringMatching(/^TLS: |^the connection was cut/),
    });
    expect(receiver.received).toEqual([]);
  });
});

describe('names', () => {
  const leadsTo =
    (...addresses: string[]): Resolve =>
    (_name, _options, callback) =>
      callback(
        null,
        addresses.map((address) => ({ address, family: 4 })),
      );

  test('one that resolves to this machine is refused, unless the configuration names it', async () => {
    const url = `http://hooks.example.com:${receiver.port}/`;
    const resolve = leadsTo('127.0.0.1');
    expect(await send(url, { resolve })).toMatchObject({
      kind: 'failed',
      error: expect.stringContaining('WEBHOOK_ALLOW_PRIVATE=hooks.example.com'),
    });
    expect(receiver.received).toEqual([]);
    expect(await send(url, { resolve, allowPrivate: true })).toMatchObject({ kind: 'delivered' });
    expect(receiver.received).toHaveLength(1);
  });

  test('one that resolves differently after the check is judged by the connected address', async () => {
    let asked = 0;
    const resolve: Resolve = (name, options, callback) =>
      leadsTo(asked++ === 0 ? '10.255.255.1' : '127.0.0.1')(name, options, callback);
    const url = `http://hooks.example.com:${receiver.port}/`;
    for (let each = 0; each < 3; each++)
      expect(await send(url, { resolve })).toMatchObject({ error: expect.stringContaining('not a public') });
    expect(asked).toBe(3);
    expect(receiver.received).toEqual([]);
  });

  test('localhost is this machine, and an IP address in the URL needs no lookup', async () => {
    const nobody: Resolve = (_name, _options, callback) => callback(new Error('was looked up'), []);
    expect(await send(receiver.url, { resolve: nobody })).toMatchObject({ kind: 'delivered' });
    const url = receiver.url.replace('127.0.0.1', 'localhost');
    expect(await send(url, { resolve: leadsTo('127.0.0.1') })).toMatchObject({ kind: 'delivered' });
  });
});
