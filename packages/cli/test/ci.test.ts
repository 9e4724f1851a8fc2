/** What CI systems read, by the real program: annotations, step summary, JUnit; none of it changes the exit code. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Rejection } from '@csvjobs/shared';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Peer } from './peer.js';
import { csvjobs, folder } from './spawn.js';

let peer: Peer;
let cwd: string;

/** A rejected row at the line after its number, if no other is given. */
function rejection(rowNumber: number, message: string, line = rowNumber + 1): Rejection {
  const row = { name: 'F', email: 'f@g.co', phone: '', company: '' };
  return { rowNumber, line, column: null, code: 'required', message, row };
}

beforeEach(async () => {
  peer = await new Peer().listen();
  cwd = folder();
  // Row 1 spans lines 2 and 3, line 4 is blank, so row 2 starts on line 5.
  writeFileSync(
    join(cwd, 'in.csv'),
    'name,email,phone,company\n"A\nB",a@b.co,,C\n\n"D, ""E""",nobody,,C\nF,f@g.co,,\n',
  );
  peer.plan = () => ({ rows: 3, bad: 2 });
  peer.rejections = () => [
    rejection(2, 'email is not a valid address', 5),
    rejection(3, 'company is required', 6),
  ];
});
afterEach(() => peer.close());
const env = (more: Record<string, string> = {}) => ({ CSVJOBS_URL: peer.url, ...more });
const upload = (args: string[], more: Record<string, string> = {}) =>
  csvjobs(['upload', 'in.csv', '--watch', ...args], { env: env(more), cwd });
const commands = (stderr: string) => stderr.split('\n').filter((line) => line.startsWith('::'));

test('rejected rows at their lines; on by itself under GITHUB_ACTIONS, off with none', async () => {
  const expected = [
    '::error file=in.csv,line=5,title=Rejected row::row 2: email is not a valid address',
    '::error file=in.csv,line=6,title=Rejected row::row 3: company is required',
  ];
  const { code, stdout, stderr } = await upload(['--annotate', 'github']);
  expect(commands(stderr)).toEqual(expected);
  expect(code).toBe(3);
  expect(stdout.trim()).toBe([...peer.jobs.keys()][0]);
  expect(commands((await upload([], { GITHUB_ACTIONS: 'true' })).stderr)).toEqual(expected);
  expect(commands((await upload(['--annotate', 'none'], { GITHUB_ACTIONS: 'true' })).stderr)).toEqual([]);
});

test('what --max-errors allows is a warning', async () => {
  const { code, stderr } = await upload(['--annotate', 'github', '--max-errors', '2']);
  expect(code).toBe(0);
  expect(commands(stderr).every((line) => line.startsWith('::warning '))).toBe(true);
});

test('the first ten rows of a reason, then a sum; rows that differ in a number only are one reason', async () => {
  peer.plan = () => ({ rows: 40, bad: 25 });
  peer.rejections = () =>
    Array.from({ length: 25 }, (_, index) => rejection(index + 30, `duplicate of row ${index + 1}`));
  const lines = commands((await upload(['--annotate', 'github'])).stderr);
  expect(lines.length).toBe(11);
  expect(lines[0]).toBe('::error file=in.csv,line=31,title=Rejected row::row 30: duplicate of row 1');
  expect(lines[10]).toBe('::error file=in.csv::in.csv: 15 more rows: duplicate of an earlier row');
});

test('a value cannot write a command of its own', async () => {
  peer.plan = () => ({ rows: 3, bad: 1 });
  peer.rejections = () => [rejection(2, 'bad%0A\n::set-output name=a::b')];
  const lines = commands((await upload(['--annotate', 'github'])).stderr);
  const place = 'file=in.csv,line=3,title=Rejected row';
  expect(lines).toEqual([`::error ${place}::row 2: bad%250A%0A::set-output name=a::b`]);
});

test('the step summary has counts and the worst reasons, and nothing of a file becomes markup', async () => {
  const summary = join(cwd, 'summary.md');
  peer.rejections = () => [rejection(2, '<img src=x> | a'), rejection(3, 'company is required')];
  await upload([], { GITHUB_STEP_SUMMARY: summary });
  const text = readFileSync(summary, 'utf8');
  expect(text).toContain('| in.csv | ⚠️ completed | 3 | 1 | 2 |');
  expect(text).toContain('| 1 | company is required | 3 |');
  expect(text).not.toContain('<img');
  expect(text).toContain('&lt;img src=x> &#124; a');
});

test('JUnit: a suite for the file, a case for each reason; no failure where the exit code is 0', async () => {
  await upload(['--junit', 'out.xml']);
  const xml = readFileSync(join(cwd, 'out.xml'), 'utf8');
  expect(xml).toContain('<testsuite name="in.csv" tests="3" failures="2" errors="0"');
  expect(xml).toContain('<testcase classname="in.csv" name="loaded"/>');
  expect(xml).toContain('<failure message="1 row: company is required">row 3: F, f@g.co, , </failure>');
  await upload(['--junit', 'ok.xml', '--max-errors', '50', '--quiet']);
  expect(readFileSync(join(cwd, 'ok.xml'), 'utf8')).toContain('tests="3" failures="0"');
});

test('a job that fails is annotated and is a failure', async () => {
  peer.plan = () => ({ end: 'failed' });
  const { code, stderr } = await upload(['--annotate', 'github', '--junit', 'out.xml']);
  expect(code).toBe(5);
  expect(commands(stderr)).toEqual(['::error file=in.csv::in.csv: the job is failed: the disk is full']);
  expect(readFileSync(join(cwd, 'out.xml'), 'utf8')).toContain('failures="1"');
});

test('a report that cannot be had or written is a warning; the exit code stays', async () => {
  const { code, stderr } = await upload(['--junit', 'nowhere/out.xml']);
  expect(code).toBe(3);
  expect(stderr).toContain('warning: a report for CI is incomplete');
});
