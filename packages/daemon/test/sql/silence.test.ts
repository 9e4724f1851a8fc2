import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { watchedSocket } from '../../src/sql/silence.js';

const ANSWER = Buffer.from([0x43, 0, 0, 0, 4, 0x5a, 0, 0, 0, 5, 0x49]);
let server: Server;
let socket: Socket;
let peer: Socket;

beforeEach(async () => {
  server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  socket = watchedSocket(30);
  const connected = once(server, 'connection');
  socket.connect((server.address() as AddressInfo).port, '127.0.0.1');
  peer = (await connected)[0] as Socket;
});
afterEach(() => {
  socket.destroy();
  peer.destroy();
  server.close();
});

/** Sends a request and waits until what the peer says to it has arrived. */
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

test('a connection that is idle is left alone', async () => {
  await ask(ANSWER);
  await once(socket, 'timeout');
  expect(socket.destroyed).toBe(false);
});

test('also when the end of the answer comes in pieces', async () => {
  await ask(ANSWER.subarray(0, 7), ANSWER.subarray(7));
  await once(socket, 'timeout');
  expect(socket.destroyed).toBe(false);
});

test.each([
  ['no answer', []],
  ['a part of an answer', [ANSWER.subarray(0, 9)]],
])('%s: the connection is given up', async (_, answer) => {
  const failed = once(socket, 'error');
  await ask(...answer);
  const [error] = await failed;
  expect(error).toMatchObject({
    code: 'ETIMEDOUT',
    message: expect.stringContaining('said nothing for 30 ms'),
  });
});

test('no answer to a request after one that was answered', async () => {
  const failed = once(socket, 'error');
  await ask(ANSWER);
  await ask();
  expect((await failed)[0]).toMatchObject({ code: 'ETIMEDOUT' });
});

test('an answer that came while this process was held up is read before it is judged', async () => {
  socket.resume();
  socket.write('Q');
  await once(peer, 'data');
  peer.write(ANSWER);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
  await once(socket, 'data');
  await ask(ANSWER);
  expect(socket.destroyed).toBe(false);
});

test('with TLS there is nothing to see, so nothing is given up', async () => {
  await ask(Buffer.from('S'));
  expect(socket.timeout).toBe(0);
});
