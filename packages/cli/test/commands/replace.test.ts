/** `csvjobs upload --replace`, with the real program: when the table must be typed, what is sent, and what is reported. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LoadMode } from '@csvjobs/shared';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LONG } from '../../../daemon/test/support/form.js';
import { Peer } from '../peer.js';
import { csvFile, csvjobs, folder, plainText, startOnTerminal } from '../spawn.js';

let peer: Peer;
beforeEach(async () => {
  peer = await new Peer().listen();
});
afterEach(() => peer.close());
const env = () => ({ CSVJOBS_URL: peer.url });
const run = (...args: string[]) => csvjobs(args, { env: env() });
const sent = () => JSON.parse(peer.uploads.at(-1)?.spec ?? '{}').csvjobs;

test('in a pipe nothing is sent without --yes, and the error names the command that works', async () => {
  const file = csvFile();
  const args = ['upload', file, '--into', 'shop.prices', '--replace'];
  const refused = await run(...args);
  expect(refused).toMatchObject({ code: 2, stdout: '' });
  expect(refused.stderr).toContain('Replacing the content of shop.prices needs a confirmation');
  expect(refused.stderr).toMatch(/csvjobs upload \S+ --into shop.prices --replace --yes\n/);
  expect(peer.uploads).toHaveLength(0);
  expect((await run(...args, '--yes', '--max-removed', '5%', '--max-errors', '3')).code).toBe(0);
  expect(sent()).toEqual({ replace: true, maxRemoved: '5%', maxErrors: 3 });
  expect((await run(...args, '--dry-run')).code).toBe(0);
  expect(sent()).toEqual({ replace: true, dryRun: true });
});

test('a replacing spec needs --yes too, and several files for one table are refused', async () => {
  const spec = join(folder(), 'spec.json');
  writeFileSync(spec, '{"csvjobs": {"into": "shop.prices", "replace": true}}');
  const asked = await run('upload', csvFile(), '--spec', spec);
  expect(asked).toMatchObject({ code: 2 });
  expect(asked.stderr).toContain('Replacing the content of shop.prices needs a confirmation');
  const several = await run('upload', csvFile(), csvFile(), '--spec', spec, '--yes');
  expect(several).toMatchObject({ code: 2 });
  expect(several.stderr).toContain('Several files cannot each replace shop.prices');
  const { id } = peer.addJob({ status: 'completed', failedCount: 3 });
  const fixes = await run('upload', csvFile(), '--fixes', id, '--replace', '--yes');
  expect(fixes).toMatchObject({ code: 2 });
  expect(fixes.stderr).toContain('--fixes and --replace cannot be used together');
  expect(peer.uploads).toHaveLength(0);
});

test('on a terminal the user types the table name', async () => {
  const file = csvFile();
  for (const [typed, code, uploads] of [
    ['prices', 2, 0],
    ['shop.prices', 0, 1],
  ] as const) {
    const asking = startOnTerminal(
      ['upload', file, '--into', 'shop.prices', '--replace', '--again', '--quiet'],
      {
        env: env(),
        columns: 200,
      },
    );
    await asking.until((printed) => printed.includes('Type the name'));
    asking.child.stdin?.write(`${typed}\n`);
    const { code: ended } = await asking.ended;
    if (code === 2) expect(plainText(asking.stdout())).toContain('"prices" is not shop.prices');
    expect(ended).toBe(code);
    expect(peer.uploads).toHaveLength(uploads);
  }
});

test('loading the dry run of a replacement needs confirmation', async () => {
  const mode = { replace: true, atomic: true, dryRun: true, maxErrors: 0, maxRemoved: '10%' } as const;
  const { id } = peer.addJob({ status: 'completed', table: 'shop.prices', mode });
  const refused = await run('load', id);
  expect(refused).toMatchObject({ code: 2, stdout: '' });
  expect(refused.stderr).toContain(`csvjobs load ${id} --yes`);
  expect((await run('load', id, '--yes')).code).toBe(0);
});

test('removed rows are in every count; exit 7 if a guard stops it', async () => {
  const counts = { inserted: 1, updated: 2, unchanged: 3, skipped: 0, removed: 1234 };
  const mode: LoadMode = {
    replace: true,
    atomic: true,
    maxErrors: 0,
    maxRemoved: '10%',
    key: ['sku'],
  };
  const { id } = peer.addJob({
    status: 'completed',
    totalRows: 6,
    processedRows: 6,
    successCount: 6,
    counts,
    mode,
  });
  const { stdout } = await run('show', id);
  expect(stdout).toMatch(/Good +6 \(1 inserted, 2 updated, 3 unchanged\)\n/);
  expect(stdout).toMatch(/Removed +1,234 rows of the table\n/);
  expect(stdout).toMatch(/Mode +replace; at most 10% of its rows removed; rows found by sku\n/);
  const watched = await run('watch', id, '--progress', 'plain');
  expect(watched.stderr).toContain('1 inserted, 2 updated, 3 unchanged, 1,234 removed, 0 rejected');
  expect(watched.code).toBe(0);

  const message = '412 of the 1000 rows of shop.prices would be removed: … with --max-removed 412';
  const failure = { code: 'max_removed_exceeded', message };
  const failed = peer.addJob({
    status: 'failed',
    failure,
    mode,
    table: 'shop.prices',
    filename: 'prices.csv',
  });
  const seen = await run('watch', failed.id, '--progress', 'plain');
  expect(seen.code).toBe(7);
  expect((await run('show', failed.id)).stdout).toContain(
    'If these rows may be removed: csvjobs upload prices.csv --into shop.prices --replace --max-removed 412 --key sku --watch --yes',
  );
});

test('rows to be removed are shown, and commands include the --yes needed without a terminal', async () => {
  const counts = { inserted: 0, updated: 0, unchanged: 3, skipped: 0, removed: 12 };
  const mode: LoadMode = { replace: true, atomic: true, dryRun: true, maxErrors: 0, maxRemoved: '10%' };
  const removedRows = Array.from({ length: 7 }, (_, at) => ({ sku: `a${at}`, price: null }));
  const { id } = peer.addJob({ table: 'shop.prices', counts, mode, removedRows });
  const { stderr } = await run('watch', id, '--progress', 'plain');
  expect(stderr).toContain('- sku a4, price null\n');
  expect(stderr).toContain('… and 7 more removed\n');
  expect(stderr).toContain(`to load it: csvjobs load ${id} --watch --yes\n`);
  const { stdout } = await run('show', id);
  expect(stdout).toContain('First removed rows\n  - sku a0, price null\n');
  expect(stdout).toContain('… and 5 more removed\n');
  const refused = await run('load', id, '--watch', '--timeout', '9s');
  expect(refused.stderr).toContain(`csvjobs load ${id} --watch --timeout 9s --yes\n`);
  const failure = { code: 'max_removed_exceeded', message: '412 of the 1000 rows of shop.prices would go' };
  const failed = peer.addJob({
    ...{ status: 'failed', failure, table: 'shop.prices', filename: 'stdin.csv' },
    mode: { replace: true, atomic: true },
  });
  expect((await run('show', failed.id)).stdout).toContain(
    'csvjobs upload - --into shop.prices --replace --watch --yes',
  );
});

test('retrying an undone replacement asks; retrying a failed one does not, as it was confirmed', async () => {
  const mode: LoadMode = { replace: true, atomic: true, maxErrors: 0, maxRemoved: '10%' };
  const undone = peer.addJob({ status: 'undone', mode, table: 'shop.prices', filename: 'prices.csv' });
  const refused = await run('retry', undone.id);
  expect(refused).toMatchObject({ code: 2, stdout: '' });
  expect(refused.stderr).toContain('Replacing the content of shop.prices needs a confirmation');
  expect(refused.stderr).toContain(`next: csvjobs retry ${undone.id} --yes\n`);
  const watched = await run('watch', undone.id, '--progress', 'plain');
  expect(watched.stderr).toContain(`csvjobs retry ${undone.id} --yes\n`);
  expect(await run('retry', undone.id, '--yes')).toMatchObject({ code: 0, stdout: `${undone.id}\n` });
  const failure = { code: 'database_unreachable', message: 'PostgreSQL was away' };
  const failed = peer.addJob({ status: 'failed', failure, mode, table: 'shop.prices' });
  expect((await run('retry', failed.id)).code).toBe(0);
});

test('rejects of a load that loaded nothing are not fixed separately', async () => {
  const failure = { code: 'gate_not_met', message: '3 of the first 10 rows are rejected' };
  const mode: LoadMode = { atomic: true, maxErrors: 2 };
  const { id } = peer.addJob({ status: 'failed', failure, mode, table: 'shop.prices', filename: 'a b.csv' });
  const fixed = await run('fix', id, '-o', 'fixes.csv');
  expect(fixed).toMatchObject({ code: 2, stdout: '' });
  expect(fixed.stderr).toContain(`Nothing of job ${id.slice(0, 8)} is loaded`);
  expect(fixed.stderr).toContain(
    "next: csvjobs upload 'a b.csv' --into shop.prices --atomic --max-errors 2 --watch\n",
  );
});

test.each([
  ['processing', 'watch'],
  ['held', 'accept'],
] as const)('rejects of a job that is %s are not fixed yet', async (status, next) => {
  const { id } = peer.addJob({ status, failedCount: 1 });
  const fixed = await run('fix', id, '-o', 'fixes.csv');
  expect(fixed).toMatchObject({ code: 2, stdout: '' });
  expect(fixed.stderr).toContain(`next: csvjobs ${next} ${id.slice(0, 8)}`);
});

test('an upload from stdin is repeated from stdin', LONG, async () => {
  peer.plan = () => ({ end: 'failed', failure: { code: 'gate_not_met', message: 'too many rows' } });
  const input = 'name,email,phone,company\nA,a@x.de,+49301234567,C\n';
  const args = ['upload', '-', '--watch', '--progress', 'plain'];
  const unnamed = await csvjobs(args, { env: env(), input });
  expect(unnamed.stderr).toContain(': csvjobs upload - --watch\n');
  const named = await csvjobs([...args, '--name', 'a b.csv'], { env: env(), input });
  expect(named.stderr).toContain(`: csvjobs upload - --name 'a b.csv' --watch\n`);
});

test('fixing rows of a replacement says that they are added', LONG, async () => {
  const mode: LoadMode = { replace: true, atomic: true, maxErrors: 1 };
  const { id } = peer.addJob({ table: 'shop.prices', failedCount: 1, mode });
  const fixed = await run('upload', csvFile(), '--fixes', id);
  expect(fixed.stderr).toContain(
    'fixed rows are added to shop.prices, and none are removed; a key that the table has is rejected\n',
  );
  const skipping = await run('upload', csvFile(), '--fixes', id, '--on-conflict', 'skip');
  expect(skipping.stderr).toContain('none are removed; known keys are skipped\n');
  const updating = peer.addJob({ table: 'shop.prices', failedCount: 1, mode: { onConflict: 'update' } });
  expect((await run('upload', csvFile(), '--fixes', updating.id)).stderr).not.toContain('fixed rows');
});

test('deleting a job with old rows says that they are lost', async () => {
  const counts = { inserted: 1, updated: 2, unchanged: 3, skipped: 0, removed: 1234 };
  const { id } = peer.addJob({ counts, mode: { replace: true, atomic: true } });
  const refused = await run('delete', id);
  expect(refused).toMatchObject({ code: 2 });
  const short = id.slice(0, 8);
  expect(refused.stderr).toContain(
    `the job has 1,234 rows removed and 2 updated; once it is deleted, their old values are lost (csvjobs undo ${short} restores them before that)`,
  );
  const asking = startOnTerminal(['delete', id], { env: env(), columns: 240 });
  await asking.until((printed) => printed.includes('[y/N]'));
  expect(plainText(asking.stdout())).toContain('their old values are lost');
  asking.child.stdin?.write('y\n');
  expect((await asking.ended).code).toBe(0);
  const plain = peer.addJob({});
  const plainRefused = await run('delete', plain.id);
  expect(plainRefused.stderr).toContain('there is no terminal to ask on');
  expect(plainRefused.stderr).toContain(`next: csvjobs delete ${plain.id.slice(0, 8)} --yes\n`);
});

test('the question before a delete says that rows stay only if there are any', async () => {
  const questionOf = async (successCount: number) => {
    const asking = startOnTerminal(['delete', peer.addJob({ successCount }).id], {
      env: env(),
      columns: 240,
    });
    await asking.until((printed) => printed.includes('[y/N]'));
    asking.child.stdin?.write('n\n');
    await asking.ended;
    return plainText(asking.stdout());
  };
  expect(await questionOf(3)).toContain('? The rows that it has loaded stay. [y/N]');
  expect(await questionOf(0)).not.toContain('stay');
});

test('delete --yes prints one warning if old rows can no longer be restored', LONG, async () => {
  const counts = { inserted: 1, updated: 1, unchanged: 3, skipped: 0, removed: 1234 };
  const mode: LoadMode = { replace: true, atomic: true };
  const { id } = peer.addJob({ counts, mode });
  expect(await run('delete', id, '--yes')).toMatchObject({
    code: 0,
    stdout: `${id}\n`,
    stderr:
      'warning: the job had 1,234 rows removed and 1 updated; their old values can no longer be restored\n',
  });
  // Only inserted rows are left by its undo.
  const undone = {
    ...{ removed: 0, restored: 1235, referenced: 1, references: [], refused: 0, refusals: [] },
    ...{ kept: 0, changed: 0, missing: 0, at: new Date().toISOString(), by: 'me' },
  };
  const left = peer.addJob({ counts, mode, status: 'undone', undone });
  expect((await run('delete', left.id, '--yes')).stderr).toBe('');
  expect((await run('delete', peer.addJob({}).id, '--yes')).stderr).toBe('');
  expect((await run('delete', peer.addJob({ counts, mode }).id, '--yes', '--quiet')).stderr).toBe('');
});
