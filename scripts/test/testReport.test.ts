import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';
// @ts-expect-error a script, without types
import { agreed } from '../systemPackage.mjs';
// @ts-expect-error a script, without types
import { countTests, failedTests, skippedTests } from '../testReport.mjs';
// @ts-expect-error a script, without types
import { expectedTime, keepTime } from '../testTimes.mjs';

const one = (
  status: string,
  more: { tags?: string[]; meta?: object; fullName?: string; failureMessages?: string[] } = {},
) => ({
  status,
  tags: [],
  meta: {},
  ...more,
});
const REPORT = {
  testResults: [
    {
      name: '/r/a.test.ts',
      status: 'failed',
      assertionResults: [
        one('passed'),
        one('failed', {
          fullName: 'counts rows',
          failureMessages: [
            'AssertionError: \u001b[31mexpected 1\u001b[39m\n    at /r/a.test.ts:3:5\n    at /r/node_modules/x.js',
          ],
        }),
      ],
    },
    { name: '/r/broken.test.ts', status: 'failed', message: 'SyntaxError: no', assertionResults: [] },
    {
      name: '/r/e2e/faults/b.test.ts',
      status: 'passed',
      assertionResults: [one('skipped', { tags: ['long'] }), one('skipped', { tags: ['long'] })],
    },
    {
      name: '/r/c.test.ts',
      status: 'passed',
      assertionResults: [one('pending', { meta: { needs: 'PgBouncer' } }), one('skipped')],
    },
  ],
};

test('a file that could not be run counts as a failure', () => {
  expect(countTests(REPORT)).toEqual({ passed: 1, failed: 2 });
});

test('what failed is named again at the end, with the beginning of its message', () => {
  expect(failedTests(REPORT, '/r')).toEqual([
    'failed: a.test.ts > counts rows\n  AssertionError: expected 1\n      at /r/a.test.ts:3:5',
    'failed: broken.test.ts\n  SyntaxError: no',
  ]);
});

test('what was skipped is said with why and where', () => {
  expect(skippedTests(REPORT, '/r')).toEqual([
    '2 skipped: in the long form only, npm run test:faults (e2e/faults/b.test.ts)',
    '1 skipped: needs PgBouncer (c.test.ts)',
    '1 skipped: no reason given (c.test.ts)',
  ]);
});

test('of many files with skipped tests only the number is said', () => {
  const testResults = Array.from({ length: 13 }, (_, at) => ({
    name: `/r/${at}.test.ts`,
    status: 'passed',
    assertionResults: [one('skipped', { tags: ['long'] })],
  }));
  expect(skippedTests({ testResults }, '/r')).toEqual([
    '13 skipped: in the long form only, npm run test:long (13 files)',
  ]);
});

test('the time that is expected is the median of the last nine runs', () => {
  const folder = mkdtempSync(join(tmpdir(), 'csvjobs-times-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'made', 'times.json');
  expect(expectedTime(file)).toMatch(/no run was timed here yet/);
  keepTime(file, 61.4);
  expect(expectedTime(file)).toBe('npm test takes about 61 seconds here (as the last run did)');
  for (const seconds of [9_000, 600, 660, 720, 540, 600, 9_000, 610, 620]) keepTime(file, seconds);
  expect(expectedTime(file)).toBe('npm test takes about 10 minutes here (the median of the last 9 runs)');
  expect(JSON.parse(readFileSync(file, 'utf8'))).toHaveLength(9);
  writeFileSync(file, 'damaged');
  expect(expectedTime(file)).toMatch(/no run was timed here yet/);
});

test.each([
  ['y', true],
  ['Yes', true],
  ['', false],
  ['no', false],
])('a person at a terminal is asked before a package is installed: %j', async (answer, expected) => {
  const input = Object.assign(new PassThrough(), { isTTY: true });
  const output = Object.assign(new PassThrough(), { isTTY: true });
  // `npm test | tee log`: the pipe comes first.
  const asked = agreed('Install it?', { env: {}, input, outputs: [new PassThrough(), output] });
  input.write(`${answer}\n`);
  expect(await asked).toBe(expected);
  expect(String(output.read())).toContain('Install it? [y/N]');
});

test('nobody is asked in CI, nor where nobody can answer', async () => {
  const terminal = Object.assign(new PassThrough(), { isTTY: true });
  expect(await agreed('?', { env: { CI: 'true' }, input: terminal, outputs: [terminal] })).toBe(true);
  const pipe = new PassThrough();
  expect(await agreed('?', { env: {}, input: pipe, outputs: [terminal] })).toBe(true);
  expect(await agreed('?', { env: {}, input: terminal, outputs: [pipe, pipe] })).toBe(true);
});
