/** `retry` is offered only if the same file may get further. */
import { PROBLEMS } from '@csvjobs/shared';
import { expect, test } from 'vitest';
import { LONG } from '../../../daemon/test/support/form.js';
import { retryHint } from '../../src/report/retryHint.js';
import { refuse } from '../peer/answers.js';
import { Peer } from '../peer.js';
import { csvFile, csvjobs, plainText, startOnTerminal } from '../spawn.js';

const hintOf = (code: string, filename = 'in.csv') =>
  retryHint({ id: '3f2a9c1e', status: 'failed', filename, failure: { code, message: 'm' } });

test.each([
  ['header_invalid', 'after fixing the file', 'csvjobs upload in.csv --watch'],
  ['file_invalid', 'after fixing the file', 'csvjobs upload in.csv --watch'],
  ['gzip_damaged', 'after fixing the file', 'csvjobs upload in.csv --watch'],
  ['zstd_damaged', 'after fixing the file', 'csvjobs upload in.csv --watch'],
  ['encoding_conflict', 'with the right one', 'csvjobs upload in.csv --watch --encoding <name>'],
  ['encoding_undetermined', 'with the right one', 'csvjobs upload in.csv --watch --encoding <name>'],
  ['delimiter_unknown', 'with the right one', 'csvjobs upload in.csv --watch --delimiter <text>'],
  ['file_missing', 'the daemon no longer has the file', 'csvjobs upload in.csv --watch'],
  ['decompressed_too_large', 'after raising MAX_DECODED_BYTES', 'csvjobs retry 3f2a9c1e'],
  ['database_disk_full', 'once that is fixed', 'csvjobs retry 3f2a9c1e'],
  ['table_not_allowed', 'once TARGET_TABLES of the daemon includes the table', 'csvjobs retry 3f2a9c1e'],
  ['internal', 'once that is fixed', 'csvjobs retry 3f2a9c1e'],
])('%s: %s: %s', (code, when, command) => {
  expect(hintOf(code)).toEqual({ when, command });
});

test('the suggested upload has the options of the first one', () => {
  const gate = (more: object) =>
    retryHint({
      ...{ id: '3f2a9c1e', status: 'failed', filename: 'in.csv', table: 'shop.prices' },
      ...{ failure: { code: 'gate_not_met', message: 'm' } },
      ...more,
    })?.command;
  const mode = { atomic: true, maxErrors: '1%' } as const;
  const upload = 'csvjobs upload in.csv';
  expect(gate({ mode, spec: { csvjobs: { ...mode, into: 'shop.prices' } } })).toBe(
    `${upload} --into shop.prices --atomic --max-errors 1% --watch`,
  );
  const update = { onConflict: 'update', key: ['order_id', 'line'], updateOnly: true } as const;
  expect(gate({ mode: { ...mode, ...update, dryRun: true } })).toBe(
    `${upload} --into shop.prices --on-conflict update --key order_id,line --update-only --dry-run --atomic --max-errors 1% --watch`,
  );
  // If its spec has more, the command names the job, which uses all of it.
  expect(gate({ mode, spec: { csvjobs: { ...mode, default: { a: 'x' } } } })).toBe(
    `${upload} --like 3f2a9c1e --atomic --max-errors 1% --watch`,
  );
  expect(gate({ mode: { maxErrors: 3 }, table: 'customers' })).toBe(`${upload} --max-errors 3 --watch`);
});

test('a problem of the file never suggests a retry, including codes added to the API later', () => {
  // 413, 415 and 422 are about the sent content; the codes in REQUEST are about the request around the file.
  const REQUEST = ['not_multipart', 'not_json'];
  const RAISED = ['decompressed_too_large'];
  const codes = Object.entries(PROBLEMS).filter(([, { status }]) => [413, 415, 422].includes(status));
  expect(codes.length).toBeGreaterThan(8);
  const retried = codes.flatMap(([code]) => (hintOf(code)?.command.includes('retry') ? code : []));
  expect(retried.sort()).toEqual([...REQUEST, ...RAISED].sort());
});

