/** The stream of all jobs: a snapshot, then changes; none is lost, and no job moves back. */
import { randomUUID } from 'node:crypto';
import { type BoardEvent, boardEventSchema, paths, progressOf } from '@csvjobs/shared';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { cancelJob, retryJob } from '../../../src/sql/jobs.js';
import { advanceJob, type Harness, makeJob, problemFrom, processed, startHarness } from '../harness.js';

let harness: Harness;
const open: AbortController[] = [];

beforeAll(async () => {
  harness = await startHarness({ app: { maxStreams: 3, boardMs: 50, heartbeatMs: 200 } });
});
beforeEach(() => harness.pool.query('truncate jobs cascade'));
afterEach(async () => {
  for (const each of open.splice(0)) each.abort();
  await vi.waitFor(() => expect(harness.app.openStreams()).toBe(0));
});
afterAll(() => harness.stop());

interface Watched {
  response: Response;
  text: string;
  events(): BoardEvent[];
}

async function watch(): Promise<Watched> {
  const stop = new AbortController();
  open.push(stop);
  const response = await fetch(harness.url + paths.allStreams, { signal: stop.signal });
  const watched: Watched = {
    response,
    text: '',
    events: () =>
      [...watched.text.matchAll(/^event: (\w+)\ndata: (.*)\n\n/gm)].map(([, type, data]) => {
        const event = boardEventSchema.parse(JSON.parse(data!));
        expect(event.type).toBe(type);
        return event;
      }),
  };
  if (response.status !== 200) return watched;
  (async () => {
    for await (const chunk of response.body!) watched.text += Buffer.from(chunk).toString();
  })().catch(() => {});
  return watched;
}

const jobsOf = (events: BoardEvent[]) => events.flatMap((event) => (event.type === 'job' ? [event.job] : []));

async function seen(watched: Watched, passes: (events: BoardEvent[]) => boolean): Promise<void> {
  await vi.waitFor(() => expect(passes(watched.events())).toBe(true));
}

test('a snapshot of the jobs, newest first, without their rejects', async () => {
  const old = await makeJob(harness.pool, { created_at: '2025-01-01' });
  const young = await makeJob(harness.pool, { created_at: '2025-01-02' });
  const watched = await watch();
  expect(watched.response.headers.get('content-type')).toMatch(/^text\/event-stream/);
  await seen(watched, (events) => events.length === 2);
  expect(jobsOf(watched.events()).map(({ id }) => id)).toEqual([young.id, old.id]);
  expect(watched.text).not.toMatch(/"errors"|"reasons"/);
});

test('progress as published, the whole job at its end, new and deleted jobs', async () => {
  const { id } = await makeJob(harness.pool);
  const watched = await watch();
  await seen(watched, (events) => events.length === 1);
  for (const rows of [10, 20]) {
    const progress = await advanceJob(harness.pool, id, processed(rows));
    harness.publisher.publish(progress);
    const told = (event: BoardEvent) =>
      (event.type === 'progress' && event.processedRows === rows) ||
      (event.type === 'job' && event.job.processedRows === rows);
    await seen(watched, (events) => events.some(told));
  }
  harness.publisher.publish(
    await advanceJob(harness.pool, id, {
      ...processed(100),
      ...{ status: 'completed', completed_at: 'now' },
    }),
  );
  await seen(watched, (events) => jobsOf(events).at(-1)?.status === 'completed');
  const other = await makeJob(harness.pool, { filename: 'other.csv' });
  await seen(watched, (events) => jobsOf(events).at(-1)?.id === other.id);
  await harness.pool.query('delete from jobs where id = $1', [id]);
  await seen(watched, (events) => events.some((event) => event.type === 'gone' && event.jobId === id));
});

test('read progress is part of the job’s progress, and survives polls of PostgreSQL', async () => {
  const { id, ...job } = await makeJob(harness.pool);
  const watched = await watch();
  await seen(watched, (events) => events.length === 1);
  const reading = { readBytes: 1e6, totalBytes: 3e6, pass: 1 };
  const told = (event: BoardEvent) => (event.type === 'progress' ? event : event.type === 'job' && event.job);
  harness.publisher.publish({ ...progressOf({ id, ...job }), reading });
  await seen(watched, (events) => {
    const last = told(events.at(-1)!);
    return last && JSON.stringify(last.reading) === JSON.stringify(reading);
  });
  const count = watched.events().length;
  const beats = watched.text.split('still here').length;
  await vi.waitFor(() => expect(watched.text.split('still here').length).toBeGreaterThan(beats + 1));
  expect(watched.events()).toHaveLength(count);
  harness.publisher.publish(await advanceJob(harness.pool, id, processed(10)));
  await seen(watched, (events) => {
    const last = told(events.at(-1)!);
    return last && last.status === 'processing' && last.reading === undefined;
  });
});

test('a retried job goes back to pending', async () => {
  const { id } = await makeJob(harness.pool);
  await cancelJob(harness.pool, id);
  const watched = await watch();
  await seen(watched, (events) => jobsOf(events)[0]?.status === 'cancelled');
  await retryJob(harness.pool, id);
  await seen(watched, (events) => jobsOf(events).at(-1)?.status === 'pending');
});

test('changes that Redis does not publish are found in PostgreSQL; none is sent twice', async () => {
  const { id } = await makeJob(harness.pool);
  const watched = await watch();
  await advanceJob(harness.pool, id, processed(30));
  await seen(watched, (events) => jobsOf(events).at(-1)?.processedRows === 30);
  const before = watched.text;
  await vi.waitFor(() => expect(watched.text).toContain('still here'));
  expect(watched.text.replaceAll(': still here\n\n', '')).toBe(before.replaceAll(': still here\n\n', ''));
});

test('progress of an unknown job is not an event', async () => {
  const watched = await watch();
  const counts = { totalRows: 1, successCount: 0, failedCount: 0, processedRows: 0 };
  harness.publisher.publish({ jobId: randomUUID(), status: 'processing', ...counts });
  const { id } = await makeJob(harness.pool);
  await seen(watched, (events) => jobsOf(events)[0]?.id === id);
  expect(watched.events().length).toBe(1);
});

test('the streams of all jobs count towards the limit of open streams', async () => {
  for (let index = 0; index < 3; index++) await watch();
  const { response } = await watch();
  expect((await problemFrom(response)).code).toBe('too_many_streams');
});
