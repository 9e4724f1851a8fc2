/** Jobs without an ID: @last, @last with a status, a file, or no argument. */
import { join } from 'node:path';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { inShortIf, LONG } from '../../daemon/test/support/form.js';
import { recentJobs } from '../src/recentJobs.js';
import { Peer } from './peer.js';
import { csvFile, csvjobs, folder, plainText, startOnTerminal } from './spawn.js';

let peer: Peer;
let state: string;
beforeEach(async () => {
  peer = await new Peer().listen();
  state = folder();
});
afterEach(() => peer.close());
const env = () => ({ CSVJOBS_URL: peer.url, XDG_STATE_HOME: state });
const run = (...args: string[]) => csvjobs(args, { env: env() });
const shown = async (...args: string[]) => (await run('show', ...args, '--quiet')).stdout.trim();

test("this user's newest job, despite later uploads of others; without one the newest of all", async () => {
  const others = peer.addJob({ filename: 'theirs.csv' });
  expect(await shown()).toBe(others.id);
  const id = (await run('upload', csvFile('mine.csv'))).stdout.trim();
  const failed = peer.addJob({ filename: 'bad.csv', status: 'failed' });
  expect(await shown()).toBe(id);
  expect(await shown('@last')).toBe(id);
  expect(await shown('@last:failed')).toBe(failed.id);
  peer.jobs.delete(id);
  expect(await shown()).toBe(failed.id);
});

test('an upload that loads nothing with --once does not change what @last means', LONG, async () => {
  const [old, newer] = [csvFile('old.csv', 3), csvFile('newer.csv', 4)];
  await run('upload', old, '--watch');
  const id = (await run('upload', newer, '--watch')).stdout.trim();
  const again = await run('upload', old, '--once');
  expect(again.stderr).toContain('nothing was loaded');
  expect(await shown('@last')).toBe(id);
});

test('@last is the same by each name of this machine, and another one by another port', async () => {
  const id = (await run('upload', csvFile('mine.csv'))).stdout.trim();
  const theirs = peer.addJob({ filename: 'theirs.csv' });
  const port = new URL(peer.url).port;
  vi.stubEnv('XDG_STATE_HOME', state);
  onTestFinished(() => void vi.unstubAllEnvs());
  for (const host of ['127.0.0.1', 'localhost', '[::1]'])
    expect(recentJobs(new URL(`http://${host}:${port}`))).toEqual([id]);
  expect(recentJobs(new URL(`http://localhost:${Number(port) + 1}`))).toEqual([]);
  expect(recentJobs(new URL(`http://localhost.example:${port}`))).toEqual([]);
  const named = await csvjobs(['show', '@last', '--quiet', '--url', `http://localhost:${port}`], {
    env: env(),
  });
  expect(named.stdout.trim()).toBe(id);
  expect(theirs.id).not.toBe(id);
});

test('a file name means its newest job, with or without its folder', async () => {
  peer.addJob({ filename: 'orders.csv' });
  const { id } = peer.addJob({ filename: 'orders.csv' });
  expect(await shown('orders.csv')).toBe(id);
  expect(await shown('data/2026/orders.csv')).toBe(id);
  // A name that could be an ID prefix.
  const face = peer.addJob({ id: '00000000-0000-4000-8000-000000000001', filename: 'face' });
  expect(await shown('face')).toBe(face.id);
});

test('watch and errors without an ID; without any job, the next step', async () => {
  expect(await run('watch')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('There are no jobs yet'),
  });
  expect((await run('show', '@last:failed')).stderr).toContain('No failed jobs');
  peer.addJob({ failedCount: 2, successCount: 98 });
  expect(await run('watch')).toMatchObject({ code: 3 });
  expect((await run('errors')).stdout).toMatch(/^rowNumber/);
  const cwd = folder();
  expect(await run('fix', '-o', join(cwd, 'fixes.csv'))).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('saved'),
  });
  expect((await run('rows')).code).toBe(0);
});

