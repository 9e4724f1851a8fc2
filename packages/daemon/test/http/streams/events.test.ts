import { randomUUID } from 'node:crypto';
import { type Job, type Progress, paths, progressOf, progressSchema } from '@csvjobs/shared';
import { EventSource } from 'eventsource';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { advanceJob, type Harness, makeJob, problemFrom, processed, startHarness } from '../harness.js';

let harness: Harness;
const open: AbortController[] = [];

beforeAll(async () => {
  harness = await startHarness({ app: { maxStreams: 20 } });
});

afterEach(async () => {
  for (const each of open.splice(0)) each.abort();
  await vi.waitFor(() => expect(harness.app.openStreams()).toBe(0));
});

afterAll(async () => {
  await harness.stop();
});

interface Watched {
  response: Response;
  /** Everything received. */
  text: string;
  ended: boolean;
  close: () => void;
}

/** Reads a stream as it arrives, until it or the test ends. */
async function watch(id: string, on = harness, headers: Record<string, string> = {}): Promise<Watched> {
  const stop = new AbortController();
  open.push(stop);
  const response = await fetch(on.url + paths.stream(id), { signal: stop.signal, headers });
  const watched = { response, text: '', ended: false, close: () => stop.abort() };
  if (response.status !== 200) return watched;
  (async () => {
    for await (const chunk of response.body!) watched.text += Buffer.from(chunk).toString();
    watched.ended = true;
  })().catch(() => {});
  return watched;
}

/** A stream's events, each checked to have the six fields of the reference in order. */
function events({ text }: { text: string }): Progress[] {
  return [...text.matchAll(/^data: (.*)$/gm)].map(([, data]) => {
    const progress = progressSchema.strict().parse(JSON.parse(data!));
    const keys = ['jobId', 'processedRows', 'totalRows', 'successCount', 'failedCount', 'status'];
    expect(Object.keys(JSON.parse(data!))).toEqual(keys);
    return progress;
  });
}

const rows = (watched: Watched) => events(watched).map((event) => event.processedRows);

async function moveOn(id: string, columns: Record<string, unknown>, on = harness): Promise<Progress> {
  const progress = await advanceJob(on.pool, id, columns);
  on.publisher.publish(progress);
  return progress;
}

