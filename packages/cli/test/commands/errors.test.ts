/** `csvjobs errors`: the unchanged report, to stdout or into a file that is complete or absent. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Peer } from '../peer.js';
import { csvjobs, folder, plainText, start, startOnTerminal } from '../spawn.js';

let peer: Peer;
let id: string;
beforeEach(async () => {
  peer = await new Peer().listen();
  id = peer.addJob({ failedCount: 1 }).id;
});
afterEach(() => peer.close());
const env = () => ({ CSVJOBS_URL: peer.url });
const HEADER = 'rowNumber,name,email,phone,company,error\n';
const REPORT = `${HEADER}3,"A, B",x,,ACME,email is not a valid address\n`;

test('stdout has exactly the report, byte for byte', async () => {
  const job = peer.addJob({ failedCount: 2 });
  peer.report = () => `${REPORT}4,\u001b[31m,"x\r\ny",,C,e\n`;
  expect(await csvjobs(['errors', job.id], { env: env() })).toMatchObject({
    code: 0,
    stdout: `${REPORT}4,\u001b[31m,"x\r\ny",,C,e\n`,
    stderr: '',
  });
});

test('on a terminal control characters are made visible', async () => {
  peer.report = () => `${HEADER}3,\u001b[2J\u009b,"x\ry",,C,e\n`;
  const { stdout } = await startOnTerminal(['errors', id], { env: env() }).ended;
  expect(stdout).toBe(`${HEADER}3,␛[2J\ufffd,"x␍y",,C,e\n`.replaceAll('\n', '\r\n'));
});

test('a job without rejects: a message on a terminal; only the header in a pipe', async () => {
  const { id } = peer.addJob({ failedCount: 0 });
  peer.report = () => HEADER;
  const { stdout } = await startOnTerminal(['errors', id], { env: env() }).ended;
  expect(plainText(stdout)).toBe(`${HEADER}Job ${id.slice(0, 8)} has no rejected rows.\n`);
  expect(await csvjobs(['errors', id], { env: env() })).toMatchObject({ stdout: HEADER, stderr: '' });
});

test('-o writes the file, and says so on stderr', async () => {
  peer.report = () => REPORT;
  const cwd = folder();
  const { code, stdout, stderr } = await csvjobs(['errors', id.slice(0, 8), '-o', 'e.csv'], {
    env: env(),
    cwd,
  });
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
  expect(stderr).toContain('saved e.csv');
  expect(readFileSync(join(cwd, 'e.csv'), 'utf8')).toBe(REPORT);
  expect(readdirSync(cwd)).toEqual(['e.csv']);
});

test('a broken report, without waiting, leaves the old file and no part file', async () => {
  peer.report = async function* () {
    yield REPORT;
    throw new Error('cut');
  };
  const cwd = folder();
  writeFileSync(join(cwd, 'e.csv'), 'old');
  const impatient = { ...env(), CSVJOBS_RECONNECT: '0s' };
  const { code, stderr } = await csvjobs(['errors', id, '-o', 'e.csv'], { env: impatient, cwd });
  expect(code).toBe(6);
  // The bytes that arrived may be lost with the connection.
  expect(stderr).toMatch(
    /^error: The report is incomplete: it broke off (after row 3|before its first row)$/m,
  );
  expect(stderr).not.toContain('continuing from there');
  expect(readdirSync(cwd)).toEqual(['e.csv']);
  expect(readFileSync(join(cwd, 'e.csv'), 'utf8')).toBe('old');
});

test('a daemon that restarts the report instead of resuming: no row twice, exit 1', async () => {
  peer.report = async function* () {
    yield REPORT;
    throw new Error('cut');
  };
  const { code, stdout, stderr } = await csvjobs(['errors', id], { env: env() });
  expect({ code, stdout }).toEqual({ code: 1, stdout: REPORT });
  expect(stderr).toContain('does not support ?after=');
  expect(peer.seen.at(-1)?.url).toBe(`/api/jobs/${id}/errors.csv?after=3`);
});

test('--summary of a job without reason counts counts its report', async () => {
  const job = peer.addJob({ failedCount: 4 });
  const [required, invalid] = ['company is required', 'email is not a valid address'];
  peer.rejections = () =>
    [invalid, required, required, required].map((message, index) => ({
      ...{ rowNumber: index + 1, line: index + 2, column: null, code: 'required' as const },
      ...{ message: message ?? '', row: {} },
    }));
  const { stdout } = await csvjobs(['errors', job.id, '--summary'], { env: env() });
  expect(stdout.split('\n').slice(1, 3)).toEqual([
    `   3    75%  ${'━'.repeat(20)}  company is required`,
    `   1    25%  ${'━'.repeat(6)}╸${' '.repeat(13)}  email is not a valid address`,
  ]);
  const json = await csvjobs(['errors', job.id, '--summary', '--json'], { env: env() });
  expect(JSON.parse(json.stdout)).toMatchObject({
    total: 4,
    reasons: [{ message: 'company is required', rows: 3 }, {}],
  });
});

test('--summary of a job with reason counts does not read its report', async () => {
  const reasons = [
    { message: 'email is not a valid address', rows: 2_000 },
    { message: 'duplicate of an earlier row', rows: 1_000 },
  ];
  const job = peer.addJob({ failedCount: 3_000, reasons });
  const { stdout } = await csvjobs(['errors', job.id, '--summary', '--json'], { env: env() });
  expect(JSON.parse(stdout)).toEqual({ total: 3_000, reasons });
  const table = await csvjobs(['errors', job.id, '--summary'], { env: env() });
  expect(table.stdout).toMatch(/2,000 +66%/);
  expect(peer.seen.filter(({ url }) => url.includes('errors'))).toEqual([]);
});

test('a missing folder: exit 2', async () => {
  const { code, stderr } = await csvjobs(['errors', id, '-o', 'nowhere/e.csv'], { env: env() });
  expect(code).toBe(2);
  expect(stderr).toContain('its folder does not exist');
});

test('a full device: exit 2 and the reason, as for a file', async () => {
  peer.report = () => REPORT;
  const { code, stderr } = await csvjobs(['errors', id, '-o', '/dev/full'], { env: env() });
  expect(code).toBe(2);
  expect(stderr).toMatch(/\/dev\/full cannot be written\n {2}why: {2}the disk is full/);
});

test('a closed pipe ends it silently, however long the report', async () => {
  let sent = 0;
  peer.report = async function* () {
    yield HEADER;
    while (sent < 1_000_000) {
      sent += 1;
      yield REPORT.slice(HEADER.length).repeat(20);
      if (sent % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const running = start(['errors', id], { env: env() });
  await running.until((printed) => printed.includes('rowNumber'));
  running.child.stdout?.destroy();
  const { code, stderr } = await running.ended;
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});

test('--format json and ndjson; --json is json; --excel asks for a report for spreadsheets', async () => {
  const job = peer.addJob({
    failedCount: 1,
    errors: [{ rowNumber: 3, message: 'm', row: { name: '=1+1' } }],
  });
  const expected = peer.rejections(job);
  for (const args of [['--format', 'json'], ['--json']])
    expect(JSON.parse((await csvjobs(['errors', job.id, ...args], { env: env() })).stdout)).toEqual(expected);
  const { stdout } = await csvjobs(['errors', job.id, '--format', 'ndjson'], { env: env() });
  expect(stdout).toBe(expected.map((rejection) => `${JSON.stringify(rejection)}\n`).join(''));
  const sheet = await csvjobs(['errors', job.id, '--excel'], { env: env() });
  expect(sheet.stdout).toMatch(/^\ufeffrowNumber,/);
  const asked = peer.seen.map(({ url }) => url);
  expect(asked).toContain(`/api/jobs/${job.id}/errors.csv?safe=spreadsheet`);
  const wrong = await csvjobs(['errors', job.id, '--excel', '--format', 'json'], { env: env() });
  expect(wrong).toMatchObject({ code: 2, stdout: '' });
});
