/** `--dry-run`, `csvjobs load` and `--atomic`, with the real program: what is sent, and what every view says. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LONG } from '../../../daemon/test/support/form.js';
import { Peer } from '../peer.js';
import { csvFile, csvjobs, folder, startOnTerminal } from '../spawn.js';

let peer: Peer;
beforeEach(async () => {
  peer = await new Peer().listen();
});
afterEach(() => peer.close());
const env = (more: Record<string, string> = {}) => ({ CSVJOBS_URL: peer.url, ...more });
const sent = () => JSON.parse(peer.uploads.at(-1)?.spec ?? '{}').csvjobs;
const NOTHING = 'dry run: nothing was loaded';

async function dryRun(args: string[] = [], more: Record<string, string> = {}) {
  const result = await csvjobs(['upload', csvFile(), '--dry-run', '--watch', ...args], { env: env(more) });
  return { ...result, id: result.stdout.trim() };
}

test('every view of a dry run says that nothing was loaded, and how to load it', async () => {
  const cwd = folder();
  const summary = join(cwd, 'summary.md');
  const junit = join(cwd, 'junit.xml');
  const plain = await dryRun(['--progress', 'plain', '--junit', junit], { GITHUB_STEP_SUMMARY: summary });
  expect(plain.code).toBe(0);
  expect(sent()).toEqual({ dryRun: true });
  expect(plain.stderr).toContain(`completed (${NOTHING})`);
  expect(plain.stderr).toContain(`to load it: csvjobs load ${plain.id} --watch`);
  expect(readFileSync(summary, 'utf8')).toContain(`completed (${NOTHING})`);
  expect(readFileSync(junit, 'utf8')).toContain(`name="${NOTHING}"`);
  const short = plain.id.slice(0, 8);
  const shown = await csvjobs(['show', short], { env: env() });
  expect(shown.stdout).toContain(`completed (${NOTHING})`);
  expect(shown.stdout).toContain(`To load it: csvjobs load ${short} --watch`);
  expect((await csvjobs(['list'], { env: env() })).stdout).toContain('completed(dry-run)');
  const json = await csvjobs(['show', short, '--json'], { env: env() });
  expect(JSON.parse(json.stdout).mode).toEqual({ dryRun: true });
});

test('a dry run of a file loaded before neither warns of a second load nor asks', LONG, async () => {
  const file = csvFile();
  const upload = ['upload', file, '--watch', '--progress', 'plain'];
  await csvjobs(upload, { env: env() });
  const dry = await csvjobs([...upload, '--dry-run'], { env: env() });
  expect(dry.stderr).toContain('this dry run does not load it again');
  expect(dry.stderr).not.toContain('it is loaded again');
  expect((await csvjobs(upload, { env: env() })).stderr).toContain('it is loaded again');
  const asked = startOnTerminal(['upload', file, '--watch', '--dry-run'], { env: env(), columns: 100 });
  expect((await asked.ended).code).toBe(0);
  expect(asked.stdout()).not.toContain('[y/N]');
});

test('rejects of a dry run are shown as would-be rejects, without a fix command', async () => {
  peer.plan = () => ({ bad: 7 });
  const junit = join(folder(), 'junit.xml');
  const { code, id } = await dryRun(['--junit', junit]);
  expect(code).toBe(3);
  expect((await csvjobs(['show', id], { env: env() })).stdout).not.toContain('csvjobs fix');
});

test('load: prints the new job, and watches it', async () => {
  const { id } = await dryRun();
  const loaded = await csvjobs(['load', id.slice(0, 8)], { env: env() });
  expect(loaded.code).toBe(0);
  expect(peer.jobs.get(loaded.stdout.trim())).toMatchObject({ dryRunId: id });
  expect(peer.uploads).toHaveLength(1);

  peer.plan = () => ({ bad: 3 });
  const watched = await csvjobs(['load', id, '--watch'], { env: env() });
  expect(watched.code).toBe(3);
  const other = peer.jobs.get(watched.stdout.trim());
  expect(other).toMatchObject({ status: 'completed', dryRunId: id });
  expect((await csvjobs(['show', other!.id], { env: env() })).stdout).toContain(
    `Dry run   job ${id.slice(0, 8)}`,
  );
  const again = await csvjobs(['load', other!.id], { env: env() });
  expect(again.code).toBe(2);
  expect(again.stderr).toContain('is not a dry run');
});

test('an atomic load sends its gate with the file; exit 7 if it is not met', async () => {
  const accepted = await csvjobs(['upload', csvFile(), '--atomic', '--max-errors', '1%'], { env: env() });
  expect(accepted.code).toBe(0);
  expect(sent()).toEqual({ atomic: true, maxErrors: '1%' });

  const failure = { code: 'gate_not_met', message: '7 of the first 50 rows are rejected' };
  peer.plan = () => ({ bad: 7, end: 'failed', failure });
  const args = ['upload', csvFile(), '--atomic', '--max-errors', '3', '--watch', '--progress', 'plain'];
  const failed = await csvjobs(args, { env: env() });
  expect(sent()).toEqual({ atomic: true, maxErrors: 3 });
  expect(failed.stderr).toContain('failed (nothing was loaded)');
  expect(failed.stderr).toContain(failure.message);
  expect(failed.code).toBe(7);
});

test('without --atomic the gate only decides the exit code; so does one in a spec', async () => {
  peer.plan = () => ({ bad: 7 });
  const upload = (...args: string[]) =>
    csvjobs(['upload', csvFile(), '--watch', ...args], { env: env() }).then(({ code }) => code);
  expect(await upload('--max-errors', '3')).toBe(7);
  expect(peer.uploads.at(-1)?.spec).toBeUndefined();
  const spec = join(folder(), 'spec.json');
  writeFileSync(spec, '{"csvjobs": {"maxErrors": 3}}');
  expect(await upload('--spec', spec)).toBe(7);
  expect(await upload('--spec', spec, '--max-errors', '7')).toBe(0);
});
