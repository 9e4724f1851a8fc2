/** `--hold`, `csvjobs accept` and `csvjobs discard`, with the real program: what is sent, what every view says, and exit codes. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Peer } from '../peer.js';
import { csvFile, csvjobs, folder } from '../spawn.js';

let peer: Peer;
beforeEach(async () => {
  peer = await new Peer().listen();
});
afterEach(() => peer.close());
const env = (more: Record<string, string> = {}) => ({ CSVJOBS_URL: peer.url, ...more });
const sent = () => JSON.parse(peer.uploads.at(-1)?.spec ?? '{}').csvjobs;

async function hold(args: string[] = [], more: Record<string, string> = {}) {
  const result = await csvjobs(['upload', csvFile(), '--hold', '--watch', ...args], { env: env(more) });
  return { ...result, id: result.stdout.trim() };
}

test('in a pipe an upload ends when its job is held, and prints its rows and the next commands', async () => {
  const summary = join(folder(), 'summary.md');
  const { code, stderr, id } = await hold(['--progress', 'plain'], { GITHUB_STEP_SUMMARY: summary });
  expect(code).toBe(0);
  expect(sent()).toEqual({ hold: true });
  expect(stderr).toContain('held (its rows are not visible yet)');
  expect(stderr).toContain('~ sku a1: price 5.00 → 6.00');
  expect(stderr).toContain('+ sku a3, price 9.00, note null');
  // The daemon sends the first rows only.
  expect(stderr).toContain('… and 998 more\n');
  expect(stderr).toContain('it waits until 2126-11-26 15:04 UTC; then it is rolled back');
  expect(stderr).toContain(`to commit its rows: csvjobs accept ${id}`);
  expect(stderr).toContain(`to roll them back: csvjobs discard ${id}`);
  expect(readFileSync(summary, 'utf8')).toContain('held (its rows are not visible yet)');

  const short = id.slice(0, 8);
  const shown = await csvjobs(['show', short], { env: env() });
  expect(shown.stdout).toContain('held (its rows are not visible yet)');
  expect(shown.stdout).toContain('~ sku a1: price 5.00 → 6.00');
  expect(shown.stdout).toContain(`To commit its rows: csvjobs accept ${short}`);
  const json = JSON.parse((await csvjobs(['show', short, '--json'], { env: env() })).stdout);
  expect(json.held.rows).toHaveLength(2);
  const list = await csvjobs(['list', '--status', 'held'], { env: env() });
  expect(list.stdout).toContain(' held ');
});

test('rejects of a held job set the exit code; with a gate it is 0', async () => {
  peer.plan = () => ({ bad: 7 });
  const junit = join(folder(), 'junit.xml');
  expect((await hold(['--junit', junit])).code).toBe(3);
  expect(readFileSync(junit, 'utf8')).toContain('would be rejected');
  const { code } = await hold(['--max-errors', '10']);
  expect(code).toBe(0);
  expect(sent()).toEqual({ hold: true, maxErrors: 10 });
});

test('accept commits, with the exit code of a completed job; discard rolls back', async () => {
  const { id } = await hold();
  const accepted = await csvjobs(['accept', id.slice(0, 8)], { env: env() });
  expect(accepted).toMatchObject({ code: 0, stdout: `${id}\n` });
  expect(accepted.stderr).toMatch(/: completed: 1,000 rows into customers, 1,000 good, 0 rejected/);
  expect(peer.jobs.get(id)?.status).toBe('completed');
  const again = await csvjobs(['accept', id], { env: env() });
  expect(again.code).not.toBe(0);
  expect(again.stderr).toContain('the job is completed already');

  peer.plan = () => ({ bad: 2 });
  const rejects = await hold();
  expect(await csvjobs(['accept', rejects.id, '--json'], { env: env() })).toMatchObject({
    code: 3,
    stdout: `${JSON.stringify({ jobId: rejects.id, exitCode: 3 })}\n`,
  });
  const other = await hold();
  expect(await csvjobs(['discard', other.id], { env: env() })).toMatchObject({
    code: 0,
    stdout: `${other.id}\n`,
  });
  expect(peer.jobs.get(other.id)?.status).toBe('cancelled');
});

test('watch waits for accept or discard', async () => {
  const { id } = await hold();
  const watching = csvjobs(['watch', id, '--progress', 'plain'], { env: env() });
  await expect.poll(() => peer.openStreams).toBeGreaterThan(0);
  await csvjobs(['accept', id], { env: env() });
  const { code, stderr } = await watching;
  expect(code).toBe(0);
  expect(stderr).toContain(`to commit its rows: csvjobs accept ${id}`);
  expect(stderr).toContain('completed');
});

test('a dry run cannot be held, by flag or spec', async () => {
  const { code, stderr } = await hold(['--dry-run']);
  expect(code).toBe(2);
  expect(stderr).toContain('--hold and --dry-run cannot be used together');
  const spec = join(folder(), 'spec.yaml');
  writeFileSync(spec, 'csvjobs: {hold: true}\n');
  const other = await csvjobs(['upload', csvFile(), '--spec', spec, '--dry-run'], { env: env() });
  expect(other.code).toBe(2);
  expect(peer.uploads).toHaveLength(0);
});

test('a lost or expired hold says how to run the job again', async () => {
  const failure = { code: 'hold_expired', message: 'no one accepted the job' };
  const { id } = peer.addJob({ status: 'failed', failure, mode: { atomic: true, hold: true } });
  const { stdout } = await csvjobs(['show', id], { env: env() });
  expect(stdout).toContain(`To run it again: csvjobs retry ${id.slice(0, 8)}`);
});
