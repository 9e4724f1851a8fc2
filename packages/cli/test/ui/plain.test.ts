/** Lines for pipes and logs: one every 10% or 10 s, ASCII. */
import type { Progress } from '@csvjobs/shared';
import { expect, test } from 'vitest';
import { plainRenderer } from '../../src/ui/plain.js';
import type { ViewEvent } from '../../src/ui/viewEvent.js';
import { Peer } from '../peer.js';

const ID = '3f2a9c1e-0000-4000-8000-000000000001';

function run(happenings: readonly (readonly [at: number, event: ViewEvent])[]): string[] {
  let clock = 0;
  let text = '';
  const { handle } = plainRenderer(
    (part) => {
      text += part;
    },
    ['a.csv'],
    () => clock,
  );
  for (const [at, event] of happenings) {
    clock = at;
    handle(event);
  }
  return text.split('\n').slice(0, -1);
}

function progress(processedRows: number, more: Partial<Progress> = {}): ViewEvent {
  const counts = {
    successCount: processedRows,
    failedCount: 0,
    totalRows: 1000,
    status: 'processing' as const,
  };
  return { type: 'progress', lane: 0, progress: { jobId: ID, processedRows, ...counts, ...more } };
}

test('one line every 10%, however many events', () => {
  const events = Array.from({ length: 1001 }, (_, rows) => [rows * 10, progress(rows)] as const);
  const lines = run(events);
  expect(lines.length).toBe(11);
  expect(lines[0]).toBe('a.csv: processing 1,000 rows');
  expect(lines[1]).toBe('a.csv: 10%, 100 of 1,000 rows, 100 rows/s, 100 good, 0 rejected, ETA 9.0 s');
  expect(lines.join('')).toMatch(/^[\x20-\x7e]*$/);
});

test('a large file being surveyed has a line every 10% of its bytes; a small one none', () => {
  const reading = (readBytes: number): ViewEvent => ({
    ...{ type: 'reading', lane: 0, jobId: ID },
    reading: { readBytes, totalBytes: 3.4e9, pass: 1 },
  });
  const pending = progress(0, { status: 'pending', totalRows: 0 });
  expect(
    run([
      [0, pending],
      [300, reading(0.4e9)],
      [1_400, reading(0.4e9)],
      [2_800, reading(1.2e9)],
    ]),
  ).toEqual(['a.csv: reading the file: 400 MB of 3.40 GB', 'a.csv: reading the file: 1.20 of 3.40 GB']);
  expect(
    run([
      [0, pending],
      [300, reading(3e9)],
      [600, progress(0)],
    ]),
  ).toEqual(['a.csv: processing 1,000 rows']);
});

test('one line every 10 s if it is slow', () => {
  const events = Array.from({ length: 61 }, (_, second) => [second * 1000, progress(second)] as const);
  expect(run(events).length).toBe(1 + 6);
});

test('a small file has no line for its bytes; a broken and restored connection has two', () => {
  const lines = run([
    [0, { type: 'uploading', lane: 0, sentBytes: 0, totalBytes: 1000 }],
    [1, { type: 'uploading', lane: 0, sentBytes: 600, totalBytes: 1000 }],
    [2, { type: 'uploading', lane: 0, sentBytes: 1000, totalBytes: 1000 }],
    [3, { type: 'uploaded', lane: 0, jobId: ID }],
    [4, { type: 'reconnecting', lane: 0, jobId: ID, reason: 'HTTP 503' }],
    [5, { type: 'reconnecting', lane: 0, jobId: ID, reason: 'HTTP 503' }],
    [6, { type: 'connected', lane: 0, jobId: ID }],
  ]);
  expect(lines).toEqual([
    'a.csv: uploading 1.00 kB',
    `a.csv: accepted as job ${ID}`,
    'a.csv: reconnecting (HTTP 503)',
    'a.csv: connected again',
  ]);
});

test('the end: the top three reject reasons, and the number of others', () => {
  const reasons = ['b', 'c', 'd', 'e'].map((message, index) => ({ message, rows: 5_000 - index }));
  const job = new Peer().addJob({ id: ID, failedCount: 19_994, reasons });
  expect(run([[0, { type: 'done', lane: 0, job, exitCode: 3 }]]).slice(1, -1)).toEqual([
    'a.csv: rejected: b (5,000)',
    'a.csv: rejected: c (4,999)',
    'a.csv: rejected: d (4,998)',
    'a.csv: rejected: 1 other reason (4,997)',
  ]);
});

