import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { EventStream } from '../../../src/http/streams/eventStream.js';
import type { StreamEvent } from '../../../src/http/streams/feeds.js';
import { RawClient } from '../harness.js';

let server: Server;
let client: RawClient;
let res: ServerResponse;
let stream: EventStream;

beforeEach(async () => {
  const opened = new Promise<ServerResponse>((resolve) => {
    server = createServer((_, response) => resolve(response));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  client = new RawClient((server.address() as AddressInfo).port);
  client.socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  res = await opened;
  stream = new EventStream(res, '');
  res.writeHead(200);
});

afterEach(async () => {
  client.socket.destroy();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

/** A 1 MB event, so that the kernel's buffers fill up soon. */
function large(id: number): StreamEvent {
  return { id: String(id), frame: `id: ${id}\ndata: ${'x'.repeat(1_000_000)}\n\n`, final: false };
}

/**
 * Sends events until the reader, which does not read, blocks the stream. Returns the number of the last
 * event.
 */
async function fill(): Promise<number> {
  client.socket.pause();
  stream.begin(large(0));
  let last = 0;
  for (let quiet = 0; quiet < 5; ) {
    const { writableLength } = res;
    stream.send(large(++last));
    await new Promise((resolve) => setImmediate(resolve));
    quiet = writableLength > 0 && res.writableLength === writableLength ? quiet + 1 : 0;
  }
  return last;
}

test('a stalled reader has at most one event buffered, and gets the newest', async () => {
  let last = await fill();
  const held = res.writableLength;
  expect(held).toBeLessThan(3_000_000);
  for (let more = 0; more < 100; more++) stream.send(large(++last));
  expect(res.writableLength).toBe(held);
  client.socket.resume();
  await vi.waitFor(() => expect(client.text).toContain(`id: ${last}\n`));
  expect(client.text).not.toContain(`id: ${last - 1}\n`);
});

test('a reader that stalls for too long is dropped', async () => {
  await fill();
  stream.beat(60_000);
  expect(res.destroyed).toBe(false);
  await vi.waitFor(() => {
    stream.beat(5);
    expect(res.destroyed).toBe(true);
  });
  client.socket.resume();
  await client.end();
});

test('a stalled reader gets the final event when it reads again, but the stream does not wait forever', async () => {
  await fill();
  stream.send({ id: 'done', frame: 'id: done\ndata: {}\n\n', final: true });
  client.socket.resume();
  await client.see('id: done');
});

test('a reader that never takes its final event is dropped', async () => {
  await fill();
  stream.send({ id: 'done', frame: 'id: done\ndata: {}\n\n', final: true });
  await vi.waitFor(() => {
    stream.beat(5);
    expect(res.destroyed).toBe(true);
  });
});

test('an event from before the start of the stream is not lost', async () => {
  stream.send({ id: '2', frame: 'id: 2\ndata: {}\n\n', final: false });
  stream.begin({ id: '1', frame: 'id: 1\ndata: {}\n\n', final: false });
  await client.see('id: 2');
  expect(client.text).not.toContain('id: 1');
});
