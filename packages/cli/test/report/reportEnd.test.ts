/** A well-formed report with missing rows is an error: exit 1, and no file. The server may be an old one. */
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Job } from '@csvjobs/shared';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { inShortIf } from '../../../daemon/test/support/form.js';
import { defaultRejections, defaultReport } from '../peer/answers.js';
import { Peer } from '../peer.js';
import { csvjobs, folder } from '../spawn.js';

let peer: Peer;
let cwd: string;
beforeEach(async () => {
  peer = await new Peer().listen();
  cwd = folder();
});
afterEach(() => peer.close());
const run = (...args: string[]) => csvjobs(args, { env: { CSVJOBS_URL: peer.url }, cwd });

/** The peer's reports end after this many rows, well formed. */
function endsAfter(rows: number): void {
  const cut = (job: Job) => ({ ...job, errors: job.errors.slice(0, rows), failedCount: rows });
  peer.report = (job) => defaultReport(cut(job));
  peer.rejections = (job) => defaultRejections(cut(job));
}

describe.each(['csv', 'json', 'ndjson'])('%s', (format) => {
  // In the short form each format has one of these; csv has two.
  test(
    'missing rows: exit 1 with the numbers, the old file stays, no part file',
    inShortIf(format === 'csv'),
    async () => {
      const { id } = peer.addJob({ failedCount: 50, successCount: 50 });
      endsAfter(49);
      writeFileSync(join(cwd, 'e'), 'old');
      const { code, stderr, stdout } = await run('errors', id, '--format', format, '-o', 'e');
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toMatch(/^error: The report is incomplete: 49 of 50 rows\n/);
      expect(stderr).not.toContain('saved');
      expect(readdirSync(cwd)).toEqual(['e']);
    },
  );

  test('to stdout: exit 1, and the output does not look complete', inShortIf(format === 'json'), async () => {
    const { id } = peer.addJob({ failedCount: 50, successCount: 50 });
    endsAfter(49);
    const { code, stdout } = await run('errors', id, '--format', format);
    expect(code).toBe(1);
    expect(stdout).not.toMatch(/\n$/);
    if (format === 'json') expect(() => JSON.parse(stdout)).toThrow();
  });

  test('no rejects, one, and only rejects: exit 0', inShortIf(format === 'ndjson'), async () => {
    for (const failedCount of [0, 1, 1_000]) {
      const { id } = peer.addJob({ failedCount, successCount: 0, totalRows: failedCount });
      expect((await run('errors', id, '--format', format, '-o', 'e')).code).toBe(0);
    }
  });

  test(
    'a running job: at least its initial rejects; more are fine',
    inShortIf(format === 'csv'),
    async () => {
      const running = { status: 'processing', completedAt: null, failedCount: 10, successCount: 0 } as const;
      const { id } = peer.addJob(running);
      endsAfter(12);
      expect((await run('errors', id, '--format', format, '-o', 'e')).code).toBe(0);
      endsAfter(9);
      const { code, stderr } = await run('errors', id, '--format', format, '-o', 'e');
      expect(code).toBe(1);
      expect(stderr).toContain('9 of 10 rows');
    },
  );
});

test('a job deleted midway is reported', async () => {
  const { id } = peer.addJob({ failedCount: 50, successCount: 50 });
  peer.report = async function* (job) {
    const lines = defaultReport(job).split('\n');
    yield `${lines.slice(0, 20).join('\n')}\n`;
    peer.jobs.delete(id);
  };
  const { code, stderr } = await run('errors', id, '-o', 'e.csv');
  expect(code).toBe(1);
  expect(stderr).toContain('The report is incomplete: 19 of 50 rows');
  expect(stderr).toContain('the job was deleted while its report was downloaded');
  expect(readdirSync(cwd)).toEqual([]);
});

test('a job deleted after the whole report: exit 0', async () => {
  const { id } = peer.addJob({ failedCount: 5, successCount: 50 });
  peer.report = async function* (job) {
    yield defaultReport(job);
    peer.jobs.delete(id);
  };
  expect((await run('errors', id, '-o', 'e.csv')).code).toBe(0);
});

test('a job retried in the meantime has more rows: all are accepted', async () => {
  const { id } = peer.addJob({ status: 'cancelled', failedCount: 5, successCount: 0 });
  peer.report = (job) => defaultReport({ ...job, failedCount: 8 });
  expect((await run('errors', id, '-o', 'e.csv')).code).toBe(0);
});

test('the request for the job breaks: it is sent again', async () => {
  const { id } = peer.addJob({ failedCount: 5, successCount: 50 });
  let cuts = 0;
  peer.fault = (_request, response) => {
    cuts += 1;
    if (cuts > 2) return false;
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
    response.write('{"id":', () => response.destroy());
    return true;
  };
  expect((await run('errors', id, '-o', 'e.csv')).code).toBe(0);
  expect(cuts).toBe(4);
});

test('other readers of a report count it too: --summary, and the reports for CI', async () => {
  const { id } = peer.addJob({ failedCount: 50, successCount: 50 });
  endsAfter(49);
  expect(await run('errors', id, '--summary')).toMatchObject({ code: 1, stdout: '' });
  const { code, stderr } = await run('watch', id, '--junit', 'junit.xml');
  expect(code).toBe(3);
  expect(stderr).toContain('warning: a report for CI is incomplete: The report is incomplete: 49 of 50 rows');
});
