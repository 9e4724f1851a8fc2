/** The live view's frames and keys. */
import type { Job, Progress } from '@csvjobs/shared';
import { Text } from 'ink';
import { render } from 'ink-testing-library';
import { expect, onTestFinished, test } from 'vitest';
import { paintWith } from '../../src/text/paint.js';
import { type Board, createBoard } from '../../src/ui/board.js';
import { LiveView, newFocus } from '../../src/ui/LiveView.js';
import { lastLines } from '../../src/ui/liveFrame.js';
import { HELD, Peer } from '../peer.js';
import { eventually } from '../spawn.js';

const ID = '3f2a9c1e-0000-4000-8000-000000000001';

function show(names: readonly string[], size: { columns?: number; rows?: number } = {}) {
  let clock = 0;
  const board = createBoard(names, () => clock);
  const done: string[] = [];
  const actions = {
    leave: () => void done.push('leave'),
    interrupt: () => void done.push('interrupt'),
    cancel: async (id: string, name: string) => `${done.push(`cancel ${id}`)} cancelled ${name}`,
    accept: async (id: string) => `${done.push(`accept ${id}`)} accepted`,
    discard: async (id: string) => `${done.push(`discard ${id}`)} discarded`,
    saveReport: async (id: string, name: string) => `${done.push(`save ${id} ${name}`)} saved`,
  };
  const { columns = 100, rows = 24 } = size;
  const ink = render(<Text>…</Text>);
  Object.assign(ink.stdout, { rows });
  Object.defineProperty(ink.stdout, 'columns', { value: columns });
  ink.rerender(
    <LiveView
      board={board}
      focus={newFocus()}
      paint={paintWith(false)}
      typed={(command) => command}
      actions={actions}
      interactive={true}
    />,
  );
  onTestFinished(() => ink.unmount());
  const frame = () => ink.lastFrame() ?? '';
  const until = (...texts: string[]) => eventually(() => texts.every((text) => frame().includes(text)));
  const at = (time: number, act: (board: Board) => void) => {
    clock = time;
    act(board);
  };
  const press = (keys: string) => ink.stdin.write(keys);
  const last = () => {
    board.flush();
    return lastLines(board.lanes(), { columns, paint: paintWith(false), now: clock }, 3_000);
  };
  return { board, frame, until, at, press, done, last };
}

function progress(more: Partial<Progress>): Progress {
  return {
    jobId: ID,
    processedRows: 0,
    totalRows: 1000,
    successCount: 0,
    failedCount: 0,
    status: 'processing',
    ...more,
  };
}

function job(more: Partial<Job> = {}): Job {
  return new Peer().addJob({ id: ID, totalRows: 1000, processedRows: 1000, successCount: 1000, ...more });
}

test('bytes while uploading, then rows with rate, ETA, good and bad counts', async () => {
  const { until, at } = show(['customers.csv']);
  at(0, ({ handle }) => handle({ type: 'uploading', lane: 0, sentBytes: 0, totalBytes: 4_000_000 }));
  at(1000, ({ handle }) =>
    handle({ type: 'uploading', lane: 0, sentBytes: 1_000_000, totalBytes: 4_000_000 }),
  );
  await until('customers.csv', 'uploading 1.00 MB of 4.00 MB', '1.00 MB/s', 'ETA 3.0 s', '25%');
  at(2000, ({ handle }) => handle({ type: 'uploaded', lane: 0, jobId: ID }));
  await until('3f2a9c1e', 'waiting for its turn');
  at(3000, ({ handle }) => handle({ type: 'progress', lane: 0, progress: progress({}) }));
  at(4000, ({ handle }) =>
    handle({
      type: 'progress',
      lane: 0,
      progress: progress({ processedRows: 500, successCount: 490, failedCount: 10 }),
    }),
  );
  await until('500 of 1,000 rows', '490 good', '10 rejected', '500 rows/s', 'ETA 1.0 s', '50%', 'q leave');
});

test('a lost daemon shows as reconnecting, and no longer when it is back', async () => {
  const { until, at, frame } = show(['customers.csv']);
  at(0, ({ handle }) => handle({ type: 'progress', lane: 0, progress: progress({}) }));
  at(1_000, ({ handle }) =>
    handle({ type: 'progress', lane: 0, progress: progress({ processedRows: 100 }) }),
  );
  await until('100 rows/s', 'ETA');
  at(2_000, ({ handle }) => handle({ type: 'reconnecting', lane: 0, jobId: ID, reason: 'HTTP 503' }));
  await until('reconnecting (HTTP 503)');
  expect(frame()).not.toMatch(/rows\/s|ETA/);
  at(3_000, ({ handle }) => handle({ type: 'connected', lane: 0, jobId: ID }));
  await eventually(() => !frame().includes('reconnecting'));
});

test('the end states counts, time and the command for the report; the keys are gone', async () => {
  const { at, last } = show(['customers.csv']);
  const errors = [{ rowNumber: 3, message: 'company is required', row: {} }];
  at(0, ({ handle }) =>
    handle({ type: 'done', lane: 0, exitCode: 3, job: job({ failedCount: 1, successCount: 999, errors }) }),
  );
  const text = last().join('\n');
  for (const part of [
    '! customers.csv',
    '1,000 rows',
    '999 good',
    '1 rejected',
    'company is required',
    'completed in 2.0 s',
    'csvjobs errors 3f2a9c1e -o customers.errors.csv',
  ])
    expect(text).toContain(part);
  expect(text).not.toContain('q leave');
});

