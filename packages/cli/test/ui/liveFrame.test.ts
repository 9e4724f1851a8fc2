/** Frames of the live view at every size: never as high as the terminal, never wider, and always with the counts. */
import type { Job } from '@csvjobs/shared';
import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import { paintWith } from '../../src/text/paint.js';
import { type Lane, newLane, step } from '../../src/ui/lane.js';
import { laneLines } from '../../src/ui/laneLine.js';
import { current, lastLines, liveFrame } from '../../src/ui/liveFrame.js';
import { questionLines } from '../../src/ui/questions.js';
import { summaryLines, totalsLine, totalsOf } from '../../src/ui/totals.js';
import { Peer } from '../peer.js';

const paint = paintWith(false);
const ID = '3f2a9c1e-0000-4000-8000-000000000001';

function running(place: number, more: Partial<Lane> = {}): Lane {
  const lane = newLane(`a long name of a file, number ${place}.csv`, 0, place, 1_000_000);
  return {
    ...lane,
    jobId: ID,
    phase: 'processing',
    totalRows: 9_999_999,
    processedRows: 5_000_000,
    goodRows: 4_700_000,
    badRows: 300_000,
    rate: 312_000,
    reasons: {
      counts: Array.from({ length: 9 }, (_, index) => ({
        message: `reason ${index} `.repeat(20),
        rows: 9 - index,
      })),
      ofFirst: undefined,
    },
    notices: Array.from({ length: 9 }, (_, index) => `notice ${index} `.repeat(30)),
    ...more,
  };
}

function done(place: number, counts: { failedCount?: number; successCount?: number } = {}): Lane {
  const job = new Peer().addJob({ filename: `${place}.csv`, ...counts });
  return step(newLane(`${place}.csv`, 0, place, 1_000), { type: 'done', lane: place, job, exitCode: 0 }, 1);
}

const thirty = [
  ...Array.from({ length: 12 }, (_, place) => done(place)),
  ...Array.from({ length: 3 }, (_, at) => running(12 + at)),
  ...Array.from({ length: 15 }, (_, at) => newLane(`w${at}.csv`, 0, 15 + at, 1_000_000)),
];

const sizes = [20, 40, 80, 120].flatMap((columns) =>
  [4, 5, 6, 8, 10, 24, 60].map((rows) => ({ columns, rows })),
);

describe.each(sizes)('in $columns columns and $rows rows', ({ columns, rows }) => {
  test.each([
    ['one file', [running(0)], false],
    ['30 files', thirty, false],
    ['30 files, one open', thirty, true],
    ['30 finished files', Array.from({ length: 30 }, (_, place) => done(place, { failedCount: 50 })), false],
  ])('%s: lower than the terminal, and no wider', (_name, lanes, open) => {
    for (const usage of [undefined, ['q leave']]) {
      const frame = liveFrame(
        { lanes, chosen: current(lanes), open, note: 'saving the report of a.csv …', usage },
        { columns, rows, paint, now: 5_000, typed: (command) => command },
      );
      expect(frame.length).toBeLessThan(rows);
      expect(frame.length).toBeGreaterThan(0);
      // Ink cuts narrower ones: a live view narrowed while it is drawn.
      if (columns >= 40) for (const line of frame) expect(stringWidth(line)).toBeLessThanOrEqual(columns);
      if (usage) expect(frame.join('\n')).toContain(usage[0]);
    }
  });
});

test.each([20, 40])(
  'at %i columns names that differ in the middle can be told apart: wrapped, not cut',
  (columns) => {
    const [first, second] = ['monday', 'tuesday'].map((day) => `deliveries-of-${day}-to-the-warehouse.csv`);
    const shown = (name: string) => {
      const lane = { ...running(0), name, table: 'sales.order_lines_2026' };
      const place = { columns, rows: 40, paint, now: 0, typed: (command: string) => command };
      const frame = { lanes: [lane], chosen: 0, open: false, note: '', usage: undefined };
      return liveFrame(frame, place).join('').replace(/ +/g, '');
    };
    expect(shown(first!)).toContain(`${first}→sales.order_lines_2026`);
    expect(shown(second!)).toContain(`${second}→sales.order_lines_2026`);
    const question = questionLines('c', first!, columns);
    for (const line of question) expect(stringWidth(line)).toBeLessThanOrEqual(columns);
    expect(question.join('').replace(/ /g, '')).toBe(`Cancel${first}?yyes·anyotherkeyno`);
  },
);

