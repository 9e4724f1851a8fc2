/** The program on a real pseudo-terminal, narrow and wide, and with only one of its streams on it. */
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { inShortIf, LONG } from '../../daemon/test/support/form.js';
import { refuse } from './peer/answers.js';
import { HELD, Peer } from './peer.js';
import { screenOf } from './screen.js';
import { csvFile, folder, plainText, startOnTerminal } from './spawn.js';

let peer: Peer;
beforeEach(async () => {
  peer = await new Peer().listen();
  peer.plan = () => ({ bad: 30, steps: 8, holdAt: 5 });
});
afterEach(() => peer.close());
const env = (more: Record<string, string> = {}) => ({ CSVJOBS_URL: peer.url, ...more });

for (const columns of [40, 120])
  test(
    `upload --watch at ${columns} columns: the bar, the result, and no line too long`,
    inShortIf(columns === 40),
    async () => {
      const running = startOnTerminal(['upload', csvFile(), '--watch'], { env: env(), columns });
      await running.until((printed) => printed.includes('━') && printed.includes('50%'));
      peer.release([...peer.jobs.keys()][0] ?? '');
      const { stdout, code } = await running.ended;
      expect(code).toBe(3);
      const text = plainText(stdout);
      for (const part of ['━', 'q leave', '970 good', '30 rejected', 'completed in', 'csvjobs errors'])
        expect(text).toContain(part);
      // Except for the command, which stays one line for the terminal to wrap, so that it can be pasted.
      const lines = text.split('\n').filter((line) => !line.includes('report: csvjobs'));
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
      expect(text).toMatch(/report: csvjobs errors [\da-f]{8} -o customers\.errors\.csv\n/);
    },
  );

test('the reasons of all rejects so far, even during a pause', LONG, async () => {
  peer.plan = () => ({ rows: 10_000, bad: 4_000, steps: 8, holdAt: 5, stepTime: 300 });
  const running = startOnTerminal(['upload', csvFile(), '--watch'], { env: env(), columns: 80 });
  // The same event again and again: on a silent stream a GET after 15 s would show them too.
  const repeating = setInterval(() => peer.repeat(), 1_000);
  onTestFinished(() => clearInterval(repeating));
  await running.until((printed) => plainText(printed).includes('1,333 email is not a valid address'));
  peer.release([...peer.jobs.keys()][0] ?? '');
  const { stdout } = await running.ended;
  expect(plainText(stdout)).toContain('2,666 email is not a valid address');
  expect(plainText(stdout)).not.toContain('of the first');
});

test('a daemon that does not count reasons: those of the first rejects, labelled so', async () => {
  peer.plan = () => ({ rows: 10_000, bad: 4_000, reasons: false });
  const { stdout } = await startOnTerminal(['upload', csvFile(), '--watch'], { env: env() }).ended;
  expect(plainText(stdout)).toContain('of the first 100 rejected:');
  expect(plainText(stdout)).toContain('66 email is not a valid address');
});

test('several files at 80 columns: seven-digit counts and the ETA fit', LONG, async () => {
  peer.plan = () => ({ rows: 9_999_999, bad: 600_000, steps: 20, holdAt: 11, stepTime: 150 });
  const running = startOnTerminal(
    ['upload', csvFile('customers-2026.csv'), csvFile(), '--watch', '--again'],
    {
      env: env(),
    },
  );
  await running.until((printed) => /4,700,000 ✓ {2}300,000 ✗ {2}ETA [\d.]+ s/.test(plainText(printed)));
  for (const id of peer.jobs.keys()) peer.release(id);
  await running.ended;
});

test('e saves the rejects so far, never overwrites, and reports errors', async () => {
  const cwd = folder();
  writeFileSync(join(cwd, 'customers.errors.csv'), 'mine');
  const running = startOnTerminal(['upload', csvFile(), '--watch'], { env: env(), cwd });
  await running.until((printed) => printed.includes('q leave') && printed.includes('50%'));
  running.child.stdin?.write('e');
  const id = [...peer.jobs.keys()][0] ?? '';
  await running.until((printed) => printed.includes('the rows rejected so far'));
  expect(readFileSync(join(cwd, 'customers.errors.csv'), 'utf8')).toBe('mine');
  const second = join(cwd, `customers.${id.slice(0, 8)}.errors.csv`);
  expect(readFileSync(second, 'utf8')).toMatch(/^rowNumber/);
  writeFileSync(second, 'mine too');
  running.child.stdin?.write('e');
  const third = `customers.${id.slice(0, 8)}-2.errors.csv`;
  await running.until((printed) => printed.includes(third));
  expect(readFileSync(second, 'utf8')).toBe('mine too');
  expect(readFileSync(join(cwd, third), 'utf8')).toMatch(/^rowNumber/);
  peer.fault = (request, response) => {
    if (!request.url?.endsWith('errors.csv')) return false;
    refuse(response, 'internal', 'The report is broken.');
    return true;
  };
  running.child.stdin?.write('e');
  await running.until((printed) => printed.includes('The report is broken.'));
  peer.release(id);
  expect((await running.ended).code).toBe(3);
});