test('a cancelled job suggests a retry; a finished or running one nothing', () => {
  const of = (status: 'cancelled' | 'completed' | 'pending') =>
    retryHint({ id: 'x', status, filename: 'in.csv', failure: null });
  expect(of('cancelled')).toEqual({ when: 'to continue', command: 'csvjobs retry x' });
  expect([of('completed'), of('pending')]).toEqual([undefined, undefined]);
});

test('the command can be pasted for any file name', () => {
  expect(hintOf('header_invalid', "-it's.csv")?.command).toBe("csvjobs upload './-it'\\''s.csv' --watch");
});

test('the real program: lines, the live view and show agree', async () => {
  const peer = await new Peer().listen();
  try {
    const failure = { code: 'header_invalid', message: 'there is no column email' };
    peer.plan = () => ({ end: 'failed', failure });
    const env = { CSVJOBS_URL: peer.url };
    const path = csvFile();
    const lines = await csvjobs(['upload', path, '--watch'], { env });
    const live = await startOnTerminal(['upload', path, '--watch', '--again'], { env, columns: 100 }).ended;
    const several = await csvjobs(['upload', path, csvFile(), '--watch', '--again'], { env });
    const shown = await csvjobs(['show', lines.stdout.trim()], { env });
    // The upload knows the file's folder; the job knows only its name.
    for (const [seen, file] of [
      [lines.stderr, path],
      [plainText(live.stdout), path],
      [several.stderr, path],
      [shown.stdout, 'customers.csv'],
    ] as const) {
      expect(seen).toMatch(/[aA]fter fixing the file: csvjobs upload /);
      expect(seen).toContain(`fter fixing the file: csvjobs upload ${file}`);
      expect(seen).not.toContain('csvjobs retry');
    }
  } finally {
    await peer.close();
  }
});

test(
  'the real program: --yes exactly where it cannot ask, in every command that prints an upload',
  LONG,
  async () => {
    const peer = await new Peer().listen();
    try {
      const failure = { code: 'header_invalid', message: 'there is no column email' };
      const mode = { replace: true, atomic: true, maxErrors: 0, maxRemoved: '10%' } as const;
      const { id } = peer.addJob({
        status: 'failed',
        table: 'shop.prices',
        filename: 'a.csv',
        failure,
        mode,
      });
      peer.fault = ({ url = '' }, response) => {
        const is = url.includes('/rows.') || url.endsWith('/retry');
        if (is) refuse(response, 'job_state_conflict', 'the job has failed');
        return is;
      };
      const env = { CSVJOBS_URL: peer.url };
      const upload = 'csvjobs upload a.csv --into shop.prices --replace --watch';
      for (const args of [
        ['show', id],
        ['watch', id],
        ['rows', id],
        ['retry', id],
      ]) {
        const piped = await csvjobs(args, { env });
        expect(`${piped.stdout}${piped.stderr}`, args[0]).toContain(
          `fter fixing the file: ${upload} --yes\n`,
        );
        const seen = plainText((await startOnTerminal(args, { env, columns: 120 }).ended).stdout);
        expect(seen, args[0]).toContain(`fter fixing the file: ${upload}`);
        expect(seen, args[0]).not.toContain('--yes');
      }
    } finally {
      await peer.close();
    }
  },
);

test('a retry refused by the daemon: the next step is that of the job', async () => {
  const peer = await new Peer().listen();
  try {
    const failure = { code: 'header_invalid', message: 'there is no column email' };
    const job = peer.addJob({ status: 'failed', failure });
    peer.fault = ({ url = '' }, response) => {
      if (!url.endsWith('/retry')) return false;
      refuse(response, 'job_state_conflict', 'the job would fail again');
      return true;
    };
    const { code, stderr } = await csvjobs(['retry', job.id], { env: { CSVJOBS_URL: peer.url } });
    expect(code).toBe(2);
    expect(stderr).toContain('after fixing the file: csvjobs upload customers.csv');
  } finally {
    await peer.close();
  }
});
