/**
 * `csvjobs list --watch`: the live board on a real pseudo-terminal, lines in a pipe, NDJSON for programs.
 *
 * @module-tag sized
 */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LONG, sized } from '../../../daemon/test/support/form.js';
import { HELD, Peer } from '../peer.js';
import { screenOf } from '../screen.js';
import { eventually, plainText, start, startOnTerminal } from '../spawn.js';

const ENTER = '\r';
const DOWN = '\u001b[B';
const ESCAPE = '\u001b';

let peer: Peer;
let ids: string[];
beforeEach(async () => {
  peer = await new Peer().listen();
  const times = { completedAt: null, status: 'processing', processedRows: 20, successCount: 20 } as const;
  ids = ['alpha.csv', 'beta.csv'].map(
    (filename, index) =>
      peer.addJob({ filename, ...times, createdAt: new Date(Date.now() - index * 60_000).toISOString() }).id,
  );
});
afterEach(() => peer.close());
const env = () => ({ CSVJOBS_URL: peer.url });

test.each(sized([40], [40, 80, 120]))(
  'the board at %i columns: it updates, and its keys work',
  async (columns) => {
    const running = startOnTerminal(['list', '--watch'], { env: env(), columns });
    const seen = (text: string | RegExp) => {
      const from = running.stdout().length;
      return running.until((printed) => plainText(printed.slice(from)).search(text) >= 0);
    };
    const press = async (key: string, text: string | RegExp) => {
      const shown = seen(text);
      running.child.stdin?.write(key);
      await shown;
    };
    await running.until((printed) => plainText(printed).includes('processing'));
    await eventually(() => peer.openStreams === 1);
    const changed = seen(/completed/);
    peer.change(ids[0] ?? '', {
      status: 'completed',
      processedRows: 100,
      completedAt: new Date().toISOString(),
    });
    await changed;
    await press(DOWN, /›\s+\S*\s*[\da-f]{8}/);
    await press('c', /Cancel .*\? y yes/);
    await press('n', /q leave/);
    expect(peer.jobs.get(ids[1] ?? '')?.status).toBe('processing');
    await press('c', /Cancel .*\? y yes/);
    await press('y', /cancelled/);
    expect(peer.jobs.get(ids[1] ?? '')?.status).toBe('cancelled');
    await press(ENTER, /SHA-256/);
    await press(ESCAPE, /STATUS/);
    await press('r', /STATUS/);
    running.child.stdin?.write('q');
    const { stdout, code } = await running.ended;
    expect(code).toBe(0);
    const longest = Math.max(
      ...plainText(stdout)
        .split('\n')
        .map((line) => line.length),
    );
    expect(longest).toBeLessThanOrEqual(columns);
  },
);

test('a key that does not apply to a job says why; the help fits in 40 columns', async () => {
  peer.change(ids[0] ?? '', { status: 'completed', processedRows: 100 });
  const running = startOnTerminal(['list', '--watch'], { env: env(), columns: 40 });
  const screen = screenOf(running, 40);
  await screen.until(() => screen.text().includes('alpha.csv'));
  for (const [key, why] of [
    ['c', 'alpha.csv is completed, so there is noth'],
    ['a', 'alpha.csv is completed, not held'],
  ] as const) {
    running.child.stdin?.write(key);
    await screen.until(() => screen.text().includes(why.slice(0, 39)));
  }
  peer.change(ids[0] ?? '', { status: 'held', held: HELD });
  await screen.until(() => screen.text().includes('◆ held'));
  running.child.stdin?.write('c');
  await screen.until(() => screen.text().includes('a accepts alpha.csv, d discards it'));
  running.child.stdin?.write('?');
  await screen.until(() => screen.text().includes('leave; jobs continue'));
  const help = screen.text().replace(/\s+/g, ' ');
  expect(help).toContain('in an opened job a line');
  expect(help).toContain('esc shows all');
  expect(help).toContain('accept or discard a held job, after a confirmation');
  running.child.stdin?.write('q');
  await running.ended;
});