test('upload without --watch ends with one line: the job, and how to watch it', async () => {
  const running = startOnTerminal(['upload', csvFile('clean.csv')], { env: env() });
  const screen = screenOf(running, 80);
  const { code } = await running.ended;
  const id = [...peer.jobs.keys()][0]?.slice(0, 8);
  expect(code).toBe(0);
  await screen.until(
    () => screen.text() === `Uploaded clean.csv as job ${id}. Watch it: csvjobs watch ${id}`,
  );
});

test('a message while a large file is hashed, gone afterwards', LONG, async () => {
  const file = csvFile('large.csv');
  // Sparse: takes no disk space.
  truncateSync(file, 60_000_000);
  const running = startOnTerminal(['upload', file], { env: env() });
  const screen = screenOf(running, 80);
  const { stdout } = await running.ended;
  expect(plainText(stdout)).toMatch(/checking whether .*large.csv was uploaded before …/);
  await screen.until(() => !screen.text().includes('looking') && screen.text().includes('Watch it:'));
});

test('several files without --watch: one line each, and one command for all', LONG, async () => {
  const files = [csvFile('a.csv', 2), csvFile('b.csv', 3)];
  const { stdout } = await startOnTerminal(['upload', ...files], { env: env() }).ended;
  const [a, b] = [...peer.jobs.keys()].map((id) => id.slice(0, 8));
  expect(plainText(stdout).trimEnd()).toContain(
    `Uploaded a.csv as job ${a}.\nUploaded b.csv as job ${b}.\nWatch them: csvjobs watch ${a} ${b}`,
  );
});

/** What Ink sends if its frame is as high as the terminal: it erases all earlier output. */
const ERASES_ALL = ['\u001b[2J', '\u001b[3J', '\u001bc'];

for (const [files, columns, rows] of [
  [30, 80, 24],
  [30, 40, 12],
  [1, 80, 10],
  [1, 40, 5],
] as const)
  test(
    `files: ${files}, at ${columns} x ${rows}: earlier output stays, above and below`,
    inShortIf(files > 1 && columns === 40),
    async () => {
      const notices = Array.from({ length: 6 }, (_, index) => `notice ${index} ${'on a column '.repeat(20)}`);
      peer.plan = () => ({ rows: 9_000, bad: 3_000, steps: 8, holdAt: 5, notices });
      const paths = Array.from({ length: files }, (_, index) => csvFile(`file-${index}.csv`, index + 1));
      const running = startOnTerminal(['upload', ...paths, '--watch', '--again'], {
        env: env(),
        columns,
        rows,
      });
      const screen = screenOf(running, columns, rows);
      await screen.until(() => peer.jobs.size === files && screen.text().includes('50%') === columns > 40);
      await screen.until(() => screen.text().includes('q leave'));
      expect(screen.lines().filter((line) => line !== '').length).toBeLessThan(rows);
      for (const id of peer.jobs.keys()) peer.release(id);
      const { stdout } = await running.ended;
      for (const sequence of ERASES_ALL) expect(stdout).not.toContain(sequence);
      expect(plainText(stdout).endsWith('\n')).toBe(true);
      if (files > 1)
        expect(plainText(stdout).replace(/\s+/g, ' ')).toContain(
          '30 files: 30 with rejected rows · 180,000 good, 90,000 rejected',
        );
    },
  );

test('a terminal without a size: plain lines', async () => {
  peer.plan = () => ({ bad: 30 });
  const { stdout } = await startOnTerminal(['upload', csvFile(), '--watch'], {
    env: env(),
    columns: 0,
    rows: 0,
  }).ended;
  expect(stdout).not.toContain('\u001b[');
  expect(stdout).toContain('customers.csv: completed in');
});

test('Enter opens a file, and closes it again', async () => {
  const running = startOnTerminal(['upload', csvFile('a.csv', 2), csvFile('b.csv', 3), '--watch'], {
    env: env(),
  });
  const screen = screenOf(running, 80);
  await screen.until(() => screen.text().includes('0 of 2 files') && screen.text().split('50%').length === 3);
  running.child.stdin?.write('\u001b[B\r');
  await screen.until(() => screen.text().includes('enter back') && !screen.text().includes('a.csv'));
  // The reasons are fetched when the file is opened.
  await screen.until(() => screen.text().includes('email is not a valid address'));
  running.child.stdin?.write('\r');
  await screen.until(() => screen.text().includes('a.csv') && screen.text().includes('0 of 2 files'));
  running.child.stdin?.write('q');
  expect((await running.ended).code).toBe(8);
});