test.each([
  ['cancelled', `a.csv: to continue: csvjobs retry ${ID}`],
  ['failed', `a.csv: once that is fixed: csvjobs retry ${ID}`],
] as const)('the end of a %s job says how to continue', (status, hint) => {
  const job = new Peer().addJob({ id: ID, status });
  expect(run([[0, { type: 'done', lane: 0, job, exitCode: 5 }]])).toContain(hint);
});

test('the end of a job that failed because of its file suggests no retry: it would fail again', () => {
  const failure = { code: 'header_invalid', message: 'there is no column company' };
  const job = new Peer().addJob({ id: ID, status: 'failed', failure });
  const lines = run([[0, { type: 'done', lane: 0, job, exitCode: 5 }]]);
  expect(lines).toContain('a.csv: reason: there is no column company');
  expect(lines.join('\n')).not.toContain('retry');
});

test('the end with a daemon that does not count reasons: those of the first rejects, labelled so', () => {
  const errors = [1, 2].map((rowNumber) => ({ rowNumber, message: 'b', row: {} }));
  const job = new Peer().addJob({ id: ID, failedCount: 9, errors });
  const lines = run([[0, { type: 'done', lane: 0, job, exitCode: 3 }]]);
  expect(lines[1]).toBe('a.csv: rejected: b (2 of the first 2)');
});

test('while the daemon is down: a line every 10 s, without the old rate or ETA', () => {
  const away = { type: 'reconnecting', lane: 0, jobId: ID, reason: 'the stream ended' } as const;
  const lines = run([
    [0, progress(0)],
    [1_000, progress(100)],
    ...Array.from({ length: 25 }, (_, second) => [2_000 + second * 1_000, away] as const),
    [27_000, { type: 'connected', lane: 0, jobId: ID }],
    [27_500, progress(200)],
  ]);
  expect(lines.slice(2)).toEqual([
    'a.csv: reconnecting (the stream ended)',
    'a.csv: still reconnecting (the stream ended)',
    'a.csv: still reconnecting (the stream ended)',
    'a.csv: connected again',
    expect.stringMatching(/^a.csv: 20%, 200 of 1,000 rows, \d/),
  ]);
});

test('without a stream, only GETs: progress continues, with a rate', () => {
  const away = { type: 'reconnecting', lane: 0, jobId: ID, reason: 'HTTP 503' } as const;
  const looks = Array.from({ length: 4 }, (_, second) => [
    [2_000 + second * 1_000, away] as const,
    [2_500 + second * 1_000, progress(200 + second * 100)] as const,
  ]).flat();
  expect(run([[0, progress(0)], [1_000, progress(100)], ...looks]).slice(-1)).toEqual([
    expect.stringContaining('a.csv: 50%, 500 of 1,000 rows, 114 rows/s'),
  ]);
});

test('the end: counts, time, the command for the report', () => {
  const job = new Peer().addJob({ id: ID, filename: "it's.csv", failedCount: 2, successCount: 98 });
  expect(run([[0, { type: 'done', lane: 0, job, exitCode: 3 }]])).toEqual([
    'a.csv: completed in 2.0 s: 100 rows, 98 good, 2 rejected',
    `a.csv: report: csvjobs errors ${ID} -o 'it'\\''s.errors.csv'`,
  ]);
});

test('the reason why a job waits for its next attempt, once until there is progress', () => {
  const snapshot = (message: string | undefined): ViewEvent => {
    const failure = message === undefined ? null : { code: 'foreign_server_unreachable', message };
    return {
      type: 'job',
      lane: 0,
      job: new Peer().addJob({ id: ID, filename: 'a.csv', status: 'processing', failure }),
    };
  };
  const down = 'cannot connect to "far"';
  expect(
    run([
      [0, progress(0)],
      [1_000, snapshot(down)],
      [2_000, snapshot(undefined)],
      [3_000, snapshot(down)],
      [4_000, snapshot('the disk is full')],
      [5_000, progress(1)],
      [6_000, snapshot(down)],
    ]).filter((line) => line.includes('waiting')),
  ).toEqual([
    `a.csv: waiting to try again: ${down}`,
    'a.csv: waiting to try again: the disk is full',
    `a.csv: waiting to try again: ${down}`,
  ]);
});
