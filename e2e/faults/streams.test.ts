/** Progress streams that break, stall or come in thousands: every reader gets correct events, and memory is bounded. */
import { readFileSync } from 'node:fs';
import { problemSchema } from '@csvjobs/shared';
import { afterEach, expect, test } from 'vitest';
import { LONG } from '../../packages/daemon/test/support/form.js';
import { freePort } from '../../packages/daemon/test/support/freePort.js';
import { type Bench, openBench } from './support/bench.js';
import { completed, upload } from './support/client.js';
import { dirtyFile } from './support/dirtyFile.js';
import { type EventStream, openStream } from './support/eventStream.js';
import { FULL, tell } from './support/figures.js';
import { HELD_FOR_LONG } from './support/heldForLong.js';
import { expectUndisturbed, putKnown, storedJob } from './support/oracle.js';
import { until } from './support/until.js';

let bench: Bench;
const file = dirtyFile(51, 1_500);
afterEach(() => bench.finish());

/** A job that pauses until the caller releases it: its loader waits for a locked table. */
async function heldJob(url: string): Promise<{ id: string; release: () => Promise<void> }> {
  const holder = await bench.pool.connect();
  await holder.query('begin');
  await holder.query(HELD_FOR_LONG);
  await holder.query('lock table customers in access exclusive mode');
  const release = async () => {
    await holder.query('rollback').catch(() => {});
    holder.release(true);
  };
  try {
    const id = await upload(url, file.bytes);
    await until(
      'the job is under way',
      async () => (await storedJob(bench.pool, id)).status === 'processing',
    );
    return { id, release };
  } catch (error) {
    await release();
    throw error;
  }
}

test(
  'a stream breaks and comes back across a restart of the daemon: no gap, one final event',
  LONG,
  async (context) => {
    bench = await openBench({ embeddedRedis: true });
    await putKnown(bench.pool, file);
    const port = String(await freePort());
    const doomed = bench.daemon({ API_PORT: port, CSVJOBS_FAILPOINTS: 'after-commit:12=kill' });
    const url = await doomed.url();
    const id = await upload(url, file.bytes);
    const first = await openStream(url, id);
    await first.over;
    expect(await doomed.ended).toBe('SIGKILL');
    expect(first.events.length).toBeGreaterThan(1);
    const last = first.events.at(-1)!;
    expect(last.progress.status).not.toBe('completed');

    await bench.daemon({ API_PORT: port }).url();
    const second = await openStream(url, id, last.id);
    await second.over;
    const all = [...first.events, ...second.events];
    const rows = all.map(({ progress }) => progress.processedRows);
    expect(rows).toEqual(rows.toSorted((a, b) => a - b));
    expect(new Set(all.map((event) => event.id)).size).toBe(all.length);
    expect(all.filter(({ progress }) => progress.status === 'completed')).toHaveLength(1);
    expect(all.at(-1)!.progress).toMatchObject({ status: 'completed', processedRows: file.records });
    await expectUndisturbed(bench, id, file);
    tell(context, { events: all.length });

    // A reader that had the final event gets a 204, which stops an EventSource; one that had not gets that event.
    const third = await openStream(url, id, all.at(-1)!.id);
    await third.over;
    expect({ status: third.status, events: third.events }).toEqual({ status: 204, events: [] });
    const fourth = await openStream(url, id, last.id);
    await fourth.over;
    expect(fourth.events.map((event) => event.id)).toEqual([all.at(-1)!.id]);
  },
);

test('what a proxy must know: no buffering, no changes, and heartbeats', LONG, async () => {
  bench = await openBench();
  await putKnown(bench.pool, file);
  const url = await bench.daemon().url();
  const { id, release } = await heldJob(url);
  try {
    const stream = await openStream(url, id);
    expect(stream.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    });
    expect(stream.headers['content-encoding']).toBeUndefined();
    await until('the heartbeat comes', () => stream.text().includes(': still here\n\n'));
    stream.response.destroy();
  } finally {
    await release();
  }
  await completed(url, id);
});

test('readers that stall use bounded memory, and others still get their events', LONG, async (context) => {
  bench = await openBench({ environment: { PROGRESS_INTERVAL: '1' } });
  await putKnown(bench.pool, file);
  const daemon = bench.daemon({ BATCH_ROWS: '5' });
  const url = await daemon.url();
  const { id, release } = await heldJob(url);
  const stalled: EventStream[] = [];
  let growth: number;
  try {
    for (let reader = 0; reader < 200; reader++) {
      const stream = await openStream(url, id);
      stream.response.pause();
      stalled.push(stream);
    }
    const before = residentBytes(daemon.pid);
    const reading = await openStream(url, id);
    await release();
    await reading.over;
    expect(reading.events.at(-1)!.progress.status).toBe('completed');
    growth = residentBytes(daemon.pid) - before;
  } finally {
    for (const stream of stalled) stream.response.destroy();
  }
  // 300 batches were loaded and reported in the meantime. A stalled reader may cost its socket and one event.
  expect(growth).toBeLessThan(150 * 2 ** 20);
  tell(context, { 'stalled readers': stalled.length, 'memory grown': mebibytes(growth) });
});

test(
  'thousands of subscribers on one job: each gets its end; one too many is refused with 503',
  LONG,
  async (context) => {
    const subscribers = FULL ? 10_000 : 300;
    bench = await openBench();
    await putKnown(bench.pool, file);
    const daemon = bench.daemon({ MAX_STREAMS: String(subscribers) });
    const url = await daemon.url();
    const { id, release } = await heldJob(url);
    const streams: EventStream[] = [];
    try {
      const empty = residentBytes(daemon.pid);
      while (streams.length < subscribers) {
        const some = Math.min(250, subscribers - streams.length);
        streams.push(...(await Promise.all(Array.from({ length: some }, () => openStream(url, id)))));
      }
      expect(new Set(streams.map(({ status }) => status))).toEqual(new Set([200]));
      tell(context, {
        subscribers,
        'memory of each': `${Math.round((residentBytes(daemon.pid) - empty) / 1024 / subscribers)} KiB`,
      });
      const refused = await fetch(`${url}/api/jobs/${id}/stream`);
      expect(refused.status).toBe(503);
      expect(problemSchema.parse(await refused.json()).code).toBe('too_many_streams');
    } finally {
      await release();
    }
    await Promise.all(streams.map((stream) => stream.over));
    const ends = streams.map(({ events }) => events.at(-1)?.progress.status);
    expect(ends.filter((status) => status === 'completed')).toHaveLength(subscribers);
    await expectUndisturbed(bench, id, file);
  },
);

function residentBytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}
