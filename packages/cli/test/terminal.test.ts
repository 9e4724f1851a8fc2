/** The program on a real pseudo-terminal, narrow and wide, and with only one of its streams on it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { refuse } from './peer/answers.js';
import { Peer } from './peer.js';
import { screenOf } from './screen.js';
import { csvFile, folder, plainText, startOnTerminal } from './spawn.js';

let peer: Peer;
beforeEach(async () => {
  peer = await new Peer().listen();
  peer.plan = () => ({ bad: 30, steps: 8, holdAt: 5 });
});
afterEach(() => peer.close());
const env = (more: Record<string, string> = {}) => ({ CSVJOBS_URL: peer.url, ...more });

test.each([40, 120])(
  'upload --watch at %i columns: the bar, the end, and no line too long',
  async (columns) => {
    const running = startOnTerminal(['upload', csvFile(), '--watch'], { env: env(), columns });
    await running.until((printed) => printed.includes('━') && printed.includes('50 %'));
    peer.release([...peer.jobs.keys()][0] ?? '');
    const { stdout, code } = await running.ended;
    expect(code).toBe(3);
    const text = plainText(stdout);
    for (const part of ['━', 'q leave', '970 good', '30 rejected', 'completed in', 'csvjobs errors'])
      expect(text).toContain(part);
    const longest = Math.max(...text.split('\n').map((line) => line.length));
    expect(longest).toBeLessThanOrEqual(columns);
  },
);

test('the reasons of all rejects so far, also when nothing more comes for a while', async () => {
  peer.plan = () => ({ rows: 10_000, bad: 4_000, steps: 8, holdAt: 5, stepTime: 300 });
  const running = startOnTerminal(['upload', csvFile(), '--watch'], { env: env(), columns: 80 });
  await running.until((printed) => plainText(printed).includes('1,333 email is not a valid address'));
  // Not by the look that a silent stream gets 15 s after its last event: both are told by the daemon's clock.
  const looks = peer.seen.filter(({ url }) => /^\/api\/jobs\/[\da-f-]+$/.test(url));
  expect(looks.at(-1)!.at - peer.lastEventAt).toBeLessThan(15_000);
  peer.release([...peer.jobs.keys()][0] ?? '');
  const { stdout } = await running.ended;
  expect(plainText(stdout)).toContain('2,666 email is not a valid address');
  expect(plainText(stdout)).not.toContain('of the first');
});

test('a daemon that does not count reasons: those of the first rejects, and so it says', async () => {
  peer.plan = () => ({ rows: 10_000, bad: 4_000, reasons: false });
  const { stdout } = await startOnTerminal(['upload', csvFile(), '--watch'], { env: env() }).ended;
  expect(plainText(stdout)).toContain('of the first 100 rejected:');
  expect(plainText(stdout)).toContain('66 email is not a valid address');
});

test('several files at 80 columns: counts of seven digits and the ETA have room', async () => {
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

test('e saves what was rejected so far, and never over what is there; what cannot be done is said', async () => {
  const cwd = folder();
  writeFileSync(join(cwd, 'customers.errors.csv'), 'mine');
  const running = startOnTerminal(['upload', csvFile(), '--watch'], { env: env(), cwd });
  await running.until((printed) => printed.includes('q leave') && printed.includes('50 %'));
  running.child.stdin?.write('e');
  const id = [...peer.jobs.keys()][0] ?? '';
  await running.until((printed) => printed.includes('the rows rejected so far'));
  expect(readFileSync(join(cwd, 'customers.errors.csv'), 'utf8')).toBe('mine');
  expect(readFileSync(join(cwd, `customers.${id.slice(0, 8)}.errors.csv`), 'utf8')).toMatch(/^rowNumber/);
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

test('upload without --watch: the id stands below the view', async () => {
  const { stdout, code } = await startOnTerminal(['upload', csvFile()], { env: env() }).ended;
  expect(code).toBe(0);
  expect(plainText(stdout).trimEnd().split('\n').at(-1)).toBe([...peer.jobs.keys()][0]);
});

test('stdout in a file, stderr on the terminal: the view is drawn, the file has the id only', async () => {
  const file = join(folder(), 'id.txt');
  const running = startOnTerminal(['upload', csvFile(), '--watch'], { env: env(), redirect: `> ${file}` });
  await running.until((printed) => printed.includes('━') && printed.includes('50 %'));
  peer.release([...peer.jobs.keys()][0] ?? '');
  const { stdout } = await running.ended;
  expect(plainText(stdout)).toContain('━');
  expect(readFileSync(file, 'utf8')).toBe(`${[...peer.jobs.keys()][0]}\n`);
});

test.each([
  ['CI', { CI: 'true' }],
  ['TERM=dumb', { TERM: 'dumb' }],
  ['CSVJOBS_PROGRESS=plain', { CSVJOBS_PROGRESS: 'plain' }],
])('%s on a terminal: plain lines', async (_name, more) => {
  peer.plan = () => ({ bad: 30 });
  const { stdout } = await startOnTerminal(['upload', csvFile(), '--watch'], { env: env(more) }).ended;
  expect(stdout).not.toContain('━');
  expect(stdout).not.toContain('\u001b[');
  expect(stdout).toContain('customers.csv: completed in');
});

test('--progress none and --quiet: nothing but the id', async () => {
  peer.plan = () => ({ bad: 30 });
  for (const flag of [['--progress', 'none'], ['--quiet']]) {
    const { stdout } = await startOnTerminal(['upload', csvFile(), '--watch', ...flag], { env: env() }).ended;
    expect(stdout.trim()).toBe([...peer.jobs.keys()].at(-1));
  }
});

test('a terminal that becomes narrower and wider again: one frame, whole, and nothing left of another', async () => {
  peer.plan = () => ({ bad: 30, steps: 8, holdAt: 5 });
  const running = startOnTerminal(['upload', csvFile(), '--watch'], { env: env(), columns: 80 });
  const screen = screenOf(running, 80);
  const times = (text: string) => screen.text().split(text).length - 1;
  await screen.until(() => screen.text().includes('50 %') && screen.text().includes('q leave'));
  const lines = screen.lines().filter((line) => line !== '').length;
  for (const columns of [40, 25, 80]) {
    screen.resize(columns);
    // The bar is as wide as the terminal again when the new frame is drawn.
    await screen.until(() =>
      screen.lines().some((line) => /^ {2}[━╸─]+ +50 %$/.test(line) && line.length === columns),
    );
    await screen.until(() => screen.text().includes('q leave'));
    for (const text of ['customers.csv', '50 %', '1,000 rows', 'q leave'])
      expect({ text, times: times(text) }).toEqual({ text, times: 1 });
  }
  expect(screen.lines().filter((line) => line !== '').length).toBe(lines);
  running.child.stdin?.write('q');
  expect((await running.ended).code).toBe(8);
});

test('the live board follows a resize, and leaves the screen as it was', async () => {
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