test('on a low terminal the help scrolls', async () => {
  const running = startOnTerminal(['list', '--watch'], { env: env(), columns: 40, rows: 10 });
  const screen = screenOf(running, 40, 10);
  await screen.until(() => screen.text().includes('alpha.csv'));
  running.child.stdin?.write('?');
  await screen.until(() => /lines 1–5 of \d+/.test(screen.text()));
  running.child.stdin?.write('j');
  await screen.until(() => /lines 2–6 of \d+/.test(screen.text()));
  running.child.stdin?.write('G');
  await screen.until(() => screen.text().includes('leave; jobs continue'));
  running.child.stdin?.write('g');
  await screen.until(() => screen.text().includes('lines 1–5'));
  running.child.stdin?.write('?');
  await screen.until(() => screen.text().includes('alpha.csv'));
  running.child.stdin?.write('q');
  await running.ended;
});

test('e saves the report of the selected job, if it has rejected rows', LONG, async () => {
  peer.change(ids[0] ?? '', { failedCount: 1 });
  const running = startOnTerminal(['list', '--watch'], { env: env() });
  await running.until((printed) => plainText(printed).includes('alpha.csv'));
  running.child.stdin?.write('e');
  await running.until((printed) => printed.includes('saved alpha.errors.csv'));
  running.child.stdin?.write('je');
  await running.until((printed) => printed.includes('beta.csv has no rejected rows among the first 20'));
  running.child.stdin?.write('q');
  await running.ended;
});

test('Ctrl-C: 130', LONG, async () => {
  const running = startOnTerminal(['list', '--watch'], { env: env() });
  await running.until((printed) => plainText(printed).includes('alpha.csv'));
  running.child.stdin?.write('\u0003');
  expect((await running.ended).code).toBe(130);
});

test('more jobs than lines: the selected job is visible, and the board fits the terminal', async () => {
  for (let index = 0; index < 60; index += 1)
    peer.addJob({ filename: `old-${index}.csv`, createdAt: '2025-01-01T00:00:00.000Z' });
  const running = startOnTerminal(['list', '--watch', '--limit', '50'], { env: env() });
  await running.until((printed) => plainText(printed).includes('1–19 of 50 jobs'));
  running.child.stdin?.write(DOWN.repeat(30));
  await running.until((printed) => plainText(printed).includes('13–31 of 50 jobs'));
  running.child.stdin?.write('q');
  await running.ended;
});

test('in a pipe: one line per change, full IDs, no escape sequence', async () => {
  const running = start(['list', '--watch'], { env: env() });
  await running.until((printed) => printed.includes('alpha.csv: processing, 20% of 100 rows, 0 rejected'));
  await eventually(() => peer.openStreams === 1);
  peer.change(ids[0] ?? '', { processedRows: 21 });
  peer.change(ids[0] ?? '', { status: 'completed', processedRows: 100, failedCount: 3 });
  await running.until((printed) => printed.includes('completed'));
  running.child.kill('SIGINT');
  const { stdout, code } = await running.ended;
  const lines = stdout.trim().split('\n');
  expect(lines.length).toBe(3);
  expect(lines[2]).toBe(`${ids[0]} alpha.csv: completed, 100% of 100 rows, 3 rejected`);
  expect(code).toBe(130);
});

test('--json: NDJSON; the daemon goes away and comes back', LONG, async () => {
  const running = start(['list', '--watch', '--json'], { env: env() });
  await running.until((printed) => printed.includes('beta.csv'));
  const { port } = peer;
  await peer.close();
  await running.until((printed) => printed.includes('"reconnecting"'));
  await peer.listen(port);
  await running.until((printed) => printed.includes('"connected"'));
  running.child.kill('SIGTERM');
  const { stdout, code } = await running.ended;
  const types = stdout
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { type: string }).type);
  expect(types.slice(0, 2)).toEqual(['job', 'job']);
  expect(new Set(types)).toEqual(new Set(['job', 'reconnecting', 'connected']));
  expect(code).toBe(143);
});

test('no daemon: reported at once, exit 6', async () => {
  const there = env();
  await peer.close();
  const { code, stderr } = await start(['list', '--watch'], { env: there }).ended;
  expect(code).toBe(6);
  expect(stderr).toContain('cannot be reached');
});

