/** `csvjobs check`, with the real programs of both packages and no running daemon. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeEach, expect, test } from 'vitest';
import { inShortIf, LONG } from '../../../daemon/test/support/form.js';
import { controls, csvjobs, folder, plainText, start, startOnTerminal } from '../spawn.js';

const HEADER = 'name,email,phone,company\n';
/** Row 1 spans two lines; row 3 repeats row 1; row 4 lacks its company. */
const TEXT = `${HEADER}"Ann\nB",ann@b.co,,Acme\nBob,bob@b.co,,Acme\nAnn,ANN@b.co,,Acme\nCy,cy@b.co,,\n`;

let cwd: string;
beforeEach(() => {
  cwd = folder();
  writeFileSync(join(cwd, 'in.csv'), TEXT);
  writeFileSync(join(cwd, 'good.csv'), `${HEADER}Ann,ann@b.co,,Acme\n`);
  writeFileSync(join(cwd, 'wrong.csv'), 'a,b\n1,2\n');
});
// Nothing listens at this address: a check must not use it.
const env = { CSVJOBS_URL: 'http://127.0.0.1:9' };
const check = (...args: string[]) => csvjobs(['check', ...args], { cwd, env });

test('rejected rows on stdout with line and row, counts on stderr, exit 3', async () => {
  const { code, stdout, stderr } = await check('in.csv');
  expect(stdout).toBe('in.csv:5: row 3: duplicate of row 1\nin.csv:6: row 4: company is required\n');
  expect(stderr).toContain('in.csv: 4 rows, 2 good, 2 would be rejected');
  expect(stderr).toContain('Not checked: whether e-mails are already in the table.');
  expect(code).toBe(3);
});

test('an option that has no meaning for customers: what it is, and the same command with the usual meaning', async () => {
  const words = [
    '--url',
    'http://127.0.0.1:9',
    'check',
    'good.csv',
    '--quoted-empty',
    'text',
    '--map=email=email',
  ];
  const { code, stderr } = await csvjobs(words, { cwd });
  expect(stderr).toContain(
    '--quoted-empty cannot be "text" for customers, whose phone and company are never empty texts; leave it out. The columns of the file fit.',
  );
  expect(stderr).not.toContain('ename');
  expect(stderr).toContain(
    'next: csvjobs check good.csv --url http://127.0.0.1:9 --map=email=email --quoted-empty missing\n',
  );
  expect(code).toBe(2);
});

for (const [expected, args] of [
  [0, ['good.csv']],
  [0, ['in.csv', '--max-errors', '2']],
  [7, ['in.csv', '--max-errors', '1']],
  [2, ['wrong.csv']],
  [2, ['good.csv', 'wrong.csv', 'in.csv']],
  [2, ['nothing-here.csv']],
  [2, ['in.csv', '--delimiter', 'xy']],
  [2, ['in.csv', '--summary', '--json']],
  [2, ['in.csv', '--summary', '--all']],
] as [number, string[]][])
  test(
    `exit ${expected}: check ${JSON.stringify(args)}`,
    inShortIf(args[0] !== 'wrong.csv' && !/xy|--all|wrong/.test(args.join())),
    async () => {
      expect((await check(...args)).code).toBe(expected);
    },
  );

test(
  'many rejected rows: the first thousand, the number of the others, and how to see them',
  LONG,
  async () => {
    const rows = (count: number) => Array.from({ length: count }, (_, row) => `N,n${row}@b.co,,\n`).join('');
    writeFileSync(join(cwd, 'bad.csv'), HEADER + rows(1_002));
    const lines = (stdout: string) => stdout.trim().split('\n').length;
    const some = await check('bad.csv');
    expect(lines(some.stdout)).toBe(1_000);
    expect(some.stderr).toContain('… 2 more; by reason: --summary, all of them: --all');
    const all = await check('bad.csv', '--all');
    expect(lines(all.stdout)).toBe(1_002);
    expect(all.stderr).not.toContain('more');
    expect(lines((await check('bad.csv', '--json')).stdout)).toBe(1_003);
    writeFileSync(join(cwd, 'bad.csv'), HEADER + rows(1_000));
    expect((await check('bad.csv')).stderr).not.toContain('more');
  },
);

test('an error of the whole file is reported as by an upload', async () => {
  const { stdout, stderr } = await check('wrong.csv');
  expect(stdout).toBe('');
  expect(stderr).toContain('The header does not have the columns that are needed');
  expect(stderr).toContain('missing columns: name, email, company; found: a, b');
});