test('keys show what they are doing', LONG, async () => {
  const running = startOnTerminal(['upload', csvFile(), '--watch'], { env: env(), cwd: folder() });
  const screen = screenOf(running, 80);
  await screen.until(() => screen.text().includes('50%'));
  let answer = () => {};
  const held = new Promise<void>((resolve) => {
    answer = resolve;
  });
  peer.fault = async ({ url = '' }) => {
    if (/errors|cancel/.test(url)) await held;
    return false;
  };
  running.child.stdin?.write('e');
  await screen.until(() => screen.text().includes('saving the report of customers.csv …'));
  running.child.stdin?.write('cy');
  await screen.until(() => screen.text().includes('cancelling customers.csv …'));
  answer();
  expect((await running.ended).code).toBe(5);
});

test('a held job that watch gives up on is drawn as held, not as an error', async () => {
  const { id } = peer.addJob({ status: 'held', completedAt: null, held: HELD });
  const { stdout, code } = await startOnTerminal(['watch', id, '--timeout', '500ms'], { env: env() }).ended;
  expect(code).toBe(8);
  expect(plainText(stdout)).toContain('◆ customers.csv');
  expect(plainText(stdout)).not.toContain('✗ customers.csv');
  expect(plainText(stdout)).toContain('is not finished');
});

test('watch shows a running job as it is, before the first event', async () => {
  const { id } = peer.addJob({
    status: 'processing',
    completedAt: null,
    processedRows: 40,
    successCount: 37,
    failedCount: 3,
  });
  let answer = () => {};
  const held = new Promise<void>((resolve) => {
    answer = resolve;
  });
  peer.fault = async ({ url = '' }) => {
    if (url.includes('/stream')) await held;
    return false;
  };
  const running = startOnTerminal(['watch', id], { env: env() });
  const screen = screenOf(running, 80);
  await screen.until(() => /40%\s+40 of 100 rows.* 37 good.* 3 rejected/.test(screen.text()));
  expect(plainText(running.stdout())).not.toContain('waiting');
  answer();
  running.child.stdin?.write('q');
  await running.ended;
});

test('a file that is surveyed before its first row: its size, and the time so far', LONG, async () => {
  peer.startsUploads = false;
  const running = startOnTerminal(['upload', csvFile(), '--watch'], { env: env() });
  const screen = screenOf(running, 80);
  await screen.until(() => screen.text().includes('waiting for its turn'));
  peer.change([...peer.jobs.keys()][0] ?? '', { startedAt: new Date().toISOString() });
  await screen.until(() => /reading the file \([\d.]+ k?B\), [1-9]\d*\.0 s/.test(screen.text()));
  running.child.stdin?.write('q');
  await running.ended;
});

test('a file that is surveyed before its first row: bytes and bar move, on the board too', async () => {
  peer.startsUploads = false;
  const running = startOnTerminal(['upload', csvFile(), '--watch'], { env: env() });
  const screen = screenOf(running, 80);
  await screen.until(() => screen.text().includes('waiting for its turn'));
  const [id = ''] = peer.jobs.keys();
  const board = startOnTerminal(['list', '--watch'], { env: env() });
  const list = screenOf(board, 80);
  for (const [readBytes, part] of [
    [1.2e9, '35%'],
    [2.4e9, '70%'],
  ] as const) {
    peer.change(id, { reading: { readBytes, totalBytes: 3.4e9, pass: 1 } });
    const text = `reading the file: ${readBytes / 1e9}0 of 3.40 GB`;
    await screen.until(() => screen.text().includes(text) && screen.text().includes(part));
    await list.until(() => new RegExp(`● pending +${part}`).test(list.text()));
  }
  peer.change(id, { reading: { readBytes: 1e6, totalBytes: 3.4e9, pass: 2 } });
  await screen.until(() => screen.text().includes('reading the file again: 1.00 MB of 3.40 GB'));
  for (const { child } of [running, board]) child.stdin?.write('q');
  await Promise.all([running.ended, board.ended]);
});

test('stdout in a file, stderr on the terminal: draws the view, the file has only the ID', async () => {
  const file = join(folder(), 'id.txt');
  const running = startOnTerminal(['upload', csvFile(), '--watch'], { env: env(), redirect: `> ${file}` });
  await running.until((printed) => printed.includes('━') && printed.includes('50%'));
  peer.release([...peer.jobs.keys()][0] ?? '');
  const { stdout } = await running.ended;
  expect(plainText(stdout)).toContain('━');
  expect(readFileSync(file, 'utf8')).toBe(`${[...peer.jobs.keys()][0]}\n`);
});

