/** Daemons, databases and upload folders that do not belong together; and a folder that disappears under a daemon. */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Job, Readiness } from '@csvjobs/shared';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LONG, sized } from '../../packages/daemon/test/support/form.js';
import { DAEMON } from '../../packages/daemon/test/support/programs.js';
import { openPlace, type Place } from '../support/place.js';

let place: Place;
let other: Place;
beforeEach(async () => {
  [place, other] = await Promise.all([openPlace(), openPlace()]);
  // Test databases are copies of one, with its name.
  await other.database.pool.query('update database_identity set id = gen_random_uuid()');
});
afterEach(() => Promise.all([place.close(), other.close()]));

const uploads = () => join(place.folder, 'uploads');
const jobFiles = () => readdirSync(uploads()).filter((name) => /^[0-9a-f-]{36}$/.test(name));

/** Orphans are removed quickly. */
const HASTY = { ORPHAN_AGE: '50' };

async function send(url: string, name: string): Promise<Response> {
  const form = new FormData();
  form.set('file', new File([`name,email,company\nN ${name},${name}@example.org,B\n`], `${name}.csv`));
  return fetch(`${url}/api/jobs/upload`, { method: 'POST', body: form });
}

async function upload(url: string, name: string): Promise<string> {
  const answer = await send(url, name);
  expect(answer.status).toBe(202);
  return ((await answer.json()) as { jobId: string }).jobId;
}

const job = async (url: string, id: string) => (await (await fetch(`${url}/api/jobs/${id}`)).json()) as Job;

/** Each is refused; the short form has each with one of the three reasons. */
const ROLES = ['worker', 'all', 'api'];

test(
  'a daemon on another database is refused the folder, and waiting jobs keep their files',
  LONG,
  async () => {
    const api = await place.start({}, '--role', 'api');
    const ids = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((name) => upload(api.url, name)));
    for (const role of sized(['all'], ROLES)) {
      const refused = other.start({ UPLOAD_DIR: uploads(), ...HASTY }, '--role', role);
      await expect(refused).rejects.toThrow(
        /ended with 2:[\s\S]*belongs to another database[\s\S]*adopt-uploads/,
      );
    }
    const worker = await place.start({}, '--role', 'worker');
    for (const id of ids) {
      await expect.poll(async () => (await job(worker.url, id)).status).toBe('completed');
    }
  },
);

test(
  'a worker or an API with its own folder, on another host, is refused with advice; the first one continues',
  LONG,
  async () => {
    const first = await place.start({}, '--role', 'api');
    const apart = { UPLOAD_DIR: join(place.folder, 'apart'), DATA_DIR: join(place.folder, 'other') };
    for (const role of sized(['worker'], ROLES))
      await expect(place.start(apart, '--role', role)).rejects.toThrow(
        /ended with 2:[\s\S]*another upload store than \S+apart: neither would find[\s\S]*Mount the same folder on both hosts \(UPLOAD_DIR\)/,
      );
    const id = await upload(first.url, 'shared');
    const worker = await place.start({ DATA_DIR: apart.DATA_DIR }, '--role', 'worker');
    await expect.poll(async () => (await job(first.url, id)).status).toBe('completed');

    // Moved while no daemon runs, as docs/operations.md says.
    await Promise.all([first.stop(), worker.stop()]);
    await rm(apart.UPLOAD_DIR, { recursive: true });
    await rename(uploads(), apart.UPLOAD_DIR);
    const moved = await place.start({ UPLOAD_DIR: apart.UPLOAD_DIR });
    const next = await upload(moved.url, 'next');
    await expect.poll(async () => (await job(moved.url, next)).status).toBe('completed');
  },
);

test(
  'a daemon that starts first without the folder is refused, and waiting jobs keep their files',
  LONG,
  async () => {
    const first = await place.start({}, '--role', 'api');
    const id = await upload(first.url, 'waits');
    await first.stop();
    // As with a disk that is not mounted.
    const away = join(place.folder, 'away');
    await rename(uploads(), away);
    await mkdir(uploads());
    for (const role of sized(['api'], ROLES))
      await expect(place.start({}, '--role', role)).rejects.toThrow(
        /ended with 2:[\s\S]*lacks 1 file of[\s\S]*Mount the right folder[\s\S]*adopt-uploads/,
      );
    await rm(uploads(), { recursive: true });
    await rename(away, uploads());
    const worker = await place.start({}, '--role', 'worker');
    await expect.poll(async () => (await job(worker.url, id)).status).toBe('completed');

    // Now nothing in the folder is needed.
    await worker.stop();
    await rename(uploads(), away);
    const next = await place.start();
    const loaded = await upload(next.url, 'next');
    await expect.poll(async () => (await job(next.url, loaded)).status).toBe('completed');
    expect(next.log.join('\n')).toContain('used another upload store before');

    // Both folders have the mark of the database, but only one has the job.
    const api = await place.start({ DATA_DIR: join(place.folder, 'api') }, '--role', 'api');
    await next.stop();
    const kept = await upload(api.url, 'kept');
    await api.stop();
    await expect(place.start({ UPLOAD_DIR: away }, '--role', 'worker')).rejects.toThrow(/lacks 1 file of/);
    const last = await place.start();
    await expect.poll(async () => (await job(last.url, kept)).status).toBe('completed');
  },
);