test.each([40, 80, 120])('at %i columns each line has its counts, shortened if space is tight', (columns) => {
  const frame = liveFrame(
    { lanes: thirty, chosen: current(thirty), open: false, note: '', usage: ['q leave'] },
    { columns, rows: 24, paint, now: 0, typed: (command) => command },
  );
  const line = frame.find((text) => text.includes('12.csv'));
  expect(line).toContain(columns === 40 ? '4.70M ✓  300k ✗' : '4,700,000 ✓  300,000 ✗');
  expect(line?.includes('3f2a9c1e')).toBe(columns >= 80);
});

test('a window around the running files, the number outside, and a totals line', () => {
  const frame = liveFrame(
    { lanes: thirty, chosen: current(thirty), open: false, note: '', usage: ['q leave'] },
    { columns: 80, rows: 12, paint, now: 0, typed: (command) => command },
  ).join('\n');
  for (const place of [12, 13, 14]) expect(frame).toContain(`er ${place}.csv`);
  expect(frame).toMatch(/… 11 done, 13 waiting|… 10 done, 12 waiting|… \d+ done, \d+ waiting/);
  expect(frame).toContain('12 of 30 files');
});

test('while files are uploaded, a running job and the uploads are in view, whatever file is chosen', () => {
  const uploading = (lane: Lane): Lane => ({ ...lane, phase: 'uploading', sentBytes: 5 });
  const lanes = thirty.map((lane, place) => {
    if (place >= 12 && place <= 14 && place !== 13)
      return { ...newLane(`${place}.csv`, 0, place), phase: 'pending' as const };
    return place === 2 || place === 28 ? uploading(lane) : lane;
  });
  expect(current(lanes)).toBe(13);
  for (const chosen of [0, 13, 29]) {
    const frame = liveFrame(
      { lanes, chosen, open: false, note: '', usage: ['q leave'] },
      { columns: 80, rows: 12, paint, now: 0, typed: (command) => command },
    ).join('\n');
    expect(frame).toContain('er 13.csv');
    expect(frame.match(/5 B sent/g)).toHaveLength(2);
    expect(frame).toMatch(/… \d+ done, \d+ waiting/);
  }
});

test('a note drops its details before it is wrapped, and nothing of it is cut in the middle', () => {
  const noted = (note: string, columns: number) =>
    liveFrame(
      { lanes: [running(0)], chosen: 0, open: false, note, usage: undefined },
      { columns, rows: 40, paint, now: 0, typed: (command) => command },
    );
  const saved = 'saved big.errors.csv: the rows rejected so far';
  expect(noted(saved, 80)).toContain(`  ${saved}`);
  expect(noted(saved, 40)).toContain('  saved big.errors.csv');
  expect(noted('saved the deliveries of november.errors.csv: so far', 40).slice(-2)).toEqual([
    '  saved the deliveries of',
    '  november.errors.csv',
  ]);
});

test('totals: rows of unread files are estimated from their size, and marked as an estimate', () => {
  const known = running(0, { totalBytes: 100_000, totalRows: 1_000, processedRows: 500, rate: 100 });
  const totals = totalsOf([known, newLane('b.csv', 0, 1, 300_000)]);
  expect(totalsLine(totals, 80)).toBe('0 of 2 files · 500 of ~4,000 rows · 100 rows/s · ETA 35 s');
  expect(totalsLine(totals, 33)).toBe('0 of 2 files · 500 of ~4.00k rows');
  const read = running(1, { totalRows: 3_000, processedRows: 0, rate: 0 });
  expect(totalsLine(totalsOf([known, read]), 40)).toBe('0 of 2 files · 500 of 4.00k rows');
  expect(totalsLine(totalsOf([known, newLane('b.csv', 0, 1)]), 80)).toBe(
    '0 of 2 files · 500 rows · 100 rows/s',
  );
});

