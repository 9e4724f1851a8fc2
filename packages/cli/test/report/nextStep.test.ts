/** What helps when the state of a job does not allow what was asked of it. */
import type { Job, JobStatus } from '@csvjobs/shared';
import { expect, test } from 'vitest';
import { sized } from '../../../daemon/test/support/form.js';
import { type JobAction, nextStep } from '../../src/report/nextStep.js';
import { refuse } from '../peer/answers.js';
import { Peer } from '../peer.js';
import { csvFile, csvjobs } from '../spawn.js';

const ID = '3f2a9c1e-d1d9-47b0-8743-30ab21354407';
const next = (status: JobStatus, asked: JobAction, more: Partial<Job> = {}) =>
  nextStep({ id: ID, status, filename: 'in.csv', failure: null, successCount: 1, ...more } as Job, asked);
const DRY: Partial<Job> = { mode: { dryRun: true } };
const NO_ROWS: Partial<Job> = { successCount: 0 };
/** A replacement by a file without a good row. */
const EMPTIED: Partial<Job> = {
  successCount: 0,
  counts: { inserted: 0, updated: 0, unchanged: 0, skipped: 0, removed: 3 },
};

test.each<[JobStatus, JobAction, string, Partial<Job>?]>([
  ['processing', 'accept', 'csvjobs watch 3f2a9c1e'],
  ['pending', 'retry', 'csvjobs watch 3f2a9c1e'],
  ['processing', 'fix', 'csvjobs watch 3f2a9c1e'],
  ['processing', 'delete', 'csvjobs cancel 3f2a9c1e'],
  ['pending', 'undo', 'csvjobs cancel 3f2a9c1e'],
  ['held', 'undo', 'csvjobs discard 3f2a9c1e'],
  ['held', 'fix', 'csvjobs accept 3f2a9c1e, or csvjobs discard 3f2a9c1e'],
  ['held', 'discard', 'csvjobs watch 3f2a9c1e'],
  ['completed', 'accept', 'csvjobs rows 3f2a9c1e'],
  ['completed', 'load', 'csvjobs rows 3f2a9c1e'],
  ['completed', 'discard', 'csvjobs undo 3f2a9c1e'],
  ['completed', 'accept', 'csvjobs show 3f2a9c1e', NO_ROWS],
  ['completed', 'load', 'csvjobs show 3f2a9c1e', EMPTIED],
  ['completed', 'cancel', 'csvjobs show 3f2a9c1e', NO_ROWS],
  ['completed', 'discard', 'csvjobs undo 3f2a9c1e', EMPTIED],
  ['completed', 'retry', 'csvjobs show 3f2a9c1e'],
  ['completed', 'undo', 'csvjobs show 3f2a9c1e'],
  ['completed', 'accept', `csvjobs load ${ID} --watch`, DRY],
  ['completed', 'fix', `csvjobs load ${ID} --watch`, DRY],
  ['completed', 'rows', `csvjobs load ${ID} --watch`, DRY],
  ['cancelled', 'accept', `to continue: csvjobs retry ${ID}`],
  [
    'failed',
    'load',
    'after fixing the file: csvjobs upload in.csv --watch',
    { failure: { code: 'file_invalid', message: 'm' } },
  ],
  ['undone', 'undo', 'csvjobs show 3f2a9c1e'],
  ['undone', 'retry', `to load it again: csvjobs retry ${ID}`],
])('a job that is %s, asked to %s: %s', (status, asked, command, more) => {
  expect(next(status, asked, more)).toBe(command);
});

test('a held job that was answered is about to end', () => {
  const held = { until: 'later', answer: 'accepted' } as Job['held'];
  expect(next('held', 'undo', { held })).toBe('csvjobs watch 3f2a9c1e');
});

test('every command about a job says it, and none names the list of jobs', { tags: ['sized'] }, async () => {
  const peer = await new Peer().listen();
  try {
    const env = { CSVJOBS_URL: peer.url };
    const { id } = peer.addJob({ status: 'completed' });
    peer.fault = ({ method, url = '' }, response) => {
      const asks = method === 'DELETE' || method === 'POST' || url.includes('/rows.');
      if (asks) refuse(response, 'job_state_conflict', 'the job is completed already');
      return asks;
    };
    const asked = [
      [['accept', id], 'rows'],
      [['discard', id], 'undo'],
      [['load', id], 'rows'],
      [['retry', id], 'show'],
      [['cancel', id], 'undo'],
      [['delete', id, '--yes'], 'show'],
      [['undo', id, '--yes'], 'show'],
      [['rows', id], 'show'],
      [['upload', csvFile(), '--fixes', id], 'show'],
    ] as const;
    for (const [args, command] of sized<readonly (typeof asked)[number][]>(asked.slice(-3), asked)) {
      const { code, stderr } = await csvjobs([...args], { env });
      const what = args[0] === 'upload' ? 'fix' : args[0] === 'rows' ? 'print the rows of' : args[0];
      expect({
        args,
        code,
        what: /error: (.*)/.exec(stderr)?.[1],
        next: /next: (.*)/.exec(stderr)?.[1],
      }).toEqual({
        args,
        code: 2,
        what: `Cannot ${what} job ${id.slice(0, 8)}`,
        next: `csvjobs ${command} ${id.slice(0, 8)}`,
      });
    }
  } finally {
    await peer.close();
  }
});
