/** Output for CI systems, from the real program: annotations, step summary, JUnit; none of it changes the exit code. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Rejection } from '@csvjobs/shared';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { inShortIf } from '../../daemon/test/support/form.js';
import { Peer } from './peer.js';
import { csvjobs, folder } from './spawn.js';

let peer: Peer;
let cwd: string;

/** A rejected row; its line defaults to its number plus one. */
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

test('annotates rejected rows at their lines; default under GITHUB_ACTIONS, off with none', async () => {
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

test('rejects within --max-errors are warnings', async () => {
  const { code, stderr } = await upload(['--annotate', 'github', '--max-errors', '2']);
  expect(code).toBe(0);
  expect(commands(stderr).every((line) => line.startsWith('::warning '))).toBe(true);
});

test('at most ten annotations: one row per reason with the count of the rest, then more rows of each', async () => {
  peer.plan = () => ({ rows: 80, bad: 35 });
  peer.rejections = () => [
    ...Array.from({ length: 25 }, (_, index) => rejection(index + 30, `duplicate of row ${index + 1}`)),
    ...Array.from({ length: 10 }, (_, index) => rejection(index + 60, 'company is required')),
  ];
  const lines = commands((await upload(['--annotate', 'github'])).stderr);
  expect(lines.length).toBe(10);
  expect(lines.slice(0, 3)).toEqual([
    '::error file=in.csv,line=31,title=Rejected row::row 30: duplicate of row 1 (and 24 other rows)',
    '::error file=in.csv,line=61,title=Rejected row::row 60: company is required (and 9 other rows)',
    '::error file=in.csv,line=32,title=Rejected row::row 31: duplicate of row 2',
  ]);
});

test('more than ten reasons: the nine most frequent, and the number of the others', async () => {
  peer.plan = () => ({ rows: 80, bad: 24 });
  peer.rejections = () =>
    'abcdefghijkl'
      .split('')
      .flatMap((letter, at) => [
        rejection(at + 2, `${letter} is required`),
        rejection(at + 30, `${letter} is required`),
      ]);
  const lines = commands((await upload(['--annotate', 'github'])).stderr);
  expect(lines.length).toBe(10);
  expect(lines[9]).toBe('::warning::3 more reasons or notices: csvjobs errors <id> --summary');
});

test('annotates rows with their table, if it is not customers', async () => {
  const lines = commands((await upload(['--annotate', 'github', '--into', 'sales.a,b'])).stderr);
  expect(lines[0]).toBe(
    '::error file=in.csv,line=5,title=Rejected row of sales.a%2Cb::row 2: email is not a valid address',
  );
});

test('a value cannot inject a workflow command', async () => {
  peer.plan = () => ({ rows: 3, bad: 1 });
  peer.rejections = () => [rejection(2, 'bad%0A\n::set-output name=a::b')];
  const lines = commands((await upload(['--annotate', 'github'])).stderr);
  const place = 'file=in.csv,line=3,title=Rejected row';
  expect(lines).toEqual([`::error ${place}::row 2: bad%250A%0A::set-output name=a::b`]);
});

test('the step summary has counts and the top reasons; file content never becomes markup', async () => {
  const summary = join(cwd, 'summary.md');
  peer.rejections = () => [rejection(2, '<img src=x> | a'), rejection(3, 'company is required')];
  await upload([], { GITHUB_STEP_SUMMARY: summary });
  const text = readFileSync(summary, 'utf8');
  expect(text).toContain('| in.csv | ⚠️ completed | 3 | 1 | 2 |');
  expect(text).toContain('| 1 | company is required | 3 |');
  expect(text).not.toContain('<img');
  expect(text).toContain('&lt;img src=x> &#124; a');
});

test('JUnit: a suite per file, a case per reason; no failure if the exit code is 0', async () => {
  await upload(['--junit', 'out.xml']);
  const xml = readFileSync(join(cwd, 'out.xml'), 'utf8');
  expect(xml).toContain('<testsuite name="in.csv" tests="3" failures="2" errors="0"');
  expect(xml).toContain('<testcase classname="in.csv" name="loaded"/>');
  expect(xml).toContain(
    '<failure message="1 row: company is required">row 3: name=F, email=f@g.co, phone=, company=</failure>',
  );
  await upload(['--junit', 'ok.xml', '--max-errors', '50', '--quiet']);
  expect(readFileSync(join(cwd, 'ok.xml'), 'utf8')).toContain('tests="3" failures="0"');
});

test('a failed job is annotated, and is a JUnit failure', async () => {
  peer.plan = () => ({ end: 'failed' });
  const { code, stderr } = await upload(['--annotate', 'github', '--junit', 'out.xml']);
  expect(code).toBe(5);
  expect(commands(stderr)).toEqual(['::error file=in.csv::in.csv: job failed: the disk is full']);
  expect(readFileSync(join(cwd, 'out.xml'), 'utf8')).toContain('failures="1"');
});

for (const [name, path] of [
  ['a missing folder', 'nowhere/out.xml'],
  ['a folder', '.'],
  ['a folder where no file can be created, not even by root', '/proc/x.xml'],
] as const)
  test(
    `--junit into ${name} fails before anything is uploaded, watched or checked`,
    inShortIf(name === 'a missing folder'),
    async () => {
      const job = peer.addJob();
      for (const args of [
        ['upload', 'in.csv', '--watch'],
        ['watch', job.id],
        ['check', 'in.csv'],
      ]) {
        const { code, stderr } = await csvjobs([...args, '--junit', path], { env: env(), cwd });
        expect({ args, code }).toEqual({ args, code: 2 });
        expect(stderr).toContain(`${path} (--junit) cannot be written`);
        expect(stderr.includes('create the folder')).toBe(path.startsWith('nowhere'));
      }
      expect(peer.uploads).toEqual([]);
    },
  );