test('totals: a job that is over has no rows left; between jobs the speed is that of those that have ended', () => {
  const at = (second: number) => new Date(second * 1_000).toISOString();
  const job = { startedAt: at(10), completedAt: at(15), processedRows: 600 } as Job;
  const cancelled = running(0, { phase: 'cancelled', totalRows: 1_000, processedRows: 600, job });
  const other = running(1, { totalRows: 400, processedRows: 200, rate: 100 });
  expect(totalsLine(totalsOf([cancelled, other]), 80)).toBe(
    '1 of 2 files · 800 of 1,000 rows · 100 rows/s · ETA 2.0 s',
  );
  const waiting = newLane('b.csv', 0, 1);
  expect(totalsLine(totalsOf([cancelled, { ...waiting, totalRows: 240 }]), 80)).toBe(
    '1 of 2 files · 600 of 840 rows · 120 rows/s · ETA 2.0 s',
  );
});

test.each([40, 60, 80])(
  'at %i columns, file names that begin alike show where they differ, and the counts stay visible',
  (columns) => {
    const names = ['north', 'south'].flatMap((region) =>
      [1, 2].map((month) => `sales-of-the-whole-company-2024-0${month}-${region}-final-version.csv`),
    );
    const lanes = names.map((name, place) => running(place, { name }));
    const lines = liveFrame(
      { lanes, chosen: 0, open: false, note: '', usage: ['q leave'] },
      { columns, rows: 24, paint, now: 0, typed: (command) => command },
    ).slice(0, 4);
    // Only the names differ, beside the mark of the chosen one.
    expect(new Set(lines.map((line) => line.slice(1))).size).toBe(4);
    for (const line of lines) {
      expect(line).toMatch(columns < 70 ? / 4.70M ✓ {2}300k ✗/ : / 4,700,000 ✓ {2}300,000 ✗/);
      expect(stringWidth(line)).toBeLessThanOrEqual(columns);
    }
  },
);

test.each<[Partial<Lane>, wide: string, narrow: string]>([
  [{ phase: 'pending' }, 'waiting for its turn', 'waiting'],
  [{ phase: 'pending', reading: 0 }, 'reading the file (1.00 MB), 0.0 s', 'reading'],
  [
    { phase: 'pending', reading: 0, read: { readBytes: 450_000, totalBytes: 1_000_000, pass: 1 } },
    'reading the file: 450 kB of 1.00 MB',
    'reading 45%',
  ],
])('%j: in few words where there is no room for more', (more, wide, narrow) => {
  const lane = { ...newLane('a.csv', 0, 0, 1_000_000), ...more };
  const ends = (columns: number) =>
    laneLines([lane], paint, columns, undefined, 0)[0]!.replace(/.* {3,}/, '');
  expect(ends(140)).toContain(wide);
  expect(ends(40).trim()).toBe(narrow);
});

test('one row is singular, in the totals and in a lane', () => {
  const one = running(0, { totalRows: 1, processedRows: 0, rate: 0 });
  expect(totalsLine(totalsOf([one]), 80)).toBe('0 of 1 file · 0 of 1 row');
  const frame = liveFrame(
    { lanes: [one], chosen: 0, open: false, note: '', usage: undefined },
    { columns: 100, rows: 24, paint, now: 0, typed: (command) => command },
  );
  expect(frame.join('\n')).toContain('0 of 1 row ');
});

test('the summary has each outcome: a job with only rejects is not a success', () => {
  const lanes = [done(0), done(1, { failedCount: 5 }), done(2, { failedCount: 100, successCount: 0 })];
  expect(summaryLines(lanes, paint, 12_000, 120)).toEqual([
    '3 files: 1 loaded, 1 with rejected rows, 1 with every row rejected · 200 good, 105 rejected · 12 s',
  ]);
  expect(summaryLines(lanes, paint, 12_000, 78)).toEqual([
    '3 files: 1 loaded, 1 with rejected rows, 1 with every row rejected ·',
    '200 good, 105 rejected · 12 s',
  ]);
  expect(summaryLines(lanes, paint, 12_000, 38)).toEqual([
    '3 files: 1 loaded,',
    '1 with rejected rows,',
    '1 with every row rejected · 200 good,',
    '105 rejected · 12 s',
  ]);
  const signs = liveFrame(
    { lanes, chosen: 0, open: false, note: '', usage: undefined },
    { columns: 80, rows: 24, paint, now: 0, typed: (command) => command },
  ).map((line) => line.trim()[0]);
  expect(signs.slice(0, 3)).toEqual(['✓', '!', '✗']);
});

