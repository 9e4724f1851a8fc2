/**
 * Compressed files of more than MAX_DECODED_BYTES. If a file states its size, its upload is refused (limits.test.ts
 * has gzip); otherwise its job fails, says what to do, loads nothing twice, and continues once that is done. Memory stays
 * the same whatever the content.
 */
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import * as zlib from 'node:zlib';
import { type Job, paths, problemSchema, uploadedSchema } from '@csvjobs/shared';
import { describe, expect, onTestFinished, test } from 'vitest';
import { LONG } from '../../packages/daemon/test/support/form.js';
import { peakBytes } from '../../packages/daemon/test/support/peakMemory.js';
import { csvjobs } from '../support/cli.js';
import type { RunningDaemon } from '../support/daemon.js';
import { openPlace, type Place } from '../support/place.js';

const ZSTD = { meta: { needs: 'zstd (Node 22.15)' } };

const MiB = 1024 * 1024;
const HEADER = 'name,email,company\n';
/** About 400,000 bytes: twice the limit. */
const ROWS = 8_000;
const MOST = '200000';
const customers = (from: number, to: number) =>
  Array.from(
    { length: to - from },
    (_, n) => `Name ${from + n},n${from + n}@example.com,Company ${n % 7}\n`,
  ).join('');
const whole = HEADER + customers(0, ROWS);

const { createZstdCompress, zstdCompressSync } = zlib as unknown as {
  createZstdCompress?: () => NodeJS.ReadWriteStream;
  zstdCompressSync?: (bytes: string) => Buffer;
};

async function opened(): Promise<Place> {
  const place = await openPlace();
  onTestFinished(() => place.close());
  return place;
}

function send(daemon: RunningDaemon, content: Uint8Array): Promise<Response> {
  const form = new FormData();
  form.set('file', new File([content as Uint8Array<ArrayBuffer>], 'customers.csv'));
  return fetch(daemon.url + paths.upload, { method: 'POST', body: form });
}

async function ended({ url }: RunningDaemon, id: string): Promise<Job> {
  const job = async () => (await (await fetch(url + paths.job(id))).json()) as Job;
  await expect.poll(async () => (await job()).status).toMatch(/completed|failed/);
  return job();
}

/** How often each row of a job is in customers or in the report: must be once each. */
async function everyRowOnce({ database }: Place, rows: number): Promise<void> {
  const { rows: found } = await database.pool.query(
    `select count(*)::int as rows, count(distinct row_number)::int as different from (
       select row_number from customers union all select row_number from job_errors) all_rows`,
  );
  expect(found).toEqual([{ rows, different: rows }]);
}

/** A retry by a daemon with a sufficient limit loads the missing rows, and none twice. */
async function retriedWhole(place: Place, daemon: RunningDaemon, id: string): Promise<void> {
  expect((await csvjobs(daemon.url, 'retry', id)).code).toBe(0);
  expect(await ended(daemon, id)).toMatchObject({ status: 'completed', successCount: ROWS, failedCount: 0 });
  await everyRowOnce(place, ROWS);
}

const FILES: [string, () => Promise<Buffer>, boolean][] = [
  [
    'gzip of several members',
    async () =>
      Buffer.concat([zlib.gzipSync(HEADER + customers(0, 7_900)), zlib.gzipSync(customers(7_900, ROWS))]),
    true,
  ],
  [
    'zstd of several frames',
    async () => Buffer.concat([zstdCompressSync!(HEADER), zstdCompressSync!(customers(0, ROWS))]),
    zstdCompressSync !== undefined,
  ],
  [
    'zstd that does not say its size, as of a pipe',
    async () =>
      buffer(Readable.from([whole.slice(0, 1_000), whole.slice(1_000)]).pipe(createZstdCompress!())),
    createZstdCompress !== undefined,
  ],
];