test('the reasons of all rejects while rows are loaded: the worst three, and how many others', async () => {
  const { until, at, frame } = show(['customers.csv']);
  const counts = { processedRows: 1000, successCount: 0, failedCount: 1000 };
  at(0, ({ handle }) =>
    handle({ type: 'progress', lane: 0, progress: progress({ ...counts, totalRows: 9000 }) }),
  );
  const reasons = [
    { message: 'email is not a valid address', rows: 900 },
    { message: 'name is required', rows: 50 },
    { message: 'already in customers', rows: 30 },
    { message: 'company is required', rows: 12 },
    { message: 'email is required', rows: 8 },
  ];
  at(1, ({ handle }) => handle({ type: 'job', lane: 0, job: job({ ...counts, reasons }) }));
  await until('900 email is not', ' 50 name is required', ' 30 already', ' 20 for 2 other reasons');
  expect(frame()).not.toContain('of the first');
});

test('a daemon that does not count reasons: those of the first rejects, and so it says', async () => {
  const { until, at } = show(['customers.csv']);
  const errors = [3, 4].map((rowNumber) => ({ rowNumber, message: 'company is required', row: {} }));
  at(0, ({ handle }) => handle({ type: 'done', lane: 0, exitCode: 3, job: job({ failedCount: 9, errors }) }));
  await until('of the first 2 rejected:', '2 company is required');
});

test('a held file shows its first rows and both commands; a and d answer, after a question', async () => {
  const { until, at, press, done, frame, last } = show(['prices.csv']);
  const counts = { processedRows: 1000, successCount: 1000 };
  at(0, ({ handle }) =>
    handle({ type: 'progress', lane: 0, progress: progress({ ...counts, status: 'held' }) }),
  );
  const held = job({ status: 'held', completedAt: null, held: HELD });
  at(1, ({ handle }) => handle({ type: 'job', lane: 0, job: held }));
  await until('◆', '~ sku a1: price 5.00 → 6.00', 'until 2126-11-26 15:04 UTC', 'csvjobs accept 3f2a9c1e');
  await until('a accept · d discard · q leave');
  press('c');
  press('a');
  await until('Accept customers.csv? y yes');
  press('n');
  await until('a accept · d discard');
  expect(done).toEqual([]);
  press('d');
  await until('Discard customers.csv?');
  press('y');
  await until('discarded');
  press('a');
  press('y');
  await until('accepted');
  expect(done).toEqual([`discard ${ID}`, `accept ${ID}`]);
  expect(last().join('\n')).toContain('csvjobs discard 3f2a9c1e');
  at(2, ({ handle }) => handle({ type: 'done', lane: 0, exitCode: 0, job: job() }));
  await until('completed in');
  expect(frame()).not.toContain('csvjobs accept');
});

test('a cancelled file says how it goes on', async () => {
  const { until, at } = show(['customers.csv']);
  at(0, ({ handle }) => handle({ type: 'done', lane: 0, exitCode: 5, job: job({ status: 'cancelled' }) }));
  await until('cancelled in', 'to continue: csvjobs retry 3f2a9c1e');
});

test('several files: a line each, and at the end what to look at', async () => {
  const { at, last } = show(['a.csv', 'b.csv', 'c.csv']);
  at(0, ({ handle }) => handle({ type: 'done', lane: 0, exitCode: 0, job: job({ filename: 'a.csv' }) }));
  at(0, ({ handle }) =>
    handle({
      type: 'done',
      lane: 1,
      exitCode: 5,
      job: job({
        filename: 'b.csv',
        status: 'failed',
        failedCount: 2,
        failure: { code: 'x', message: 'no room' },
      }),
    }),
  );
  const text = last().join('\n');
  for (const part of [
    /✓ \S+ a.csv/,
    /✗ \S+ b.csv/,
    /○ +c.csv/,
    '3 files: 1 loaded, 1 failed, 1 not finished · 2,000 good, 2 rejected · 3.0 s',
    'b.csv: no room',
    '-o b.errors.csv',
    'b.csv: once that is fixed: csvjobs retry 3f2a9c1e',
  ])
    expect(text).toMatch(part);
  expect(text).not.toContain('a.errors.csv');
});

test('keys: e saves, c asks before it cancels, arrows choose, q leaves, Ctrl-C interrupts', async () => {
  const { until, at, press, done, frame } = show(['a.csv', 'b.csv']);
  for (const lane of [0, 1])
    at(0, ({ handle }) => handle({ type: 'progress', lane, progress: progress({}) }));
  await until('c cancel', '› ● 3f2a9c1e a.csv');
  press('e');
  await until('saved');
  press('c');
  await until('Cancel a.csv?');
  press('n');
  await eventually(() => !frame().includes('Cancel'));
  press('\u001b[B');
  await until('› ● 3f2a9c1e b.csv');
  press('c');
  await until('Cancel b.csv?');
  press('y');
  await until('cancelled b.csv');
  press('q');
  press('\u0003');
  await eventually(() => done.length === 4);
  expect(done).toEqual([`save ${ID} a.csv`, `cancel ${ID}`, 'leave', 'interrupt']);
});

test('a hostile name and message move no cursor', async () => {
  const { until, at, frame } = show(['evil\u001b[2J.csv']);
  const errors = [{ rowNumber: 3, message: 'bad \u009b31m value', row: {} }];
  at(0, ({ handle }) => handle({ type: 'done', lane: 0, exitCode: 3, job: job({ failedCount: 1, errors }) }));
  await until('evil␛[2J.csv', 'bad \ufffd31m value');
  expect(frame()).not.toContain('\u001b[2J');
});
