/**
 * Broken uploads, resumed in the same process, in the next one, and by another daemon: one complete file, one job.
 * @module-tag sized
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { paths, resumableUploadSchema, UPLOADED_JOB_HEADER } from '@csvjobs/shared';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { CSV } from '../../packages/daemon/test/http/harness.js';
import { create, head, look, patch } from '../../packages/daemon/test/http/uploads/resumable/tus.js';
import { LONG, sized, skipWithout } from '../../packages/daemon/test/support/form.js';
import { smallDisk } from '../../packages/daemon/test/support/smallDisk.js';
import { csvjobsWith, startCsvjobs } from '../support/cli.js';
import type { RunningDaemon } from '../support/daemon.js';
import { openPlace, type Place } from '../support/place.js';
import { type ProxyRule, startUploadProxy, type UploadProxy } from '../support/uploadProxy.js';

const MiB = 1024 * 1024;
/** Two pieces and more. */
const SIZE = sized(17, 24) * MiB;

let place: Place;
let daemon: RunningDaemon;
let proxy: UploadProxy;
let file: string;

beforeEach(async () => {
  place = await openPlace();
  file = join(place.folder, 'big.csv');
  const line = 'Ada Lovelace,ada@example.org,,Analytical Engines\n';
  await writeFile(file, `name,email,phone,company\n${line.repeat(Math.ceil(SIZE / line.length))}`);
});
afterEach(async () => {
  await proxy?.close();
  await place.close();
});

/** A daemon without a worker: the files stay as uploaded. */
async function begin(rule: ProxyRule = {}, environment: Record<string, string> = {}): Promise<void> {
  daemon = await place.start(environment, '--role', 'api');
  proxy = await startUploadProxy(daemon.url, rule);
}

const environment = () => ({ CSVJOBS_URL: proxy.url, XDG_STATE_HOME: join(place.folder, 'state') });
const upload = (...args: string[]) => csvjobsWith(environment(), 'upload', file, ...args);
/** Starts to upload the file. @returns a function that waits for its success and returns the job's ID */
function startUpload(): () => Promise<string> {
  const { child, ended } = startCsvjobs(environment(), 'upload', file);
  const out = child.stdout.toArray();
  return async () => {
    const { code, stderr } = await ended;
    expect(code, stderr).toBe(0);
    return Buffer.concat(await out)
      .toString()
      .trim();
  };
}

const records = () => readdirSync(join(place.folder, 'state', 'csvjobs', 'uploads'));

async function jobs(): Promise<{ id: string; sha256: string }[]> {
  return (await place.database.pool.query('select id, sha256 from jobs')).rows;
}

/** Expects exactly one job, with this ID, whose file is the sent one. */
async function isWhole(id: string): Promise<void> {
  const bytes = readFileSync(file);
  expect(await jobs()).toEqual([{ id, sha256: createHash('sha256').update(bytes).digest('hex') }]);
  expect(readFileSync(join(place.folder, 'uploads', id)).equals(bytes)).toBe(true);
  expect(readdirSync(join(place.folder, 'uploads', 'incoming'))).toEqual([]);
}

async function kill({ process }: RunningDaemon): Promise<void> {
  process.kill('SIGKILL');
  await once(process, 'exit');
}

test('the connection is cut at random bytes: acknowledged bytes are not sent again', LONG, async () => {
  let seed = 7;
  await begin({
    cutAfter: () => {
      seed = (seed * 16_807) % 2_147_483_647;
      return 2 * MiB + (seed % (10 * MiB));
    },
  });
  const { code, stdout, stderr } = await upload();
  expect(code, stderr).toBe(0);
  expect(proxy.cuts()).toBeGreaterThan(1);
  expect(stderr).toContain('trying again');
  await isWhole(stdout.trim());
  expect(records()).toEqual([]);
});

test('a daemon killed in mid-upload still has all acknowledged bytes after its restart', async () => {
  await begin({ holdAfter: 12 * MiB });
  const sent = startUpload();
  await proxy.held();
  await kill(daemon);
  daemon = await place.start({}, '--role', 'api');
  const [record = ''] = records();
  const { upload: path } = JSON.parse(
    readFileSync(join(place.folder, 'state', 'csvjobs', 'uploads', record), 'utf8'),
  );
  const kept = resumableUploadSchema.parse(await (await look(daemon, path)).json());
  // The first piece has 8 MiB, and was acknowledged.
  expect(kept.offset).toBeGreaterThanOrEqual(8 * MiB);
  proxy.aim(daemon.url);
  proxy.rule({});
  await isWhole(await sent());
});