describe.each(FILES)('%s', (_, make, possible) => {
  test.skipIf(!possible)(
    'fails its job before a row is loaded; a retry with a higher limit loads all',
    ZSTD,
    async () => {
      const place = await opened();
      const strict = await place.start({ MAX_DECODED_BYTES: MOST });
      const { jobId } = uploadedSchema.parse(await (await send(strict, await make())).json());
      const failed = await ended(strict, jobId);
      expect(failed).toMatchObject({
        status: 'failed',
        processedRows: 0,
        failure: { code: 'decompressed_too_large' },
      });
      expect(failed.failure?.message).toMatch(
        /has more than 200000 bytes .*: split the file, or raise MAX_DECODED_BYTES; jobs that failed because of it can then be retried$/,
      );
      await everyRowOnce(place, 0);
      const watched = await csvjobs(strict.url, 'watch', jobId);
      expect(watched.code).toBe(5);
      expect(watched.stderr).toContain('raise MAX_DECODED_BYTES');
      await strict.stop();

      await retriedWhole(place, await place.start({ MAX_DECODED_BYTES: '1000000' }), jobId);
    },
  );
});

test('a limit lowered during a load: committed rows stay, and are not loaded again', {
  tags: 'long',
}, async () => {
  const place = await opened();
  const small = { BATCH_ROWS: '500', WORKER_LANES: '1' };
  const doomed = await place.start({ ...small, NODE_ENV: 'test', CSVJOBS_FAILPOINTS: 'after-commit:3=kill' });
  const { jobId } = uploadedSchema.parse(await (await send(doomed, zlib.gzipSync(whole))).json());
  await expect.poll(() => doomed.process.signalCode).toBe('SIGKILL');

  const strict = await place.start({ ...small, MAX_DECODED_BYTES: MOST });
  const failed = await ended(strict, jobId);
  expect(failed).toMatchObject({ status: 'failed', failure: { code: 'decompressed_too_large' } });
  expect(failed.processedRows).toBeGreaterThan(0);
  expect(failed.processedRows).toBeLessThan(ROWS);
  await everyRowOnce(place, failed.processedRows);
  await strict.stop();

  await retriedWhole(place, await place.start(small), jobId);
});

test.skipIf(!zstdCompressSync)('zstd with a stated size is refused at the upload', ZSTD, async () => {
  const place = await opened();
  const daemon = await place.start({ MAX_DECODED_BYTES: MOST });
  const response = await send(daemon, zstdCompressSync!(whole));
  expect(problemSchema.parse(await response.json())).toMatchObject({
    status: 413,
    code: 'decompressed_too_large',
  });
  expect((await place.database.pool.query('select from jobs')).rowCount).toBe(0);
});

// In the short form pipeline/decode/decompress.test.ts has one.
for (const [what, filler] of [
  ['of line ends', '\n'],
  ['of one record without an end', 'x'],
] as const)
  test.skipIf(process.platform !== 'linux')(
    `a bomb ${what}: 1 GiB in a megabyte, with constant memory`,
    LONG,
    async () => {
      const place = await opened();
      const daemon = await place.start({ MAX_DECODED_BYTES: String(256 * MiB) });
      const ordinary = uploadedSchema.parse(await (await send(daemon, zlib.gzipSync(whole))).json());
      await ended(daemon, ordinary.jobId);
      const before = peakBytes(daemon.process.pid!);
      // Members of 64 MiB, and a last one whose size looks fine.
      const member = zlib.gzipSync(Buffer.alloc(64 * MiB, filler));
      const bomb = Buffer.concat([zlib.gzipSync(HEADER), ...Array(16).fill(member), zlib.gzipSync('\n')]);
      expect(bomb.length).toBeLessThan(2 * MiB);
      const { jobId } = uploadedSchema.parse(await (await send(daemon, bomb)).json());
      expect((await ended(daemon, jobId)).failure?.code).toBe('decompressed_too_large');
      const grown = peakBytes(daemon.process.pid!) - before;
      expect(grown, `grew by ${Math.round(grown / MiB)} MiB`).toBeLessThan(128 * MiB);
    },
  );