for (const [name, more] of [
  ['CI', { CI: 'true' }],
  ['TERM=dumb', { TERM: 'dumb' }],
  ['CSVJOBS_PROGRESS=plain', { CSVJOBS_PROGRESS: 'plain' }],
] as [string, Record<string, string>][])
  test(`${name} on a terminal: plain lines`, inShortIf(name === 'CI'), async () => {
    peer.plan = () => ({ bad: 30 });
    const { stdout } = await startOnTerminal(['upload', csvFile(), '--watch'], { env: env(more) }).ended;
    expect(stdout).not.toContain('━');
    expect(stdout).not.toContain('\u001b[');
    expect(stdout).toContain('customers.csv: completed in');
  });

test('--progress none and --quiet: only the ID', async () => {
  peer.plan = () => ({ bad: 30 });
  for (const flag of [['--progress', 'none'], ['--quiet']]) {
    const { stdout } = await startOnTerminal(['upload', csvFile(), '--watch', ...flag], { env: env() }).ended;
    expect(stdout.trim()).toBe([...peer.jobs.keys()].at(-1));
  }
});

test('a terminal that gets narrower and wider again: one complete frame, without remains of another', async () => {
  peer.plan = () => ({ bad: 30, steps: 8, holdAt: 5 });
  const running = startOnTerminal(['upload', csvFile(), '--watch'], { env: env(), columns: 80 });
  const screen = screenOf(running, 80);
  const times = (text: string) => screen.text().split(text).length - 1;
  await screen.until(() => screen.text().includes('50%') && screen.text().includes('q leave'));
  const drawn = () => screen.lines().filter((line) => line !== '').length;
  const lines = drawn();
  for (const columns of [40, 25, 80]) {
    screen.resize(columns);
    // The bar fills the terminal's width again once the new frame is drawn.
    // The frame is drawn in parts, and redrawn as time passes: wait for all of it at once.
    await screen.until(
      () =>
        screen.lines().some((line) => /^ {2}[━╸─]+ +50%$/.test(line) && line.length === columns) &&
        ['customers.csv', '50%', '1,000 rows', 'q leave'].every((text) => times(text) === 1),
    );
  }
  await screen.until(() => drawn() === lines);
  running.child.stdin?.write('q');
  expect((await running.ended).code).toBe(8);
});

test('the live board stays on a terminal that only changes its height', LONG, async () => {
  // Long enough ago for the frame to stay the same longer than the test waits.
  const createdAt = new Date(Date.now() - 90 * 24 * 3_600_000).toISOString();
  peer.addJob({ filename: 'alpha.csv', createdAt, startedAt: createdAt, completedAt: createdAt });
  const running = startOnTerminal(['list', '--watch'], { env: env(), columns: 100 });
  let output = '';
  running.child.stdout?.on('data', (text: string) => {
    output += text;
  });
  const screen = screenOf(running, 100);
  await screen.until(() => screen.text().includes('alpha.csv'));
  for (const [rows, clears] of [
    [12, 1],
    [24, 2],
  ] as const) {
    screen.resize(100, rows);
    await screen.until(
      () => output.split('\u001b[2J').length > clears && screen.text().includes('alpha.csv'),
    );
  }
  // Drawn at once, not by the board's next change, which erases the previous frame.
  for (const part of output.split('\u001b[2J').slice(1))
    expect(part.slice(0, part.indexOf('alpha.csv'))).not.toContain('\u001b[2K');
  running.child.stdin?.write('q');
  expect((await running.ended).code).toBe(0);
});

test('the live board follows a resize, and restores the screen', async () => {
  for (const filename of ['alpha.csv', 'beta.csv']) peer.addJob({ filename });
  const running = startOnTerminal(['list', '--watch'], { env: env(), columns: 100 });
  const screen = screenOf(running, 100);
  await screen.until(() => screen.text().includes('beta.csv') && screen.text().includes('ROWS'));
  screen.resize(40, 12);
  await screen.until(() => {
    const { length } = screen.lines().filter((line) => line.includes('STATUS'));
    return length === 1 && !screen.text().includes('ROWS') && /\.csv\n.*q leave/.test(screen.text());
  });
  screen.resize(100, 24);
  await screen.until(() => screen.text().includes('beta.csv') && screen.text().includes('ROWS'));
  running.child.stdin?.write('q');
  expect((await running.ended).code).toBe(0);
  await screen.until(() => screen.text() === '');
});