test('while the lease of a killed daemon lasts, no piece is sent only to be refused', LONG, async () => {
  await begin({ holdAfter: 12 * MiB });
  const other = await place.start({}, '--role', 'api');
  const sent = startUpload();
  await proxy.held();
  const { pool } = place.database;
  const leases = async () =>
    (await pool.query('select from resumable_uploads where leased_until > now()')).rowCount;
  await vi.waitFor(async () => expect(await leases()).toBe(1));
  await kill(daemon);
  // However slow this machine is: it lasts until the client has been refused.
  await pool.query(`update resumable_uploads set leased_until = 'infinity'`);
  const [record = ''] = records();
  const { upload: path } = JSON.parse(
    readFileSync(join(place.folder, 'state', 'csvjobs', 'uploads', record), 'utf8'),
  );
  const kept = resumableUploadSchema.parse(await (await look(other, path)).json());
  let refused = 0;
  proxy.aim(other.url);
  proxy.rule({
    loses: (answer) => {
      if (answer.startsWith('HTTP/1.1 423')) refused++;
      return false;
    },
  });
  const before = proxy.sent();
  await vi.waitFor(() => expect(refused).toBeGreaterThan(0));
  await pool.query('update resumable_uploads set leased_until = now()');
  await isWhole(await sent());
  // The missing bytes, and the heads of requests.
  expect(proxy.sent() - before).toBeLessThan(SIZE - kept.offset + MiB / 4);
});

test('a new process resumes where the killed one stopped; a changed file starts over', LONG, async () => {
  await begin({ holdAfter: 12 * MiB });
  const broken = async () => {
    const { child, ended } = startCsvjobs(environment(), 'upload', file);
    await proxy.held();
    child.kill('SIGKILL');
    await ended;
    proxy.rule({});
  };
  await broken();
  expect(records()).toHaveLength(1);
  const before = proxy.sent();
  const { code, stdout, stderr } = await upload();
  expect(code, stderr).toBe(0);
  expect(stderr).toMatch(/continuing at \d\d\s?% of an earlier upload/);
  // Less than all of it again, though a piece may be sent twice while the daemon waits for the dead process.
  expect(proxy.sent() - before).toBeLessThan(SIZE);
  await isWhole(stdout.trim());
  expect(records()).toEqual([]);

  await proxy.close();
  proxy = await startUploadProxy(daemon.url, { holdAfter: 12 * MiB });
  await broken();
  await appendFile(file, 'Grace,grace@example.org,,Navy\n');
  await place.database.pool.query('delete from jobs');
  const anew = await upload();
  expect(anew.code, anew.stderr).toBe(0);
  expect(anew.stderr).not.toContain('continuing');
  await isWhole(anew.stdout.trim());
});

const BAD_GATEWAY =
  'HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n<h1>502 Bad Gateway</h1>';
const BUSY =
  'HTTP/1.1 503 Service Unavailable\r\nRetry-After: 0\r\nContent-Type: application/problem+json\r\nConnection: close\r\n\r\n' +
  JSON.stringify({
    type: 'urn:csvjobs:problem:unavailable',
    title: 'A service is unavailable',
    status: 503,
    detail: 'PostgreSQL is restarting',
    code: 'unavailable',
  });

test('a reverse proxy answers 502 while the daemon is away: the upload continues', LONG, async () => {
  let refused = 0;
  await begin({
    cutAfter: () => 12 * MiB,
    answers: (request) =>
      proxy.cuts() === 1 && /^(GET|HEAD|PATCH) \/api\/uploads/.test(request) && refused++ < 2
        ? BAD_GATEWAY
        : undefined,
  });
  const { code, stdout, stderr } = await upload();
  expect(code, stderr).toBe(0);
  expect(refused).toBeGreaterThan(1);
  await isWhole(stdout.trim());
});

test('a daemon that is busy at the first request gets the file when it is ready', LONG, async () => {
  let refused = 0;
  await begin({
    answers: (request) => (request.startsWith('POST /api/uploads') && refused++ < 2 ? BUSY : undefined),
  });
  const { code, stdout, stderr } = await upload();
  expect(code, stderr).toBe(0);
  expect(refused).toBe(3);
  await isWhole(stdout.trim());
});