test('exit 5: a file whose job would fail', async () => {
  const rows = Array.from({ length: 50_000 }, (_, row) => `Ann,a${row}${Math.sin(row)}@b.co,,Acme\n`);
  const zipped = gzipSync(HEADER + rows.join(''));
  writeFileSync(join(cwd, 'cut.csv.gz'), zipped.subarray(0, -9));
  const { code, stderr } = await check('cut.csv.gz');
  expect(stderr).toContain('its job would fail');
  expect(code).toBe(5);
});

test('skipped content is reported in notices, as lines and as JSON', async () => {
  writeFileSync(join(cwd, 'odd.csv'), `,,,\n${HEADER}Ann,a@b.co,Acme, Inc.,\nBo,b@b.co,Bo, Ltd.,\n`);
  const notices = [
    'skipped a line before the header: only empty fields',
    'every record ends with an empty field more than the header has; ignored',
  ];
  const { code, stderr } = await check('odd.csv');
  expect(code).toBe(0);
  for (const notice of notices) expect(stderr).toContain(`odd.csv: notice: ${notice}\n`);
  expect(JSON.parse((await check('odd.csv', '--json')).stdout)).toMatchObject({ type: 'checked', notices });
});

test('--json: one document per line', async () => {
  const { stdout, stderr, code } = await check('in.csv', 'wrong.csv', '--json');
  const documents = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(documents).toMatchObject([
    { type: 'rejected', file: 'in.csv', rowNumber: 3, line: 5, column: 'email', code: 'duplicate_in_file' },
    { type: 'rejected', file: 'in.csv', rowNumber: 4, line: 6, column: 'company', code: 'required' },
    { type: 'checked', file: 'in.csv', totalRows: 4, successCount: 2, failedCount: 2, exitCode: 3 },
    { type: 'error', file: 'wrong.csv', error: { code: 'header_invalid', exitCode: 2 } },
  ]);
  expect({ stderr, code }).toEqual({ stderr: '', code: 2 });
});

test('--summary, --quiet, --annotate and --junit', async () => {
  const summary = await check('in.csv', '--summary');
  expect(summary.stdout).toMatch(/1 +50% +━+ +duplicate of an earlier row/);
  const quiet = await check('in.csv', '--quiet', '--junit', 'out.xml');
  expect(quiet).toMatchObject({ code: 3, stdout: '', stderr: '' });
  const xml = readFileSync(join(cwd, 'out.xml'), 'utf8');
  expect(xml).toContain('<testcase classname="in.csv" name="checked"/>');
  expect(xml).toContain('failures="2"');
  const { stderr } = await check('in.csv', '--annotate', 'github');
  expect(stderr).toContain('::error file=in.csv,line=5,title=Rejected row::row 3: duplicate of row 1');
});

test('stdin, an encoding and a delimiter', async () => {
  const text = `${HEADER.replaceAll(',', ';')}J\u00fcrgen;j@b.co;;Acme\nAnn;j@b.co;;Acme\n`;
  const running = start(['check', '-', '--encoding', 'windows-1252', '--delimiter', ';'], {
    cwd,
    env,
    input: 'open',
  });
  running.child.stdin?.end(Buffer.from(text, 'latin1'));
  const { code, stdout, stderr } = await running.ended;
  expect(stdout).toBe('-:3: row 2: duplicate of row 1\n');
  expect(stderr).toContain('read as windows-1252');
  expect(code).toBe(3);
});

test('on a terminal: only the first rows, hostile text made harmless', async () => {
  const rows = Array.from({ length: 50 }, () => 'too\u009b2J\u202e"few\n');
  writeFileSync(join(cwd, 'bad.csv'), HEADER + rows.join(''));
  const { stdout, code } = await startOnTerminal(['check', join(cwd, 'bad.csv')], { env }).ended;
  expect(controls(plainText(stdout))).toEqual([]);
  expect(stdout.match(/row \d+:/g)?.length).toBe(20);
  expect(stdout).toContain('30 more');
  expect(code).toBe(3);
});

test('a closed pipe ends it silently, but not with 0', async () => {
  writeFileSync(join(cwd, 'bad.csv'), `${HEADER}${'bad\n'.repeat(200_000)}`);
  const running = start(['check', 'bad.csv'], { cwd, env });
  await running.until((printed) => printed.includes('row 1:'));
  running.child.stdout?.destroy();
  expect(await running.ended).toMatchObject({ code: 8, stderr: '' });
});

test('without csvjobsd: advice, exit 2', async () => {
  const { code, stderr } = await csvjobs(['check', 'in.csv'], { cwd, env: { CSVJOBS_DAEMON: '/nowhere' } });
  expect(stderr).toContain('csvjobsd) was not found');
  expect(code).toBe(2);
});
