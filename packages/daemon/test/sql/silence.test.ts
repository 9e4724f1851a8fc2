import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { connect as connectTls, TLSSocket } from 'node:tls';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { watchSilence } from '../../src/sql/silence.js';
import { makeCertificates } from '../support/certificates.js';

const ANSWER = Buffer.from([0x43, 0, 0, 0, 4, 0x5a, 0, 0, 0, 5, 0x49]);
/** Milliseconds. */
const SILENCE = 30;
let server: Server;
let socket: Socket;
let peer: Socket;

beforeEach(async () => {
  server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  socket = new Socket();
  watchSilence(socket, SILENCE);
  // Tests start the clock when nothing is left to arrive: a busy machine may take longer than that between two steps.
  socket.setTimeout(0);
  const connected = once(server, 'connection');
  socket.connect((server.address() as AddressInfo).port, '127.0.0.1');
  peer = (await connected)[0] as Socket;
});
afterEach(() => {
  socket.destroy();
  peer.destroy();
  server.close();
});

/** A connection that is given up is closed in the turn after its timeout. */
async function closing(): Promise<void> {
  await setImmediate();
  await setImmediate();
}

/** Sends a request and waits until the peer's response has arrived. */
async function ask(...answer: Buffer[]): Promise<void> {
  socket.resume();
  socket.write('Q');
  await once(peer, 'data');
  for (const part of answer) {
    const arrived = once(socket, 'data');
    peer.write(part);
    await arrived;
  }
}

test('an idle connection is left alone', async () => {
  await ask(ANSWER);
  socket.setTimeout(SILENCE);
  await once(socket, 'timeout');
  await closing();
  expect(socket.destroyed).toBe(false);
});

test('even if the end of the response arrives in pieces', async () => {
  await ask(ANSWER.subarray(0, 7), ANSWER.subarray(7));
  socket.setTimeout(SILENCE);
  await once(socket, 'timeout');
  await closing();
  expect(socket.destroyed).toBe(false);
});

test.each([
  ['no answer', []],
  ['a partial response', [ANSWER.subarray(0, 9)]],
])('%s: the connection is closed', async (_, answer) => {
  const failed = once(socket, 'error');
  await ask(...answer);
  socket.setTimeout(SILENCE);
  const [error] = await failed;
  expect(error).toMatchObject({
    code: 'ETIMEDOUT',
    message: expect.stringContaining('has not answered a request for 30 ms'),
  });
});

test('no response to a request after an answered one', async () => {
  const failed = once(socket, 'error');
  await ask(ANSWER);
  await ask();
  socket.setTimeout(SILENCE);
  expect((await failed)[0]).toMatchObject({ code: 'ETIMEDOUT' });
});

test('a response that arrived while this process was blocked is read before the timeout is checked', async () => {
  socket.resume();
  socket.setTimeout(SILENCE);
  // From here, timers come before the data that has arrived.
  await setImmediate();
  socket.write('Q');
  peer.write(ANSWER);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
  await once(socket, 'data');
  await closing();
  expect(socket.destroyed).toBe(false);
});

test.each([
  ['answered, it is left alone', [ANSWER], false],
  ['unanswered, it is closed', [], true],
])('with and without TLS: %s', async (_, answer, isGivenUp) => {
  const { server: certificate } = await makeCertificates();
  const secure = connectTls({
    socket: new Socket().connect((server.address() as AddressInfo).port, '127.0.0.1'),
    rejectUnauthorized: false,
  });
  const raw = (await once(server, 'connection'))[0] as Socket;
  const other = new TLSSocket(raw, { isServer: true, cert: certificate.certPem, key: certificate.keyPem });
  secure.on('error', () => {});
  other.on('error', () => {});
  await once(secure, 'secureConnect');
  watchSilence(secure, SILENCE);
  secure.setTimeout(0);
  secure.resume();
  secure.write('Q');
  await once(other, 'data');
  for (const part of answer) {
    const arrived = once(secure, 'data');
    other.write(part);
    await arrived;
  }
  secure.setTimeout(SILENCE);
  await new Promise((resolve) => secure.once(isGivenUp ? 'close' : 'timeout', resolve));
  await closing();
  expect(secure.destroyed).toBe(isGivenUp);
  secure.destroy();
  other.destroy();
});
