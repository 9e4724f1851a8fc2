/** The same file again, with the real command line and daemon: a question on a terminal, a notice in a pipe, --once. */
import { createHash } from 'node:crypto';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { plainText, startOnTerminal } from '../../packages/cli/test/spawn.js';
import { LONG } from '../../packages/daemon/test/support/form.js';
import { csvjobs } from '../support/cli.js';
import { openPlace, type Place } from '../support/place.js';

let place: Place;
let url: string;
let file: string;

let files = 0;

beforeAll(async () => {
  place = await openPlace();
  ({ url } = await place.start());
});
afterAll(() => place.close());

/** Each test has its own file. */
beforeEach(async () => {
  files += 1;
  file = join(place.folder, `customers${files}.csv`);
  await writeFile(file, `name,email,phone,company\nAda,ada${files}@example.org,,Analytical\nBo,bo,,C\n`);
});

const run = (...args: string[]) => csvjobs(url, 'upload', ...args);
/** The number of jobs for this test's file, under any name. */
const jobs = async () => {
  const sha256 = createHash('sha256')
    .update(await readFile(file))
    .digest('hex');
  const { rows } = await place.database.pool.query('select count(*) as n from jobs where sha256 = $1', [
    sha256,
  ]);
  return rows[0].n;
};
/** Loads the file to its end; returns its job's ID. */
const loadFirst = async () => (await run(file, '--watch', '--quiet')).stdout.trim();

test(
  'in a pipe it is loaded again, and the notice and --json have the earlier job and its time',
  LONG,
  async () => {
    const first = await loadFirst();
    const plain = await run(file);
    expect(plain.code).toBe(0);
    const when = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d UTC`;
    expect(plain.stderr).toMatch(
      new RegExp(
        `customers\\d+.csv: notice: the same file was uploaded before, as job ${first.slice(0, 8)} of ${when} \\(completed: 1 row loaded, 1 rejected\\)`,
      ),
    );
    // This one rejects every record, because the table has them: it does not count.
    await csvjobs(url, 'watch', plain.stdout.trim());
    const { code, stdout } = await run(file, '--json');
    expect(code).toBe(0);
    const { uploads } = JSON.parse(stdout);
    expect(uploads[0].earlier.jobId).toBe(first);
    expect(Date.parse(uploads[0].earlier.createdAt)).toBeGreaterThan(0);
    expect(uploads[0].jobId).not.toBe(plain.stdout.trim());
    expect(await jobs()).toBe(3);
  },
);

test('--once: after a completed job succeeds without loading and names the job; before, exit 2', async () => {
  const args = [file, '--once'];
  const first = await run(...args, '--watch');
  expect(first.code).toBe(3);
  const id = first.stdout.trim();
  const again = await run(...args);
  expect(again).toMatchObject({ code: 0, stdout: `${id}\n` });
  expect(again.stderr).toContain(
    `: notice: nothing was loaded: the same file was loaded before, by job ${id.slice(0, 8)} of `,
  );
  expect(again.stderr).not.toContain('accepted');
  // With --watch, it exits like that job.
  expect(await run(...args, '--watch', '--quiet')).toMatchObject({ code: 3, stdout: `${id}\n` });
  await place.database.pool.query(`update jobs set status = 'cancelled' where id = $1`, [id]);
  const refused = await run(...args);
  expect(refused).toMatchObject({ code: 2, stdout: '' });
  expect(refused.stderr).toContain(`csvjobs retry ${id}`);
  expect(await jobs()).toBe(1);
});

test('--once and --again together are refused', async () => {
  expect(await run(file, '--once', '--again')).toMatchObject({ code: 2, stdout: '' });
  expect(await jobs()).toBe(0);
});

test('on a terminal it asks: only a yes loads it', LONG, async () => {
  const env = { CSVJOBS_URL: url };
  const ask = async (answer: string, ...more: string[]) => {
    const running = startOnTerminal(['upload', file, ...more], { env, columns: 200 });
    await running.until((printed) => printed.includes('Load it again? [y/N]'));
    running.child.stdin?.write(answer);
    return await running.ended;
  };
  // Nothing to ask about.
  expect((await startOnTerminal(['upload', file, '--watch'], { env }).ended).code).toBe(3);
  for (const no of ['\n', 'n\n', '\u0004']) {
    const { code, stdout } = await ask(no);
    expect(plainText(stdout)).toMatch(
      /customers\d+\.csv was uploaded into customers before: job [0-9a-f]{8} of /,
    );
    expect(plainText(stdout)).toContain('Not uploaded, and nothing left behind');
    expect(code).toBe(2);
  }
  // Neither file nor job is left to be drawn.
  expect(plainText((await ask('n\n', '--watch')).stdout)).not.toContain('waiting');
  const other = join(place.folder, 'other.csv');
  await writeFile(other, 'name,email,phone,company\nA,a@other.example,1,C\n');
  expect(plainText((await ask('n\n', other, '--watch')).stdout)).toMatch(
    /not loaded again[\s\S]*1 not loaded/,
  );
  expect(await jobs()).toBe(1);
  expect((await ask('y\n')).code).toBe(0);
  expect(await jobs()).toBe(2);
  expect((await startOnTerminal(['upload', file, '--again'], { env }).ended).code).toBe(0);
  expect(await jobs()).toBe(3);
});

test(
  'on a terminal one question covers two files of the same content, before anything is sent',
  LONG,
  async () => {
    const copy = join(place.folder, 'copy.csv');
    await copyFile(file, copy);
    const running = startOnTerminal(['upload', file, copy], { env: { CSVJOBS_URL: url }, columns: 200 });
    await running.until((printed) => printed.includes('[y/N]'));
    expect(plainText(running.stdout())).toContain(`${copy} has the same content as ${file}`);
    expect(await jobs()).toBe(0);
    running.child.stdin?.write('n\n');
    expect((await running.ended).code).toBe(2);
    expect(await jobs()).toBe(1);
  },
);

test('a file with only rejects is loaded without a question, and with --once', LONG, async () => {
  await writeFile(file, 'name,email,phone,company\nBo,bo,,C\n');
  const first = await loadFirst();
  for (const flags of [[], ['--once']]) {
    const { code, stdout } = await startOnTerminal(['upload', file, '--watch', ...flags], {
      env: { CSVJOBS_URL: url },
    }).ended;
    expect(code).toBe(3);
    expect(plainText(stdout)).not.toContain(first.slice(0, 8));
  }
  expect(await jobs()).toBe(3);
});

test('a CI terminal, --json and --quiet never ask', LONG, async () => {
  await loadFirst();
  for (const [flags, more] of [
    [[], { CI: 'true' }],
    [['--json'], {}],
    [['--quiet'], {}],
  ] as [string[], Record<string, string>][]) {
    const running = startOnTerminal(['upload', file, ...flags], { env: { CSVJOBS_URL: url, ...more } });
    const { code, stdout } = await running.ended;
    expect({ flags, code }).toEqual({ flags, code: 0 });
    expect(stdout).not.toContain('[y/N]');
  }
  expect(await jobs()).toBe(4);
});