test(
  'a job that is gone: by its ID as by its file, one reason is that the daemon has deleted it',
  LONG,
  async () => {
    for (const gone of ['gone.csv', 'deadbeef', '00000000-0000-4000-8000-00000000dead'])
      expect(await run('show', gone)).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('after RETAIN_JOBS of the daemon'),
      });
  },
);

test('an ID that is empty, or several in one: what a script has done wrong', async () => {
  const [one, other] = [peer.addJob(), peer.addJob()];
  expect(await run('errors', '')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('The job ID is empty'),
  });
  const both = `${one?.id}\n${other?.id}`;
  expect(await run('errors', both)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('These are several job IDs'),
  });
});

test(
  'on a terminal errors stops at 20 rows and list at 30, and says how to see more; in a pipe nothing is cut',
  LONG,
  async () => {
    const job = peer.addJob({ failedCount: 50, successCount: 50 });
    peer.report = () =>
      `rowNumber,name,email,phone,company,error\n${Array.from({ length: 50 }, (_, at) => `${at},row-${at}-end,,,,"bad, ""it""\nis"\n`).join('')}`;
    for (let at = 0; at < 34; at += 1) peer.addJob({ filename: `file-${at}.csv` });
    const onTerminal = async (...args: string[]) =>
      plainText((await startOnTerminal(args, { env: env(), columns: 120 }).ended).stdout);
    const cut = await onTerminal('errors', job.id);
    expect(cut).toContain('row-19-end');
    expect(cut).not.toContain('row-20-end');
    expect(cut).toContain(`The first 20 of 50 rejected rows`);
    expect(cut).toContain(`csvjobs errors ${job.id.slice(0, 8)} -o customers.errors.csv`);
    expect(await onTerminal('errors', job.id, '--all')).toContain('row-49-end');
    expect((await run('errors', job.id)).stdout).toContain('row-49-end');

    const list = await onTerminal('list');
    expect(list.split('\n').filter((line) => line.includes('.csv')).length).toBe(30);
    expect(list).toContain('The newest 30 jobs. More: csvjobs list --limit 300');
    expect(
      (await onTerminal('list', '--limit', '40')).split('\n').filter((line) => line.includes('.csv')).length,
    ).toBe(35);
    expect((await run('list')).stdout.trim().split('\n').length).toBe(36);
  },
);

test('a piped list has one field per column, and the requested columns', async () => {
  const { id } = peer.addJob({ failedCount: 100, successCount: 0 });
  const [, line = ''] = (await run('list')).stdout.split('\n');
  expect(line.split(/\s+/)).toEqual([
    id,
    'completed',
    '100%',
    '100',
    '0',
    '100',
    expect.any(String),
    'customers.csv',
  ]);
  expect((await run('list', '--columns', 'status,id')).stdout).toBe(`STATUS     ID\ncompleted  ${id}\n`);
  expect(JSON.parse((await run('list', '--json', '--columns', 'id,status')).stdout)).toEqual([
    { id, status: 'completed' },
  ]);
});

for (const [titles, names] of [
  ['id,good,bad', 'jobId,successCount,failedCount'],
  ['rows,done,file', 'totalRows,processedRows,filename'],
] as const)
  test(
    `--columns ${titles} and ${names} mean the same, with and without --json`,
    inShortIf(titles.startsWith('rows')),
    async () => {
      peer.addJob({ failedCount: 3, successCount: 97 });
      for (const more of [[], ['--json']]) {
        const [byTitle, byName] = await Promise.all(
          [titles, names].map((columns) => run('list', '--columns', columns, ...more)),
        );
        expect(byTitle).toMatchObject({ code: 0 });
        expect(byName).toEqual(byTitle);
      }
    },
  );

test('each --json line about a job has its ID as jobId', async () => {
  const { id } = peer.addJob({ failedCount: 0, successCount: 100 });
  const lines = (await run('watch', id, '--json')).stdout.trim().split('\n');
  expect(lines.map((line) => JSON.parse(line).jobId)).toEqual(lines.map(() => id));
});