test('a stream sends the current state, then each later one, and ends after the final one', async () => {
  const { id } = await makeJob(harness.pool);
  const watched = await watch(id);
  const headers = Object.fromEntries(watched.response.headers);
  expect(headers['content-type']).toMatch(/^text\/event-stream/);
  expect(headers['cache-control']).toBe('no-cache, no-transform');
  expect(headers['x-accel-buffering']).toBe('no');
  await vi.waitFor(() => expect(rows(watched)).toEqual([0]));
  expect(watched.text).toMatch(/^retry: \d+\n\nid: \S+\ndata: \{/);
  for (const done of [0, 40, 80]) {
    const told = await moveOn(id, processed(done));
    await vi.waitFor(() => expect(events(watched).at(-1)).toEqual(told));
  }
  const last = await moveOn(id, processed(100, 'completed'));
  await vi.waitFor(() => expect(watched.ended).toBe(true));
  expect(events(watched).at(-1)).toEqual(last);
  expect(events(watched).filter((event) => event.status === 'completed')).toHaveLength(1);
});

test.each(['completed', 'failed', 'cancelled'])(
  'a %s job is sent once, and the stream ends',
  async (status) => {
    const { id } = await makeJob(harness.pool, processed(100, status));
    const watched = await watch(id);
    await vi.waitFor(() => expect(watched.ended).toBe(true));
    expect(events(watched).map((event) => event.status)).toEqual([status]);
  },
);

test('late and duplicate events are dropped, so that a progress bar never goes back', async () => {
  const { id } = await makeJob(harness.pool, processed(50));
  const watched = await watch(id);
  await vi.waitFor(() => expect(rows(watched)).toEqual([50]));
  const talker = await harness.redis.client();
  const tell = (jobId: string, processedRows: number, status: Progress['status']) => {
    const progress = {
      jobId,
      processedRows,
      totalRows: 100,
      successCount: processedRows,
      failedCount: 0,
      status,
    };
    return talker.publish(`${harness.redis.prefix}:progress`, JSON.stringify(progress));
  };
  // This event of another job arrives after the dropped one, which was therefore handled but not sent.
  const { id: other } = await makeJob(harness.pool);
  const marks = await watch(other);
  let mark = 0;
  const say = async (processedRows: number, status: Progress['status']) => {
    await tell(id, processedRows, status);
    await tell(other, ++mark, 'processing');
    await vi.waitFor(() => expect(rows(marks).at(-1)).toBe(mark));
  };
  await say(30, 'processing');
  await say(50, 'processing');
  await say(90, 'pending');
  // For example from before a retry: PostgreSQL's state counts, and the stream continues.
  await say(60, 'failed');
  await say(70, 'processing');
  await vi.waitFor(() => expect(rows(watched)).toEqual([50, 70]));
  expect(watched.ended).toBe(false);
});

test('a job that a later attempt has restarted is sent with fewer rows', async () => {
  const { id } = await makeJob(harness.pool, { ...processed(60), attempt: 1, mode: '{"atomic": true}' });
  const watched = await watch(id);
  await vi.waitFor(() => expect(rows(watched)).toEqual([60]));
  await moveOn(id, { ...processed(10), attempt: 2 });
  await vi.waitFor(() => expect(rows(watched)).toEqual([60, 10]));
  await moveOn(id, processed(20));
  await vi.waitFor(() => expect(rows(watched)).toEqual([60, 10, 20]));
});

test('all watchers of a job get its final event', async () => {
  const { id } = await makeJob(harness.pool, processed(1));
  const all = await Promise.all(Array.from({ length: 15 }, () => watch(id)));
  await moveOn(id, processed(100, 'failed'));
  for (const watched of all) {
    await vi.waitFor(() => expect(watched.ended).toBe(true));
    expect(events(watched).at(-1)?.status).toBe('failed');
  }
});

test('a stream beyond the limit is refused, until one is closed', async () => {
  const { id } = await makeJob(harness.pool);
  const all = await Promise.all(Array.from({ length: 20 }, () => watch(id)));
  const refused = (await watch(id)).response;
  expect(refused.headers.get('retry-after')).toBe('2');
  expect(await problemFrom(refused)).toMatchObject({ code: 'too_many_streams', status: 503 });
  all[0]!.close();
  await vi.waitFor(() => expect(harness.app.openStreams()).toBe(19));
  expect((await watch(id)).response.status).toBe(200);
});

test('a reader that reconnects gets the events it missed, and always the final one', async () => {
  const { id } = await makeJob(harness.pool, processed(50));
  const first = await watch(id);
  await vi.waitFor(() => expect(rows(first)).toEqual([50]));
  const [, lastId] = /^id: (.*)$/m.exec(first.text)!;
  first.close();
  const again = await watch(id, harness, { 'Last-Event-ID': lastId! });
  await moveOn(id, processed(60));
  await vi.waitFor(() => expect(rows(again)).toEqual([60]));
  again.close();
  await moveOn(id, processed(100, 'completed'));
  const late = await watch(id, harness, { 'Last-Event-ID': 'processing-60-100' });
  await vi.waitFor(() => expect(late.ended).toBe(true));
  expect(rows(late)).toEqual([100]);
});

/** The ID of a stream's last event. */
const lastId = ({ text }: { text: string }) => [...text.matchAll(/^id: (.*)$/gm)].at(-1)![1]!;

test.each(['completed', 'failed', 'cancelled'])(
  'a client that has the event of a %s job gets 204, with HEAD too',
  async (status) => {
    const { id } = await makeJob(harness.pool, { ...processed(100, status), attempt: 1 });
    const first = await watch(id);
    await vi.waitFor(() => expect(first.ended).toBe(true));
    const headers = { 'Last-Event-ID': lastId(first) };
    for (const method of ['GET', 'HEAD']) {
      const again = await fetch(harness.url + paths.stream(id), { method, headers });
      expect(again.status).toBe(204);
      expect(await again.text()).toBe('');
    }
    expect(harness.app.openStreams()).toBe(0);
  },
);

test('after a retry the old event ends nothing: the new attempt and its end are sent, despite equal counts', async () => {
  const { id } = await makeJob(harness.pool, { ...processed(50, 'failed'), attempt: 1 });
  const first = await watch(id);
  await vi.waitFor(() => expect(first.ended).toBe(true));
  await advanceJob(harness.pool, id, { status: 'pending' });
  const headers = { 'Last-Event-ID': lastId(first) };
  const again = await watch(id, harness, headers);
  expect(again.response.status).toBe(200);
  await vi.waitFor(() => expect(events(again).map(({ status }) => status)).toEqual(['pending']));
  await moveOn(id, { ...processed(50, 'failed'), attempt: 2 });
  await vi.waitFor(() => expect(again.ended).toBe(true));
  expect(lastId(again)).not.toBe(lastId(first));
  const missed = await watch(id, harness, headers);
  await vi.waitFor(() => expect(missed.ended).toBe(true));
  expect(events(missed).map(({ status }) => status)).toEqual(['failed']);
});

test('an unmodified EventSource stops after the job’s end', async () => {
  const { id } = await makeJob(harness.pool, { ...processed(50), attempt: 1 });
  const source = new EventSource(harness.url + paths.stream(id));
  try {
    const told: unknown[] = [];
    const codes: (number | undefined)[] = [];
    source.onmessage = ({ data }) => told.push(JSON.parse(data));
    source.onerror = ({ code }) => codes.push(code);
    await vi.waitFor(() => expect(told).toHaveLength(1));
    const last = await moveOn(id, processed(100, 'completed'));
    // The broken connection, then the response to its second try, a second later.
    await vi.waitFor(() => expect(source.readyState).toBe(EventSource.CLOSED));
    expect(codes.at(-1)).toBe(204);
    expect(told.at(-1)).toEqual(last);
    expect(told.filter((each) => (each as Progress).status === 'completed')).toHaveLength(1);
  } finally {
    source.close();
  }
});

test('a message lost by Redis is made up for at the next heartbeat, for every reader', async () => {
  const quick = await startHarness({ app: { heartbeatMs: 50 } });
  try {
    const { id } = await makeJob(quick.pool, processed(50));
    const watched = await watch(id, quick);
    await vi.waitFor(() => expect(watched.text).toMatch(/^: /m));
    await advanceJob(quick.pool, id, processed(75));
    await vi.waitFor(() => expect(rows(watched)).toEqual([50, 75]));
    await advanceJob(quick.pool, id, processed(100, 'completed'));
    await vi.waitFor(() => expect(watched.ended).toBe(true));
    expect(rows(watched)).toEqual([50, 75, 100]);
  } finally {
    await quick.stop();
  }
});

test('events of a job with a table or a mode have both behind the six fields, whoever they come from', async () => {
  const { id } = await makeJob(harness.pool, {
    target_table: 'shop.orders',
    mode: '{"onConflict": "update", "key": ["id"]}',
  });
  const watched = await watch(id);
  const last = () => [...watched.text.matchAll(/^data: (.*)$/gm)].at(-1)?.[1];
  const event = (rows: number, status: string, [inserted, updated, unchanged, skipped]: number[]) =>
    JSON.stringify({
      ...{
        jobId: id,
        processedRows: rows,
        totalRows: rows && 100,
        successCount: rows,
        failedCount: 0,
        status,
      },
      ...{ table: 'shop.orders', counts: { inserted, updated, unchanged, skipped } },
    });
  // From PostgreSQL, by Redis, and by the poll that follows a final state.
  await vi.waitFor(() => expect(last()).toBe(event(0, 'pending', [0, 0, 0, 0])));
  await moveOn(id, { ...processed(50), updated_count: 20, unchanged_count: 5 });
  await vi.waitFor(() => expect(last()).toBe(event(50, 'processing', [25, 20, 5, 0])));
  await moveOn(id, { ...processed(100, 'completed'), updated_count: 60, unchanged_count: 5 });
  await vi.waitFor(() => expect(last()).toBe(event(100, 'completed', [35, 60, 5, 0])));
});

test('read progress is sent between states, as events with another name and no ID; the job has it too', async () => {
  const { id, ...job } = await makeJob(harness.pool);
  const watched = await watch(id);
  await vi.waitFor(() => expect(rows(watched)).toEqual([0]));
  const readings = () =>
    [...watched.text.matchAll(/^event: reading\ndata: (.*)\n\n/gm)].map(([, data]) => JSON.parse(data!));
  const reading = { readBytes: 1e6, totalBytes: 3e6, pass: 1 };
  const pending = progressOf({ id, ...job });
  for (const readBytes of [1e6, 2e6]) {
    harness.publisher.publish({ ...pending, reading: { ...reading, readBytes } });
    await vi.waitFor(() => expect(readings().at(-1)).toEqual({ jobId: id, ...reading, readBytes }));
  }
  const look = async () => (await (await fetch(harness.url + paths.job(id))).json()) as Job;
  expect((await look()).reading).toEqual({ ...reading, readBytes: 2e6 });
  await moveOn(id, processed(50));
  const states = () => ({ text: watched.text.replace(/^event: reading\ndata: .*\n\n/gm, '') });
  await vi.waitFor(() => expect(rows({ ...watched, ...states() })).toEqual([0, 50]));
  expect(await look()).not.toHaveProperty('reading');
  // A late event: a status never goes back.
  const before = readings().length;
  harness.publisher.publish({ ...pending, reading });
  await moveOn(id, processed(100, 'completed'));
  await vi.waitFor(() => expect(watched.ended).toBe(true));
  expect(readings()).toHaveLength(before);
});

test('without Redis, PostgreSQL is polled instead', async () => {
  const subscriptions = {
    subscribe: async function* () {},
    subscribeAll: () => () => {},
    reading: () => undefined,
    connected: () => false,
    onReconnected: () => {},
    close: () => {},
  };
  const away = await startHarness({ app: { pollMs: 50 }, deps: { subscriptions } });
  try {
    const { id } = await makeJob(away.pool, processed(50));
    const watched = await watch(id, away);
    await advanceJob(away.pool, id, processed(100, 'completed'));
    await vi.waitFor(() => expect(watched.ended).toBe(true));
    expect(events(watched).at(-1)?.status).toBe('completed');
  } finally {
    await away.stop();
  }
});

test('an unknown job and an invalid ID are 404', async () => {
  for (const id of [randomUUID(), 'nonsense', '%00', "'; drop table jobs"]) {
    const { response } = await watch(encodeURIComponent(id));
    expect(await problemFrom(response)).toMatchObject({ code: 'job_not_found', status: 404 });
  }
});

test('HEAD describes the stream without opening one', async () => {
  const { id } = await makeJob(harness.pool);
  const response = await fetch(harness.url + paths.stream(id), { method: 'HEAD' });
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
  expect(harness.app.openStreams()).toBe(0);
});

test('a stopping daemon ends its streams and says when to reconnect', async () => {
  const stopping = await startHarness();
  try {
    const { id } = await makeJob(stopping.pool, processed(50));
    const watched = await watch(id, stopping);
    await vi.waitFor(() => expect(rows(watched)).toEqual([50]));
    await stopping.server.close({ graceMs: 3_600_000 });
    await vi.waitFor(() => expect(watched.ended).toBe(true));
    expect(watched.text).toMatch(/\n\nretry: \d+\n\n$/);
    expect(rows(watched)).toEqual([50]);
  } finally {
    await stopping.stop();
  }
});
