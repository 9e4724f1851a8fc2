/** However the stream breaks, the reported outcome is correct. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LONG } from '../../../daemon/test/support/form.js';
import { DaemonClient } from '../../src/client/daemonClient.js';
import { type JobEvent, jobEvents } from '../../src/client/jobEvents.js';
import { refuse } from '../peer/answers.js';
import { Peer } from '../peer.js';

let peer: Peer;
let client: DaemonClient;
const controller = new AbortController();
beforeEach(async () => {
  peer = await new Peer().listen();
  client = connect();
});
afterEach(async () => {
  await client.close();
  await peer.close();
});

function connect(): DaemonClient {
  return new DaemonClient({
    url: new URL(peer.url),
    token: undefined,
    tokenSteps: { unknown: '', insufficient: '' },
    signal: controller.signal,
    userAgent: 'test',
  });
}

/** Longer than any machine stalls; for tests that are not about the patience. */
const PATIENCE = 60_000;

async function collect(id: string, patience = PATIENCE, signal = controller.signal): Promise<JobEvent[]> {
  const events: JobEvent[] = [];
  for await (const event of jobEvents(client, id, { signal, patience })) events.push(event);
  return events;
}

const isStream = (url = '') => url.endsWith('/stream');
const types = (events: readonly JobEvent[]) => [...new Set(events.map(({ type }) => type))];

test('the last item is the job from a GET, and the stream is closed', async () => {
  const { id } = peer.addJob({ status: 'pending', processedRows: 0, completedAt: null });
  void peer.start(id, { bad: 5 });
  const events = await collect(id);
  expect(events.at(-1)).toMatchObject({ type: 'done', job: { id, status: 'completed', failedCount: 5 } });
  expect(types(events)).toEqual(['progress', 'done']);
});

test('a fresh EventSource follows an HTTP error', async () => {
  const { id } = peer.addJob({ status: 'pending', completedAt: null });
  let refused = 0;
  peer.fault = (request, response) => {
    if (!isStream(request.url) || refused === 2) return false;
    refused += 1;
    refuse(response, 'too_many_streams', 'Come back later.');
    return true;
  };
  void peer.start(id, { holdAt: 3 });
  const events: JobEvent[] = [];
  for await (const event of jobEvents(client, id, { signal: controller.signal, patience: PATIENCE })) {
    events.push(event);
    if (event.type === 'connected') peer.release(id);
  }
  expect(refused).toBe(2);
  expect(events).toContainEqual({ type: 'reconnecting', reason: 'HTTP 503' });
  expect(types(events)).toEqual(['reconnecting', 'progress', 'connected', 'done']);
});

test('204 ends the stream: the job is fetched, without another try', async () => {
  const { id } = peer.addJob({ status: 'failed' });
  let asked = 0;
  peer.fault = (request, response) => {
    if (!isStream(request.url)) return false;
    asked += 1;
    response.writeHead(204).end();
    return true;
  };
  const events = await collect(id);
  expect(events).toEqual([{ type: 'done', job: expect.objectContaining({ id, status: 'failed' }) }]);
  expect(asked).toBe(1);
});

test('a job retried in the meantime is followed again after a 204', async () => {
  const { id } = peer.addJob({ status: 'pending', completedAt: null });
  let asked = 0;
  peer.fault = (request, response) => {
    if (!isStream(request.url)) return false;
    if (asked++ > 0) {
      // Not before: it could have ended when the first answer arrives.
      peer.release(id);
      return false;
    }
    response.writeHead(204).end();
    return true;
  };
  void peer.start(id, { holdAt: 3 });
  expect((await collect(id)).at(-1)).toMatchObject({ type: 'done', job: { status: 'completed' } });
  expect(asked).toBeGreaterThan(1);
});

test('without a stream the job is polled until it ends', async () => {
  const { id } = peer.addJob({ status: 'pending', completedAt: null });
  peer.fault = (request, response) => {
    if (!isStream(request.url)) return false;
    refuse(response, 'too_many_streams', 'Never.');
    return true;
  };
  void peer.start(id);
  expect((await collect(id)).at(-1)).toMatchObject({ type: 'done', job: { status: 'completed' } });
});

test('a broken connection resumes with Last-Event-ID', async () => {
  const { id } = peer.addJob({ status: 'pending', completedAt: null });
  void peer.start(id, { holdAt: 3 });
  let cut = false;
  for await (const event of jobEvents(client, id, { signal: controller.signal, patience: PATIENCE })) {
    if (event.type === 'progress' && event.progress.processedRows === 400 && !cut) {
      cut = true;
      peer.cutConnections();
    }
    if (event.type === 'connected') peer.release(id);
  }
  const streams = peer.seen.filter(({ url }) => isStream(url));
  expect(streams.length).toBe(2);
  expect(streams[1]?.headers['last-event-id']).toBe('processing-400-1000');
});

/** More than two of the EventSource's own pauses (3 s): by then it has been refused. */
const AWAY = 8_000;

test('a daemon away for longer than the patience means exit 6', LONG, async () => {
  const { id } = peer.addJob({ status: 'processing', completedAt: null });
  const reasons = new Set<string>();
  const watching = (async () => {
    for await (const event of jobEvents(client, id, { signal: controller.signal, patience: AWAY }))
      if (event.type === 'reconnecting') reasons.add(event.reason);
  })();
  watching.catch(() => {});
  while (peer.openStreams === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await peer.close();
  await expect(watching).rejects.toMatchObject({
    exitCode: 6,
    code: 'daemon_unreachable',
    next: `csvjobs watch ${id}`,
  });
  expect(reasons).toContain('nothing listens there');
  expect([...reasons].join()).not.toMatch(/Error|ECONN/);
});

test('a deleted job ends the stream with the reason', async () => {
  const { id } = peer.addJob({ status: 'processing', completedAt: null });
  peer.jobs.delete(id);
  await expect(collect(id)).rejects.toMatchObject({ code: 'job_not_found', exitCode: 2 });
});

test('an abort rejects with its reason and closes the stream', async () => {
  const { id } = peer.addJob({ status: 'processing', completedAt: null });
  const leaving = new AbortController();
  const watching = collect(id, PATIENCE, leaving.signal);
  watching.catch(() => {});
  while (peer.openStreams === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  leaving.abort(new Error('left'));
  await expect(watching).rejects.toThrow('left');
  while (peer.openStreams > 0) await new Promise((resolve) => setTimeout(resolve, 5));
});

test('unknown events are ignored', async () => {
  const { id } = peer.addJob();
  peer.fault = (request, response) => {
    if (!isStream(request.url)) return false;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end('data: {"status":"completed"}\n\ndata: nonsense\n\n');
    return true;
  };
  const events = await collect(id);
  expect(types(events)).toEqual(['reconnecting', 'done']);
});