test('the summary says that good rows are not in a table', () => {
  const undoneBy = (mode: Job['mode'], status: Job['status']) => (place: number) => {
    const job = new Peer().addJob({ status, ...(mode && { mode }), successCount: 40, failedCount: 0 });
    return step(newLane('a.csv', 0, place), { type: 'done', lane: place, job, exitCode: 0 }, 1);
  };
  const dry = undoneBy({ dryRun: true }, 'completed');
  const failed = undoneBy({ atomic: true }, 'failed');
  const last = (...lanes: Lane[]) => summaryLines(lanes, paint, 1_000, 120)[0];
  expect(last(dry(0), dry(1))).toBe(
    '2 files: 2 loaded · 80 good, 0 rejected · dry run: nothing was loaded · 1.0 s',
  );
  expect(last(failed(0), failed(1))).toContain(' · nothing was loaded · ');
  expect(last(dry(0), failed(1))).toContain(' · nothing was loaded · ');
  expect(last(failed(0), done(1))).toContain(' · 40 of the good rows not loaded · ');
  expect(last(done(0), done(1))).not.toContain('not');
});

test('a failure in the lines that stay is folded between words', () => {
  const message = '241 of the first 6,250 rows are rejected (--max-errors), which ends the job at once';
  const job = new Peer().addJob({ status: 'failed', failure: { code: 'gate_not_met', message } });
  const lanes = [0, 1].map((place) =>
    step(newLane(`${place}/a.csv`, 0, place), { type: 'done', lane: place, job, exitCode: 7 }, 1),
  );
  const lines = lastLines(lanes, { columns: 60, paint, now: 0 }, 1_000);
  expect(lines.filter((line) => line.length > 60 && !line.includes('csvjobs '))).toEqual([]);
  for (const place of [0, 1])
    expect(lines.join('\n').replace(/\n +/g, ' ')).toContain(`${place}/a.csv: ${message}`);
});

describe('several files whose rows may be updated or skipped', () => {
  const counts = { inserted: 1, updated: 2, unchanged: 3, skipped: 4 };
  const lane = (place: number, phase: 'held' | 'completed') => ({
    ...done(place),
    phase,
    counts,
    goodRows: 6,
    badRows: 1,
  });
  const drawn = (columns: number) =>
    liveFrame(
      { lanes: [lane(0, 'held'), lane(1, 'completed')], chosen: 0, open: false, note: '', usage: undefined },
      { columns, rows: 24, paint, now: 0, typed: (command) => command },
    );

  test('each line says what was done with the rows, if there is room', () => {
    const [held, over] = drawn(100);
    expect(held).toContain('held  1 inserted  2 updated  3 unchanged  4 skipped  1 ✗');
    expect(over).toContain('1 inserted  2 updated  3 unchanged  4 skipped  1 ✗');
    expect(drawn(60)[1]).toContain('6 ✓  1 ✗');
    const many = {
      ...lane(1, 'completed'),
      counts: { ...counts, inserted: 1_234_567, unchanged: 7_654_321 },
    };
    expect(laneLines([many], paint, 110, undefined, 0)[0]).toContain(
      '1.23M inserted  2 updated  7.65M unchanged',
    );
  });

  test('so does the summary, unless it is unknown for one of the files', () => {
    const lanes = [lane(0, 'held'), lane(1, 'completed')];
    expect(summaryLines(lanes, paint, 1_000, 120)).toEqual([
      '2 files: 1 with rejected rows, 1 held · 2 inserted, 4 updated, 6 unchanged, 8 skipped, 2 rejected · 1.0 s',
    ]);
    expect(summaryLines([...lanes, done(2)], paint, 1_000, 120)[0]).toContain(' · 112 good, 2 rejected · ');
  });
});

test('what stays of 30 files with rejects ends with the summary, which no command pushes off the screen', () => {
  const lanes = Array.from({ length: 30 }, (_, place) => done(place, { failedCount: 50, successCount: 50 }));
  const lines = lastLines(lanes, { columns: 80, paint, now: 0 }, 3_000);
  expect(lines.slice(0, 30).every((line) => line.startsWith('  ! '))).toBe(true);
  expect(lines.at(-1)).toMatch(/^ {2}30 files: 30 with rejected rows · 1,500 good, 1,500 rejected · 3\.0 s$/);
  expect(lines.filter((line) => line.includes('csvjobs errors '))).toHaveLength(30);
  expect(lines.filter((line) => line.includes('csvjobs fix '))).toEqual([
    '  to fix the rows of a file: csvjobs fix <id>',
  ]);
});