test(
  'Ctrl-C says that the next run continues; a run with a wrong token in between loses nothing',
  LONG,
  async () => {
    const CSVJOBS_TOKEN = 'the-right-token-of-this-daemon-0123456789';
    await begin({ holdAfter: 12 * MiB }, { API_TOKEN: CSVJOBS_TOKEN });
    const run = (token: string) => csvjobsWith({ ...environment(), CSVJOBS_TOKEN: token }, 'upload', file);
    const { child, ended } = startCsvjobs({ ...environment(), CSVJOBS_TOKEN }, 'upload', file);
    await proxy.held();
    child.kill('SIGINT');
    const stopped = await ended;
    expect(stopped.code).toBe(130);
    expect(stopped.stderr).toContain(`Not uploaded completely: ${file}\nRun the same command again`);
    proxy.rule({});
    expect((await run(CSVJOBS_TOKEN.toUpperCase())).code).toBe(4);
    expect(records()).toHaveLength(1);
    const { code, stdout, stderr } = await run(CSVJOBS_TOKEN);
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/continuing at \d\d\s?% of an earlier upload/);
    await isWhole(stdout.trim());
  },
);

test('a new process waits while a daemon still makes the job of the complete upload', LONG, async () => {
  await begin({}, { NODE_ENV: 'test', CSVJOBS_FAILPOINTS: 'after-rename=stop' });
  const { child, ended } = startCsvjobs(environment(), 'upload', file);
  await vi.waitFor(() => expect(readFileSync(`/proc/${daemon.process.pid}/stat`, 'utf8')).toMatch(/\) T /));
  child.kill('SIGKILL');
  await ended;
  const other = await place.start({}, '--role', 'api');
  proxy.aim(other.url);
  const { code, stdout, stderr } = await upload();
  await kill(daemon);
  expect(code, stderr).toBe(0);
  await isWhole(stdout.trim());
});

test(
  'no room on the disk: nothing stays of the upload, and smaller files are still accepted',
  LONG,
  async (context) => {
    const disk = smallDisk(16 * MiB);
    if (!disk) return skipWithout(context, 'the right to mount');
    onTestFinished(() => disk.remove());
    await begin({}, { UPLOAD_DIR: disk.folder });
    const { code, stderr } = await upload();
    expect(code).toBe(1);
    expect(stderr).toContain('There is no room on the disk for the upload');
    expect(records()).toEqual([]);
    expect(readdirSync(join(disk.folder, 'incoming'))).toEqual([]);
    await writeFile(file, readFileSync(file).subarray(0, 8 * MiB));
    expect(await upload()).toMatchObject({ code: 0 });
  },
);

test('the answer to the last byte is lost: the client finds the same job', LONG, async () => {
  await begin({
    loses: (answer) => answer.startsWith('HTTP/1.1 204') && answer.includes(UPLOADED_JOB_HEADER),
  });
  const { code, stdout, stderr } = await upload();
  expect(code, stderr).toBe(0);
  expect(proxy.cuts()).toBe(1);
  await isWhole(stdout.trim());
});

// In the short form another test stops a daemon after the rename.
for (const point of ['after-rename', 'after-insert'])
  test(`the daemon is killed ${point}: still one job`, LONG, async () => {
    await begin({}, { NODE_ENV: 'test', CSVJOBS_FAILPOINTS: `${point}=kill` });
    const sent = startUpload();
    await once(daemon.process, 'exit');
    daemon = await place.start({}, '--role', 'api');
    proxy.aim(daemon.url);
    await isWhole(await sent());
  });

test(
  'a stopping daemon ends the body at once and keeps its bytes, and another one resumes',
  LONG,
  async () => {
    await begin();
    const other = await place.start({}, '--role', 'api');
    const path = (await create(daemon, CSV.length)).headers.get('location')!;
    const half = Math.floor(CSV.length / 2);
    expect((await patch(daemon, path, 0, CSV.slice(0, 10))).status).toBe(204);
    const { url } = daemon;
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(Buffer.from(CSV.slice(10, half)));
      },
    });
    const underWay = fetch(url + path, {
      method: 'PATCH',
      headers: {
        'Tus-Resumable': '1.0.0',
        'Content-Type': 'application/offset+octet-stream',
        'Upload-Offset': '10',
      },
      body,
      duplex: 'half',
    } as RequestInit);
    await expect.poll(async () => Number((await head(other, path)).headers.get('upload-offset'))).toBe(half);
    const [answer] = await Promise.all([underWay, daemon.stop()]);
    expect(answer.status).toBe(503);
    const response = await patch(other, path, half, CSV.slice(half));
    expect(response.status).toBe(204);
    const { uploaded } = resumableUploadSchema.parse(await (await look(other, path)).json());
    expect(uploaded?.jobId).toBe(path.slice(paths.uploads.length + 1));
    expect((await jobs()).map(({ sha256 }) => sha256)).toEqual([
      createHash('sha256').update(CSV).digest('hex'),
    ]);
  },
);
