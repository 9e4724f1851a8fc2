/** Large answers of the real daemon, with a heap of 160 MB, to many concurrent readers: it stays up, small and correct. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { jobListSchema, paths, problemSchema } from '@csvjobs/shared';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LONG, sized } from '../../packages/daemon/test/support/form.js';
import { peakBytes } from '../../packages/daemon/test/support/peakMemory.js';
import { openPlace, type Place } from '../support/place.js';

const PROGRAM = fileURLToPath(new URL('../../packages/daemon/dist/main.js', import.meta.url));
const ROWS = 60;
const ROW_BYTES = 900_000;
const MiB = 2 ** 20;
/** Memory allowed for readers, besides the daemon's own: 24 of one caller, each with a page of 512 KiB and a row. */
const GROWTH = 200 * MiB;

let place: Place;
let daemon: Awaited<ReturnType<typeof start>>;
let id: string;
let atFirst: number;

beforeAll(async () => {
  place = await openPlace();
  daemon = await start();
  const { rows } = await place.database.pool.query<{ id: string }>(
    `insert into jobs (id, filename, size_bytes, sha256, status, processed_rows, failed_count, completed_at)
     values (gen_random_uuid(), 'large.csv', 1, repeat('a', 64), 'completed', $1::int, $1, now()) returning id`,
    [ROWS],
  );
  id = rows[0]!.id;
  await place.database.pool.query(
    `insert into job_errors (job_id, row_number, line, code, message, row)
     select $1, n, n, 'required', 'name is required', jsonb_build_object('name', '', 'company', repeat('x', $3::int))
     from generate_series(1, $2::int) n`,
    [id, ROWS, ROW_BYTES],
  );
  await (await fetch(daemon.url + paths.jobs)).text();
  atFirst = daemon.peak();
});
afterAll(async () => {
  await daemon?.stop();
  await place?.close();
});

/** Started directly, not with the usual support, which keeps answers of up to 4 MB in the daemon's memory. */
async function start() {
  const child = spawn(process.execPath, ['--max-old-space-size=160', PROGRAM], {
    env: { PATH: process.env.PATH, API_PORT: '0', DB_PASSWORD: 'any', ...place.environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await new Promise<string>((resolve, reject) => {
    createInterface(child.stdout).on('line', (line) => {
      const { msg, url: at } = JSON.parse(line) as { msg: string; url?: string };
      if (msg === 'listening' && at) resolve(at);
    });
    child.once('exit', (code) => reject(new Error(`the daemon ended with ${code}`)));
  });
  return {
    url,
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    /** Its peak memory, in bytes. */
    peak: () => peakBytes(child.pid!),
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

/** Together more than the memory that readers are allowed. */
const DOWNLOADS = ['csv', 'json', 'ndjson', 'csv', 'json', 'ndjson', 'csv', 'csv'].slice(0, sized(5, 8));

test('concurrent downloads of a 54 MB report arrive complete', LONG, async () => {
  const sizes = await Promise.all(
    DOWNLOADS.map(async (format) => {
      const headers = { 'Accept-Encoding': 'identity' };
      const { body } = await fetch(`${daemon.url}/api/jobs/${id}/errors.${format}`, { headers });
      let bytes = 0;
      for await (const chunk of body!) bytes += chunk.length;
      return bytes;
    }),
  );
  for (const size of sizes) expect(size).toBeGreaterThan(ROWS * ROW_BYTES);
  expect(daemon.hasEnded()).toBe(false);
  expect(daemon.peak() - atFirst).toBeLessThan(GROWTH);
});

test('some of many unread downloads are refused, and all of them together use little memory', async () => {
  const { port } = new URL(daemon.url);
  const request = `GET ${paths.report(id)} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`;
  const heads: string[] = [];
  const sockets: Socket[] = [];
  for (let n = 0; n < 60; n++) {
    const socket = connect(Number(port), '127.0.0.1', () => socket.write(request));
    socket.on('error', () => {});
    socket.once('data', (data) => {
      heads.push(data.toString('latin1').slice(0, 12));
      socket.pause();
    });
    sockets.push(socket);
  }
  try {
    await expect.poll(() => heads.length).toBe(60);
    expect(heads.filter((head) => head === 'HTTP/1.1 200').length).toBeLessThanOrEqual(24);
    expect(heads.filter((head) => head === 'HTTP/1.1 429').length).toBeGreaterThanOrEqual(36);
    const refused = await fetch(daemon.url + paths.report(id));
    expect(refused.headers.get('retry-after')).toBe('2');
    expect(problemSchema.parse(await refused.json())).toMatchObject({
      code: 'too_many_reports',
      status: 429,
    });
    expect((await fetch(daemon.url + paths.job(id))).status).toBe(200);
  } finally {
    for (const socket of sockets) socket.destroy();
  }
  expect(daemon.hasEnded()).toBe(false);
  expect(daemon.peak() - atFirst).toBeLessThan(GROWTH);
});

test('a list of 500 jobs with previews of 126 MB is at most 2 MiB, for many concurrent readers', async () => {
  await place.database.pool.query(
    `insert into jobs (id, filename, size_bytes, sha256, status, errors)
     select gen_random_uuid(), 'a.csv', 1, repeat('a', 64), 'pending', previews.value
     from generate_series(1, 500), (
       select jsonb_agg(jsonb_build_object('rowNumber', n, 'message', 'm', 'row', jsonb_build_object('name', repeat('x', 2500)))) as value
       from generate_series(1, 100) n) previews`,
  );
  const lists = await Promise.all(
    Array.from({ length: 20 }, async () => (await fetch(daemon.url + paths.jobs)).text()),
  );
  for (const list of lists) {
    expect(list.length).toBeLessThan(2 * MiB);
    expect(jobListSchema.parse(JSON.parse(list))).toHaveLength(500);
  }
  expect(daemon.hasEnded()).toBe(false);
  expect(daemon.peak() - atFirst).toBeLessThan(GROWTH);
});