test(
  'files unknown to the database stay, with a log line, until a user adopts the folder',
  LONG,
  async () => {
    const strange = crypto.randomUUID();
    await mkdir(uploads(), { recursive: true });
    await writeFile(join(uploads(), strange), 'x');
    const first = await place.start(HASTY);
    const id = await upload(first.url, 'known');
    await expect.poll(async () => (await job(first.url, id)).status).toBe('completed');
    await expect
      .poll(() => first.log.join('\n'))
      .toContain('does not say whose they are; nothing is removed');
    // Another file arrives and is an orphan long enough: it is not removed either.
    await writeFile(join(uploads(), 'incoming', `${crypto.randomUUID()}.part`), 'x');
    await first.stop();
    expect(jobFiles().sort()).toEqual([strange, id].sort());

    const adopted = spawnSync(process.execPath, [DAEMON, 'adopt-uploads'], {
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...place.environment },
      encoding: 'utf8',
    });
    expect(adopted).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/2 files, 1 of which belong to no job/),
    });
    const second = await place.start(HASTY);
    await expect.poll(jobFiles).toEqual([id]);
    await expect.poll(() => readdirSync(join(uploads(), 'incoming'))).toEqual([]);
    await expect.poll(() => second.log.join('\n')).toContain('removed files without a job');
  },
);

test('daemons of both roles that start at once on a new folder both work', LONG, async () => {
  const [api, worker] = await Promise.all([
    place.start({}, '--role', 'api'),
    place.start({}, '--role', 'worker'),
  ]);
  const id = await upload(api.url, 'together');
  await expect.poll(async () => (await job(worker.url, id)).status).toBe('completed');
});

test('the folder disappears: not ready, uploads get a clear 503, jobs wait; everything continues when it is back', async () => {
  const api = await place.start({}, '--role', 'api');
  const id = await upload(api.url, 'waits');
  const away = join(place.folder, 'away');
  await rename(uploads(), away);
  // As with a disk that is not mounted.
  await mkdir(uploads());
  const disk = async () =>
    ((await (await fetch(`${api.url}/readyz`)).json()) as Readiness).checks.disk as { ok: boolean };
  expect(await disk()).toMatchObject({ ok: false, message: expect.stringContaining('mount it again') });
  const refused = await send(api.url, 'refused');
  expect(refused.status).toBe(503);
  expect(refused.headers.get('retry-after')).toBe('2');
  const { code, detail } = (await refused.json()) as { code: string; detail: string };
  expect(code).toBe('unavailable');
  expect(detail).toMatch(/^the upload folder is gone, .*mount it again.* Nothing was changed$/);
  expect(detail).not.toContain(place.folder);

  await rm(uploads(), { recursive: true });
  await rename(away, uploads());
  expect(await disk()).toMatchObject({ ok: true });
  const worker = await place.start({ RECOVER_INTERVAL: '500' }, '--role', 'worker');
  await expect.poll(async () => (await job(worker.url, id)).status).toBe('completed');

  await rename(uploads(), away);
  const later = await worker.log.length;
  const { rows } = await place.database.pool.query<{ id: string }>(
    `insert into jobs (id, filename, size_bytes, sha256) values (gen_random_uuid(), 'f', 1, repeat('a', 64)) returning id`,
  );
  await expect
    .poll(() => worker.log.slice(later).join('\n'))
    .toMatch(/"code":"unavailable".*this host takes no jobs until it has the uploads again/);
  expect(await job(worker.url, rows[0]!.id)).toMatchObject({ status: 'pending', failure: null });
  await writeFile(join(away, rows[0]!.id), 'name,email,company\nLate,late@example.org,B\n');
  await rename(away, uploads());
  await expect.poll(async () => (await job(worker.url, rows[0]!.id)).status).toBe('completed');
});
