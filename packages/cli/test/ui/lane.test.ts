/** The state of a file in progress: a rate that stays steady while rows come in bursts. */
import { expect, test } from 'vitest';
import { paintWith } from '../../src/text/paint.js';
import { newLane, rateOf, remaining, step, workedFor } from '../../src/ui/lane.js';
import { detailBlocks } from '../../src/ui/laneDetail.js';
import { laneLines } from '../../src/ui/laneLine.js';
import { Peer } from '../peer.js';

const progress = (processedRows: number) => ({
  type: 'progress' as const,
  lane: 0,
  progress: {
    jobId: '00000000-0000-4000-8000-000000000000',
    processedRows,
    totalRows: 6_000_000,
    successCount: processedRows,
    failedCount: 0,
    status: 'processing' as const,
  },
});

test('three lanes commit 50,000 rows each within 300 ms, every 1.5 s: the rate stays near 100,000 rows/s', () => {
  let lane = step(newLane('big.csv', 0), progress(0), 0);
  const rates: number[] = [];
  for (let bunch = 1; bunch <= 20; bunch += 1)
    for (let part = 0; part < 3; part += 1) {
      const rows = (bunch - 1) * 150_000 + (part + 1) * 50_000;
      lane = step(lane, progress(rows), bunch * 1_500 + part * 150);
      if (bunch > 4) rates.push(lane.rate);
    }
  expect(Math.min(...rates)).toBeGreaterThan(80_000);
  expect(Math.max(...rates)).toBeLessThan(125_000);
  expect(remaining(lane)).toBeGreaterThan(20_000);
});

test('a job slows down: the rate follows within the window', () => {
  let lane = step(newLane('big.csv', 0), progress(0), 0);
  for (let second = 1; second <= 10; second += 1) lane = step(lane, progress(second * 1_000), second * 1_000);
  expect(lane.rate).toBeCloseTo(1_000);
  for (let second = 11; second <= 20; second += 1)
    lane = step(lane, progress(10_000 + (second - 10) * 100), second * 1_000);
  expect(lane.rate).toBeCloseTo(100);
});

test('a GET ahead of the stream updates the counts, one behind it does not', () => {
  const look = (processedRows: number) => ({
    type: 'job' as const,
    lane: 0,
    job: new Peer().addJob({
      status: 'processing',
      processedRows,
      successCount: processedRows - 2,
      failedCount: 2,
    }),
  });
  let lane = step(newLane('big.csv', 0), progress(1_000), 0);
  lane = step(lane, look(900), 1);
  expect(lane).toMatchObject({ processedRows: 1_000, badRows: 0 });
  lane = step(lane, look(1_500), 2);
  expect(lane).toMatchObject({ processedRows: 1_500, goodRows: 1_498, badRows: 2 });
  lane = step(lane, { ...look(2_000), job: { ...look(2_000).job, status: 'completed' } }, 3);
  expect(lane).toMatchObject({ phase: 'processing', processedRows: 1_500 });
});

test('a retried job took the work of its attempts, not the time between them', () => {
  const times = { startedAt: '2026-11-02T08:00:00Z', completedAt: '2026-11-03T08:00:00Z' };
  const timings = { queuedMs: 86_000_000, readingMs: 1_000, loadingMs: 3_000 };
  expect(workedFor({ ...times, timings, attempt: 2 })).toBe(4_000);
  expect(workedFor({ ...times, timings, attempt: 1 })).toBe(86_400_000);
  // Of an older daemon.
  expect(workedFor({ ...times, attempt: 2 })).toBe(86_400_000);
});

test('a running retry: the work of its attempts, and no rate where each starts from scratch', () => {
  const running = { startedAt: '2026-11-02T08:00:00Z', completedAt: null, processedRows: 8_000 };
  const now = Date.parse('2026-11-03T08:00:00Z');
  const timings = { queuedMs: 86_000_000, readingMs: 1_000, loadingMs: 3_000 };
  const retried = { ...running, timings, attempt: 2 };
  expect(workedFor(retried, now)).toBe(4_000);
  expect(workedFor({ ...retried, attempt: 1 }, now)).toBe(86_400_000);
  expect(workedFor(retried)).toBe(undefined);
  expect(rateOf(retried, 4_000)).toBe(2_000);
  expect(rateOf({ ...retried, mode: { onConflict: 'reject', atomic: true } }, 4_000)).toBe(undefined);
  expect(rateOf({ ...retried, attempt: 1, mode: { onConflict: 'reject', atomic: true } }, 4_000)).toBe(2_000);
});

test('rows of a load that loaded nothing have no tick', () => {
  const mode = { replace: true, atomic: true, maxErrors: 0 } as const;
  const counts = { inserted: 2, updated: 1, unchanged: 0, skipped: 0, removed: 1 };
  const drawn = (status: 'failed' | 'completed') => {
    const job = new Peer().addJob({ status, mode, counts, failure: null, filename: 'a.csv' });
    const lane = step(newLane('a.csv', 0), { type: 'done', lane: 0, job, exitCode: 0 }, 1);
    const paint = paintWith(false);
    const sheet = { paint, width: 80, now: 0, ended: true, typed: (command: string) => command };
    return [
      detailBlocks(lane, sheet).flatMap(({ lines }) => lines),
      laneLines([{ ...lane, counts: undefined }], paint, 40, undefined, 0)[0]!,
    ].flat();
  };
  expect(drawn('failed').join('\n')).not.toContain('✓');
  expect(drawn('completed').join('\n')).toContain('✓ 2 inserted');
});
