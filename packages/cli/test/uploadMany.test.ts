/** Several files in one command: all or none, no warnings of node, the same names everywhere. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { inShortIf, LONG } from '../../daemon/test/support/form.js';
import { Peer } from './peer.js';
import { csvFile, csvjobs, folder } from './spawn.js';

let peer: Peer;
beforeEach(async () => {
  peer = await new Peer().listen();
});
afterEach(() => peer.close());
const env = () => ({ CSVJOBS_URL: peer.url });

test('an unreadable file: none is uploaded, and each such file is reported', async () => {
  const { code, stdout, stderr } = await csvjobs(['upload', 'missing.csv', csvFile(), folder()], {
    env: env(),
  });
  expect(code).toBe(2);
  expect(stdout).toBe('');
  expect(stderr).toContain('Nothing was uploaded: 2 of 3 files cannot be sent');
  expect(stderr).toContain('missing.csv cannot be read: there is no such file');
  expect(stderr).toContain('it is a folder');
  expect(stderr).toContain('--keep-going');
  expect(peer.uploads).toEqual([]);
});

for (const [[command, ...options], next] of [
  [['upload', '--into', 'orders'], 'csvjobs upload FOLDER/*.csv --into orders'],
  [['check', '--summary'], 'csvjobs check FOLDER/*.csv --summary'],
  [['sniff'], "csvjobs sniff 'FOLDER/<file>.csv'"],
  [['preview', '--into', 'orders'], "csvjobs preview 'FOLDER/<file>.csv' --into orders"],
] as [[string, ...string[]], string][])
  test(
    `a folder given to ${JSON.stringify([command, ...options])}: the next command is the same one`,
    inShortIf(command === 'upload'),
    async () => {
      const cwd = folder();
      const { code, stderr } = await csvjobs([command, cwd, ...options], { env: env() });
      expect(code).toBe(2);
      expect(stderr).toContain('it is a folder');
      expect(stderr.replaceAll("'", '')).toContain(
        `next: ${next.replace('FOLDER', cwd).replaceAll("'", '')}\n`,
      );
    },
  );

test('--keep-going uploads the others, with the worst exit code', async () => {
  const good = csvFile('good.csv');
  const { code, stdout, stderr } = await csvjobs(['upload', 'missing.csv', good, '--keep-going'], {
    env: env(),
  });
  expect(code).toBe(2);
  expect(stdout.trim()).toBe([...peer.jobs.keys()][0]);
  expect(stderr).toContain('error: missing.csv cannot be read');
  const json = await csvjobs(['upload', 'missing.csv', good, '--keep-going', '--json'], { env: env() });
  expect(
    JSON.parse(json.stdout).uploads.map(({ file, error }: { file: string; error: unknown }) => [
      file,
      error !== null,
    ]),
  ).toEqual([
    [good, false],
    ['missing.csv', true],
  ]);
  const none = await csvjobs(['upload', 'a.csv', 'b.csv', '--keep-going'], { env: env() });
  expect(none).toMatchObject({ code: 2, stderr: expect.stringContaining('Nothing was uploaded') });
});

test.each([['--progress', 'plain'], ['--progress', 'tty'], ['--json']])(
  'forty files at once with %s %s: no warning of node',
  LONG,
  async (...args) => {
    const files = Array.from({ length: 40 }, (_, index) => csvFile(`f${index}.csv`, index + 1));
    const { code, stderr } = await csvjobs(['upload', ...files, '--watch', ...args], { env: env() });
    expect(stderr).not.toContain('MaxListeners');
    expect(code).toBe(0);
  },
);

test('`file` is the given path, in lines and in the document', async () => {
  const path = csvFile('in.csv');
  const lines = (await csvjobs(['upload', path, '--watch', '--json'], { env: env() })).stdout
    .trim()
    .split('\n');
  const files = lines.map((line) => JSON.parse(line).file).filter((file) => file !== undefined);
  expect(new Set(files)).toEqual(new Set([path]));
  const { uploads } = JSON.parse((await csvjobs(['upload', join(path), '--json'], { env: env() })).stdout);
  expect(uploads[0].file).toBe(path);
});

test('files with the same name are shown by their paths, and get separate reports', async () => {
  peer.plan = () => ({ rows: 3, bad: 2 });
  const cwd = folder();
  mkdirSync(join(cwd, 'sub'));
  for (const path of ['mix.csv', 'sub/mix.csv', 'other.csv'])
    writeFileSync(join(cwd, path), `name,email,phone,company\nA,${path.length}@b.co,,C\n`);
  const files = ['mix.csv', 'sub/mix.csv', 'other.csv'];
  const { stderr } = await csvjobs(
    ['upload', ...files, '--watch', '--progress', 'plain', '--junit', 'j.xml'],
    {
      env: env(),
      cwd,
    },
  );
  for (const file of files) expect(stderr).toContain(`\n${file}: completed`);
  const reports = [...stderr.matchAll(/report: csvjobs errors \S+ -o (\S+)/g)].map(([, name]) => name);
  expect(reports.toSorted((a = '', b = '') => a.length - b.length)).toEqual([
    'mix.errors.csv',
    'other.errors.csv',
    expect.stringMatching(/^mix\.[0-9a-f]{8}\.errors\.csv$/),
  ]);
  expect(readFileSync(join(cwd, 'j.xml'), 'utf8')).toContain('name="sub/mix.csv"');
});
