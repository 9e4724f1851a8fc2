/** `csvjobs list` and `show`: not cut or coloured in a pipe, fitted to a terminal. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { inShortIf, LONG } from '../../../daemon/test/support/form.js';
import { Peer } from '../peer.js';
import { controls, csvjobs, plainText, startOnTerminal } from '../spawn.js';

let peer: Peer;
beforeEach(async () => {
  peer = await new Peer().listen();
  peer.addJob({
    filename: 'customers of the whole year 2025 (final) v3.csv',
    failedCount: 12,
    successCount: 88,
  });
  peer.addJob({ filename: 'kunden-münchen-日本.csv', status: 'failed', processedRows: 40 });
  peer.addJob({
    filename: 'evil\u001b]0;title\u0007\u009b31m\u202e.csv',
    status: 'cancelled',
    processedRows: 40,
  });
});
afterEach(() => peer.close());
const env = (more: Record<string, string> = {}) => ({ CSVJOBS_URL: peer.url, ...more });

test('fields behind --json, as other programs take them: the next command has --columns', LONG, async () => {
  const given = await csvjobs(['ls', '--json', 'id,status', '--limit', '1'], { env: env() });
  expect(given.code).toBe(2);
  const { next } = JSON.parse(given.stderr).error;
  expect(next).toBe('csvjobs ls --json --columns id,status --limit 1');
  const { stdout } = await csvjobs(next.split(' ').slice(1), { env: env() });
  expect(Object.keys(JSON.parse(stdout)[0])).toEqual(['id', 'status']);
  expect((await csvjobs(['list', '--json', 'nonsense'], { env: env() })).stderr).toContain(
    'takes no arguments',
  );
});

test('in a pipe: full IDs, newest first, no escape sequence', async () => {
  const { stdout, stderr } = await csvjobs(['list'], { env: env() });
  const lines = stdout.trimEnd().split('\n');
  expect(lines.slice(1).map((line) => line.slice(0, 36))).toEqual([...peer.jobs.keys()].reverse());
  expect(controls(stdout)).toEqual([]);
  expect(stdout).toContain('customers of the whole year 2025 (final) v3.csv');
  expect(stderr).toBe('');
});

for (const columns of [40, 80, 120])
  test(
    `on a terminal of ${columns} columns: every line fits, and hostile names are harmless`,
    inShortIf(columns === 40),
    async () => {
      const { stdout, code } = await startOnTerminal(['list'], { env: env(), columns }).ended;
      expect(code).toBe(0);
      expect(stdout).not.toContain('\u001b]0;');
      const lines = plainText(stdout).trimEnd().split('\n');
      expect(lines.length).toBe(4);
      const { default: width } = await import('string-width');
      for (const line of lines) expect(width(line)).toBeLessThanOrEqual(columns);
      expect(lines.every((line) => /^(ID|[\da-f]{8}) /.test(line))).toBe(true);
    },
  );

test('colours: on a terminal, not with NO_COLOR, in a pipe with FORCE_COLOR', async () => {
  const colour = new RegExp(`${String.fromCharCode(27)}\\[3(?:[1-6]|8;5;\\d+)m`);
  expect((await startOnTerminal(['list'], { env: env() }).ended).stdout).toMatch(colour);
  expect((await startOnTerminal(['list'], { env: env({ NO_COLOR: '1' }) }).ended).stdout).not.toMatch(colour);
  expect((await startOnTerminal(['list'], { env: env({ TERM: 'dumb' }) }).ended).stdout).not.toMatch(colour);
  expect((await csvjobs(['list'], { env: env({ FORCE_COLOR: '1' }) })).stdout).toMatch(colour);
  // Of 256 colours those readable on white and on black; otherwise the terminal's own.
  const few = await startOnTerminal(['list'], { env: env({ TERM: 'xterm' }) }).ended;
  expect(few.stdout).toMatch(colour);
  expect(few.stdout).not.toContain('38;5;');
});

test('--json, --quiet, --status and --limit', async () => {
  const ids = [...peer.jobs.keys()].reverse();
  const { stdout } = await csvjobs(['list', '--json'], { env: env() });
  expect((JSON.parse(stdout) as { id: string }[]).map(({ id }) => id)).toEqual(ids);
  expect((await csvjobs(['list', '-q', '--limit', '2'], { env: env() })).stdout).toBe(
    `${ids[0]}\n${ids[1]}\n`,
  );
  const some = await csvjobs(['list', '-q', '--status', 'failed,completed'], { env: env() });
  expect(some.stdout).toBe(`${ids[1]}\n${ids[2]}\n`);
});

test('--json on a terminal has no raw control characters either', async () => {
  const { stdout } = await startOnTerminal(['list', '--json'], { env: env() }).ended;
  expect(controls(stdout)).toEqual([]);
  expect((JSON.parse(stdout) as { filename: string }[])[0]?.filename).toContain('\u001b]0;title');
});

test('no jobs yet: advice on stderr', async () => {
  peer.jobs.clear();
  const { stdout, stderr, code } = await csvjobs(['list'], { env: env() });
  expect({ stdout, code }).toEqual({ stdout: '', code: 0 });
  expect(stderr).toContain('csvjobs upload');
});

test('show: job details by ID prefix, with its first rejects and its notices', async () => {
  const errors = [
    { rowNumber: 17, message: 'company is required', row: { name: 'A\u001b[2J', email: 'a@b.co' } },
  ];
  const { id } = peer.addJob({ failedCount: 1, errors, notices: ['column "notes" is ignored'] });
  const { stdout } = await csvjobs(['show', id.slice(0, 8)], { env: env() });
  for (const part of [id, '17  company is required', 'column "notes" is ignored', 'csvjobs errors'])
    expect(stdout).toContain(part);
  expect(stdout).not.toContain('\u001b');
  expect(stdout).not.toContain('Reasons');
  const json = await csvjobs(['show', id, '--json'], { env: env() });
  expect(JSON.parse(json.stdout)).toEqual(peer.jobs.get(id));
});

test('show: the top reject reasons, and how to resume a cancelled job', async () => {
  const reasons = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((message, index) => ({
    message,
    rows: 1_000 - index,
  }));
  const { id } = peer.addJob({ status: 'cancelled', failedCount: 6_979, reasons });
  const { stdout } = await csvjobs(['show', id], { env: env() });
  expect(stdout).toContain('Reasons of rejection\n  1,000  a\n    999  b\n');
  expect(stdout).toContain(`  1,989  for 2 other reasons: csvjobs errors ${id.slice(0, 8)} --summary\n`);
  expect(stdout).toContain(`To continue: csvjobs retry ${id.slice(0, 8)}\n`);
});