test('the board: filter, first and last, help; a job with only rejects has no tick', async () => {
  for (let at = 0; at < 40; at += 1)
    peer.addJob({
      filename: `orders-${at}.csv`,
      createdAt: new Date(Date.now() - 3_600_000 - at * 1000).toISOString(),
    });
  peer.addJob({
    filename: 'nothing.csv',
    successCount: 0,
    failedCount: 100,
    createdAt: new Date(Date.now() - 7_200_000).toISOString(),
  });
  const running = startOnTerminal(['list', '--watch'], { env: env(), columns: 80 });
  const screen = screenOf(running, 80);
  const press = (keys: string) => running.child.stdin?.write(keys);
  const chosen = (name: string) => screen.until(() => new RegExp(`^› .*${name}`, 'm').test(screen.text()));
  await chosen('alpha.csv');
  press('j');
  await chosen('beta.csv');
  press('G');
  await screen.until(() => /^› .*✗ completed .* nothing.csv/m.test(screen.text()));
  press('gjk');
  await chosen('alpha.csv');
  press('\u001b[F');
  await chosen('nothing.csv');
  press('/orders-1\r');
  // A frame arrives in parts: wait for all of it.
  const filtered = () =>
    screen.lines().filter((line) => line.includes('orders-1')).length === 12 &&
    !screen.text().includes('alpha.csv');
  await screen.until(filtered);
  press(ESCAPE);
  await screen.until(() => screen.text().includes('of 43 jobs'));
  // Several keys in one piece, as over a slow connection, or with a key that is held down.
  press('/ordersxx\u007f\b-1\r');
  await screen.until(filtered);
  press(ESCAPE);
  await screen.until(() => screen.text().includes('of 43 jobs'));
  press('?');
  await screen.until(() => screen.text().includes('filter by file, table'));
  press('x');
  await screen.until(() => screen.text().includes('STATUS'));
  // A key in the help does what the help says of it.
  press('?');
  await screen.until(() => screen.text().includes('filter by file, table'));
  press('/orders-1\r');
  await screen.until(filtered);
  press('jj\u0003');
  expect((await running.ended).code).toBe(130);
});

test('keys before the first answer are kept, and no message says that there are no jobs', LONG, async () => {
  let answer = () => {};
  const held = new Promise<void>((resolve) => {
    answer = resolve;
  });
  peer.fault = async ({ url = '' }) => {
    if (url.startsWith('/api/jobs?')) await held;
    return false;
  };
  const running = startOnTerminal(['list', '--watch'], { env: env(), columns: 80 });
  const screen = screenOf(running, 80);
  await screen.until(() => screen.text().includes('asking the daemon …'));
  running.child.stdin?.write('j\r');
  answer();
  await screen.until(() => screen.text().includes(ids[1] ?? '') && screen.text().includes('SHA-256'));
  expect(plainText(running.stdout())).not.toContain('There are no jobs yet');
  running.child.stdin?.write('q');
  await running.ended;
});

test('an opened job longer than the terminal scrolls', LONG, async () => {
  const notices = Array.from({ length: 30 }, (_, at) => `notice number ${at}`);
  peer.addJob({ filename: 'long.csv', notices, createdAt: new Date().toISOString() });
  const running = startOnTerminal(['list', '--watch'], { env: env(), columns: 80 });
  const screen = screenOf(running, 80);
  await screen.until(() => screen.text().includes('long.csv'));
  running.child.stdin?.write('gg\r');
  await screen.until(() => screen.text().includes('SHA-256') && !screen.text().includes('notice number 29'));
  running.child.stdin?.write('G');
  await screen.until(() => screen.text().includes('notice number 29') && !screen.text().includes('SHA-256'));
  running.child.stdin?.write('q');
  await running.ended;
});

test('accepts or discards a held job after confirmation', async () => {
  for (const id of ids) peer.change(id, { status: 'held', held: HELD });
  const running = startOnTerminal(['list', '--watch'], { env: env() });
  const press = async (key: string, text: RegExp) => {
    const from = running.stdout().length;
    running.child.stdin?.write(key);
    await running.until((printed) => plainText(printed.slice(from)).search(text) >= 0);
  };
  await running.until((printed) => plainText(printed).includes('a accept'));
  await press('a', /Accept .*\? y yes/);
  await press('n', /q leave/);
  await press('a', /Accept .*\? y yes/);
  await press('y', /accepted/);
  await press(DOWN, /d discard/);
  await press('d', /Discard .*\? y yes/);
  await press('y', /discarded/);
  running.child.stdin?.write('q');
  expect((await running.ended).code).toBe(0);
  expect(ids.map((id) => peer.jobs.get(id)?.status).sort()).toEqual(['cancelled', 'completed']);
});
