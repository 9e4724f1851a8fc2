/** How jobs and their files are removed: by retention and by hand; and what stays. */
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Job } from '@csvjobs/shared';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { inShortIf, LONG } from '../../packages/daemon/test/support/form.js';
import { csvjobs } from '../support/cli.js';
import { openPlace, type Place } from '../support/place.js';

let place: Place;
beforeEach(async () => {
  place = await openPlace();
});
afterEach(() => place.close());

/** Loads a file of one good row and one bad one; returns the job's ID. */
async function load(url: string, name = 'Ada'): Promise<string> {
  const file = join(place.folder, `${name}.csv`);
  await writeFile(file, `name,email,company\n${name},${name}@example.com,Engines\n,x@example.com,y\n`);
  const { code, stdout, stderr } = await csvjobs(url, 'upload', file, '--watch');
  expect(code, stderr).toBe(3);
  return stdout.trim();
}

const files = async () =>
  (await readdir(join(place.folder, 'uploads'))).filter((name) => !name.startsWith('.'));
const jobFiles = async () => (await files()).filter((name) => /^[0-9a-f-]{36}$/.test(name));

test('the file of a finished job expires, its job and report stay; the log says so', LONG, async () => {
  const { url, log } = await place.start({ RETAIN_FILES: '1s', RETAIN_INTERVAL: '100' });
  const id = await load(url);
  await expect.poll(jobFiles).toEqual([]);
  await expect
    .poll(() => log.join('\n'))
    .toMatch(/"files":1,"jobs":0,"undo":0,"msg":"purged expired jobs and files"/);
  expect((await csvjobs(url, 'show', id)).code).toBe(0);
  expect((await csvjobs(url, 'errors', id)).stdout).toContain('name is required');
});

test('by default files stay, and a waiting job keeps its file at any age', async () => {
  const api = await place.start(
    { RETAIN_FILES: '1s', RETAIN_JOBS: '1s', RETAIN_INTERVAL: '100' },
    '--role',
    'api',
  );
  const form = new FormData();
  form.set('file', new File(['name,email,company\nA,a@x.org,B\n'], 'a.csv'));
  const answer = await fetch(`${api.url}/api/jobs/upload`, { method: 'POST', body: form });
  const { jobId } = (await answer.json()) as { jobId: string };
  await place.database.pool.query(`update jobs set created_at = now() - interval '1 year'`);
  // The worker purges at its start, before it loads anything; without the file the job would fail.
  const worker = await place.start({}, '--role', 'worker');
  const job = async () => (await (await fetch(`${worker.url}/api/jobs/${jobId}`)).json()) as Job;
  await expect.poll(async () => (await job()).status).toBe('completed');
  expect(await jobFiles()).toEqual([jobId]);
});

test('a job expires, its customers stay', LONG, async () => {
  // Loaded while jobs do not expire: the command line may still ask for its job after a second.
  const keeping = await place.start();
  const id = await load(keeping.url);
  await keeping.stop();
  const { url } = await place.start({ RETAIN_JOBS: '1s', RETAIN_INTERVAL: '100' });
  await expect.poll(async () => (await fetch(`${url}/api/jobs/${id}`)).status).toBe(404);
  await expect.poll(jobFiles).toEqual([]);
  const { rows } = await place.database.pool.query('select name, job_id from customers');
  expect(rows).toEqual([{ name: 'Ada', job_id: id }]);
  expect((await place.database.pool.query('select from job_errors')).rowCount).toBe(0);
  // The full ID, which the command line requests without fetching the list.
  const { code, stderr } = await csvjobs(url, 'show', id);
  expect({ code, stderr }).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/deleted, by a person or after RETAIN_JOBS.*\n.*csvjobs list/),
  });
});

test('csvjobs delete removes a job if confirmed; its rows are still duplicates later', LONG, async () => {
  const { url } = await place.start();
  const id = await load(url);
  const asked = await csvjobs(url, 'delete', id);
  expect(asked.code).toBe(2);
  expect(asked.stderr).toContain('--yes');
  expect(await jobFiles()).toEqual([id]);
  const deleted = await csvjobs(url, 'delete', id.slice(0, 8), '--yes');
  expect(deleted).toMatchObject({ code: 0, stdout: `${id}\n` });
  expect(await jobFiles()).toEqual([]);
  expect((await csvjobs(url, 'show', id)).code).toBe(2);

  const again = await csvjobs(url, 'upload', join(place.folder, 'Ada.csv'), '--watch');
  expect(again.code, again.stderr).toBe(3);
  const report = await csvjobs(url, 'errors', again.stdout.trim());
  expect(report.stdout).toContain('1,Ada,Ada@example.com,,Engines,line 2: already in customers');
  const { rows } = await place.database.pool.query('select count(*) as n from customers');
  expect(rows[0].n).toBe(1);
});

// In the short form http/jobs.test.ts has the pages.
test('the command line lists all jobs of several pages', inShortIf(false), async () => {
  const { url } = await place.start();
  await place.database.pool.query(
    `insert into jobs (id, filename, size_bytes, sha256, status, completed_at)
     select gen_random_uuid(), 'f', 1, repeat('a', 64), 'completed', now() from generate_series(1, 1203)`,
  );
  expect((await csvjobs(url, 'list', '--quiet')).stdout.trim().split('\n')).toHaveLength(1203);
});

test(
  'nothing expires until PostgreSQL’s clock has run in step with the machine’s for ten minutes',
  LONG,
  async () => {
    const first = await place.start({ RETAIN_FILES: '7d', RETAIN_INTERVAL: '100' });
    const id = await load(first.url);
    // As if the clock were set ahead by a year.
    await place.database.pool.query(`update jobs set completed_at = now() - interval '1 year'`);
    const note = join(place.folder, 'uploads', '.csvjobs-clock.json');
    const looked = async () => (await stat(note)).mtimeMs;
    for (let look = 0; look < 3; look++) {
      const last = await looked();
      await expect.poll(looked).not.toBe(last);
    }
    expect(await jobFiles()).toEqual([id]);
    await first.stop();

    // The daemons of the last ten minutes have seen it steady.
    const noted = JSON.parse(await readFile(note, 'utf8'));
    for (const moment of [noted.since, noted.mark]) {
      moment.wall -= 600_000;
      moment.steady -= 600_000;
    }
    await writeFile(note, JSON.stringify(noted));
    await place.start({ RETAIN_FILES: '7d' });
    await expect.poll(jobFiles).toEqual([]);
  },
);
