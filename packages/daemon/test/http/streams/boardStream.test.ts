import { randomUUID } from 'node:crypto';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { JobSummary } from '@csvjobs/shared';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { BoardStream } from '../../../src/http/streams/boardStream.js';
import { RawClient } from '../harness.js';

let server: Server;
let client: RawClient;
let res: ServerResponse;

beforeEach(async () => {
  const opened = new Promise<ServerResponse>((resolve) => {
    server = createServer((_, response) => resolve(response));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  client = new RawClient((server.address() as AddressInfo).port);
  client.socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  res = await opened;
  res.writeHead(200);
});

afterEach(async () => {
  client.socket.destroy();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

/** A 100 kB job, so that 200 of them fill the kernel's buffers. */
const job = (): JobSummary => ({
  id: randomUUID(),
  filename: 'x'.repeat(100_000),
  status: 'pending',
  ...{ totalRows: 0, processedRows: 0, successCount: 0, failedCount: 0 },
  createdAt: new Date().toISOString(),
  startedAt: null,
  completedAt: null,
});

test('a stalled reader costs one job of 200; when it reads again it gets the current state of all', async () => {
  const jobs = Array.from({ length: 200 }, job);
  const now = new Map(jobs.map((each) => [each.id, each]));
  client.socket.pause();
  const stream = new BoardStream(res, (id) => now.get(id));
  stream.begin(jobs);
  expect(res.writableLength).toBeLessThan(300_000);
  const last = jobs.at(-1)!;
  const changed: JobSummary = { ...last, status: 'processing' };
  now.set(last.id, changed);
  stream.send({ type: 'job', job: changed }, last.id);
  client.socket.resume();
  // Whole events: the start of the last one can arrive while its 100 kB are still on their way.
  await vi.waitFor(() => expect(client.text.match(/^data: .*\}\n\n/gm)).toHaveLength(200));
  for (const { id } of jobs) expect(client.text).toContain(id);
  expect(client.text).toContain('"status":"processing"');
});
