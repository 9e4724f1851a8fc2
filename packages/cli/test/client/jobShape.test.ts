/** The fast check of jobs: it accepts what daemons answer, and nothing that zod would reject. */
import {
  type Job,
  jobReadingSchema,
  jobSchema,
  jobSummarySchema,
  progressOf,
  progressSchema,
  tableOfJob,
  uploadedSchema,
} from '@csvjobs/shared';
import { expect, test } from 'vitest';
import { isJob, isJobList, isSummaryList } from '../../src/client/jobShape.js';
import { isJobReading, isProgress } from '../../src/client/progressShape.js';
import { DATE } from '../../src/client/shape.js';
import { isUploaded } from '../../src/client/uploadedShape.js';
import { Peer } from '../peer.js';

const JOB: Job = {
  ...new Peer().addJob(),
  errors: [{ rowNumber: 1, message: 'm', row: { name: 'A' } }],
  reasons: [{ message: 'm', rows: 2, advice: 'a' }],
  failure: { code: 'c', message: 'm' },
  spec: {},
  overrides: {},
  source: { encoding: 'utf-8', delimiter: ',', compression: 'none', fields: 4, lineEnd: 'lf' },
  mode: { onConflict: 'update', key: ['email'], atomic: true, maxErrors: '1%' },
  counts: { inserted: 1, updated: 2, unchanged: 3, skipped: 0 },
  reading: { readBytes: 1, totalBytes: 2, pass: 1 },
  notices: ['n'],
};

test('accepts a job of the daemon, before and after its file is read', () => {
  expect(jobSchema.strict().parse(JOB)).toEqual(JOB);
  const { reasons: _reasons, ...before } = JOB;
  expect(isJob(before)).toBe(true);
  expect(isJob({ ...JOB, table: 'sales.orders', spec: { csvjobs: { into: 'sales.orders' } } })).toBe(true);
  const { table: _table, ...older } = JOB;
  expect(isJob(older)).toBe(true);
  expect(tableOfJob(jobSchema.parse(older))).toBe('customers');
  expect(isJobList([JOB, { ...JOB, startedAt: null, completedAt: null, source: null, failure: null }])).toBe(
    true,
  );
});

test('a summary has exactly what a list shows of a job', () => {
  const summary = jobSummarySchema.parse(JOB);
  expect(isSummaryList([summary, { ...summary, startedAt: null }])).toBe(true);
  const { table: _table, ...older } = summary;
  expect(isSummaryList([older, summary])).toBe(true);
  expect(isSummaryList([JOB])).toBe(false);
  expect(isSummaryList([{ ...summary, totalRows: -1 }])).toBe(false);
  expect(isJob(summary)).toBe(false);
});

const EARLIER = {
  jobId: JOB.id,
  filename: 'a.csv',
  status: 'completed',
  createdAt: JOB.createdAt,
  successCount: 1,
  failedCount: 0,
};

test('accepts every day of the century, and no day that zod rejects', () => {
  const { createdAt } = jobSchema.shape;
  const two = (number: number) => String(number).padStart(2, '0');
  for (let year = 2000; year < 2100; year++)
    for (let month = 0; month <= 13; month++)
      for (let day = 0; day <= 32; day++) {
        const time = `${year}-${two(month)}-${two(day)}T23:59:59.999Z`;
        expect(DATE.test(time), time).toBe(createdAt.safeParse(time).success);
      }
});

test('the answer to an upload: accepts what daemons send, and no strange value that zod rejects', () => {
  for (const earlier of [EARLIER, null, undefined])
    expect(isUploaded({ jobId: JOB.id, ...(earlier !== undefined && { earlier }) })).toBe(true);
  for (const strange of STRANGE) {
    const values = Object.keys(EARLIER).map((key) => ({
      jobId: JOB.id,
      earlier: { ...EARLIER, [key]: strange },
    }));
    for (const value of [strange, { jobId: strange }, { jobId: JOB.id, earlier: strange }, ...values])
      if (isUploaded(value)) expect(uploadedSchema.safeParse(value).success).toBe(true);
  }
  expect(isUploaded({ jobId: JOB.id, more: 1 })).toBe(false);
});

test('events of a job: accepts what daemons send, and no strange value that zod rejects', () => {
  const progress = progressOf(JOB);
  const { counts: _counts, reading: _reading, ...plain } = progress;
  const reading = { jobId: JOB.id, ...JOB.reading };
  expect([progress, plain].map(isProgress)).toEqual([true, true]);
  expect(isJobReading(reading)).toBe(true);
  for (const strange of STRANGE) {
    for (const key of Object.keys(progress)) {
      const value = { ...progress, [key]: strange };
      if (isProgress(value)) expect(progressSchema.safeParse(value).success).toBe(true);
    }
    for (const key of Object.keys(reading)) {
      const value = { ...reading, [key]: strange };
      if (isJobReading(value)) expect(jobReadingSchema.safeParse(value).success).toBe(true);
    }
  }
  expect([isProgress({ ...plain, more: 1 }), isJobReading({ ...reading, more: 1 })]).toEqual([false, false]);
});

const STRANGE = [
  undefined,
  null,
  -1,
  0,
  1.5,
  2 ** 53,
  '',
  'x',
  [],
  {},
  [1],
  { a: 1 },
  '2025-02-30T00:00:00.000Z',
];

test('never accepts a strange value that zod rejects', () => {
  let taken = 0;
  for (const [holder, read] of [
    [JOB, (value: object) => value],
    [JOB.errors[0], (value: object) => ({ ...JOB, errors: [value] })],
    [JOB.reasons?.[0], (value: object) => ({ ...JOB, reasons: [value] })],
    [JOB.source, (value: object) => ({ ...JOB, source: value })],
    [JOB.failure, (value: object) => ({ ...JOB, failure: value })],
    [JOB.mode, (value: object) => ({ ...JOB, mode: value })],
    [JOB.counts, (value: object) => ({ ...JOB, counts: value })],
    [JOB.reading, (value: object) => ({ ...JOB, reading: value })],
  ] as const)
    for (const key of Object.keys(holder ?? {}))
      for (const strange of [...STRANGE, undefined]) {
        const job = read({ ...holder, [key]: strange });
        if (!isJob(job)) continue;
        taken += 1;
        expect(jobSchema.safeParse(job), `${key}: ${JSON.stringify(strange)}`).toMatchObject({
          success: true,
        });
      }
  expect(taken).toBeGreaterThan(5);
  const { status: _status, ...less } = JOB;
  for (const job of [less, { ...JOB, more: 1 }, null, [], 'job']) expect(isJob(job)).toBe(false);
});
