/** Uploads that go wrong: refused with a reason, or accepted once, without leftovers either way. */
import { readdirSync, renameSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { problemSchema } from '@csvjobs/shared';
import { afterEach, expect, test } from 'vitest';
import { LONG, skipWithout } from '../../packages/daemon/test/support/form.js';
import { NO_MOUNTS, smallDisk } from '../../packages/daemon/test/support/smallDisk.js';
import { type Bench, openBench } from './support/bench.js';
import { completed, getJob, send, upload } from './support/client.js';
import { dirtyFile } from './support/dirtyFile.js';
import { FULL, seconds, tell } from './support/figures.js';
import { storedIn } from './support/leftovers.js';
import { expectUndisturbed, putKnown } from './support/oracle.js';
import { randomNumbers, SEED } from './support/random.js';
import { beginUpload } from './support/rawUpload.js';
import { until } from './support/until.js';

let bench: Bench;
const file = dirtyFile(41, 500);
afterEach(() => bench.finish());

async function begin(environment: Record<string, string> = {}): Promise<string> {
  bench = await openBench();
  await putKnown(bench.pool, file);
  return bench.daemon(environment).url();
}

function stored(folder = bench.uploads): string[] {
  return [...readdirSync(folder), ...readdirSync(join(folder, 'incoming'))].filter(
    // Names with a dot are about the folder's owner.
    (name) => name !== 'incoming' && !name.startsWith('.'),
  );
}

async function jobs(): Promise<string[]> {
  const { rows } = await bench.pool.query<{ id: string }>(`select id from jobs where filename <> 'earlier'`);
  return rows.map(({ id }) => id);
}

test('the client goes away at random bytes', LONG, async (context) => {
  const url = await begin();
  const random = randomNumbers(SEED);
  const departures = FULL ? 40 : 4;
  for (let departed = 0; departed < departures; departed++) {
    const raw = await beginUpload(url, file.bytes.length);
    await raw.write(file.bytes.subarray(0, Math.floor(random() * file.bytes.length)));
    if (departed % 2 === 0) raw.socket.resetAndDestroy();
    else raw.socket.end();
  }
  await until('nothing is left of them', () => stored().length === 0);
  expect(await jobs()).toEqual([]);
  const id = await upload(url, file.bytes);
  await completed(url, id);
  await expectUndisturbed(bench, id, file);
  tell(context, { departures, seed: SEED });
});

test('a body that ends before the form does', LONG, async () => {
  const url = await begin();
  const boundary = 'b';
  const body = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="c.csv"\r\n\r\nname,email,company\n`;
  const answer = await fetch(`${url}/api/jobs/upload`, {
    method: 'POST',
    headers: { 'Content-Type': `multipart/form-data; boundary=${boundary}` },
    body,
  });
  expect(answer.status).toBe(400);
  expect(problemSchema.parse(await answer.json()).code).toBe('upload_truncated');
  expect(stored()).toEqual([]);
  expect(await jobs()).toEqual([]);
});

test('over MAX_UPLOAD_BYTES: 413 while the body is still being sent', LONG, async () => {
  const url = await begin({ MAX_UPLOAD_BYTES: '100000' });
  // The stated length is fine, but not the body (chunked bodies state none).
  const raw = await beginUpload(url, 101_000);
  await raw.write(Buffer.alloc(100_500, 'a'));
  expect(await raw.status).toBe(413);
  raw.socket.destroy();
  await until('nothing is left of it', () => stored().length === 0);
  expect(await jobs()).toEqual([]);
});

test('the disk for uploads is full: 507, and the daemon continues', async () => {
  bench = await openBench();
  // A small disk for the daemon: a private mount that ends with it.
  const mounted = ['unshare', '--map-root-user', '--mount', 'sh', '-c'];
  const script = 'mkdir -p "$UPLOAD_DIR" && mount -t tmpfs -o size=256k tmpfs "$UPLOAD_DIR" && exec "$@"';
  const daemon = bench.daemon({}, { prefix: [...mounted, script, 'sh'] });
  const url = await daemon.url();
  const answer = await send(url, dirtyFile(42, 4_000).bytes);
  expect(answer.status).toBe(507);
  expect(problemSchema.parse(await answer.json()).code).toBe('disk_full');
  const seen = join(`/proc/${daemon.pid}/root`, bench.uploads);
  expect(stored(seen)).toEqual([]);
  expect(await jobs()).toEqual([]);
  await putKnown(bench.pool, file);
  const id = await upload(url, file.bytes);
  await completed(url, id);
  await expectUndisturbed(bench, id, file);
});

test(
  'the disk for uploads is full once the file is stored: the load is exact without the log of e-mails, with one warning',
  LONG,
  async (context) => {
    // With a private Redis, the next daemon does not wait for a lock to expire.
    bench = await openBench({ embeddedRedis: true });
    const long = dirtyFile(44, 4_000);
    await putKnown(bench.pool, long);
    // Room for the file, for the two marks of the folder, and for the e-mails of its first 1,000 records.
    const disk = smallDisk((Math.ceil(long.bytes.length / 4_096) + 3) * 4_096);
    if (!disk) return skipWithout(context, NO_MOUNTS);
    bench.afterwards(() => disk.remove());
    const uploads = { UPLOAD_DIR: join(disk.folder, 'uploads') };
    const first = bench.daemon({ ...uploads, CSVJOBS_FAILPOINTS: 'after-commit:60=kill' });
    const id = await upload(await first.url(), long.bytes);
    await first.ended;
    const told = first.log().filter(({ msg }) => msg.includes('cannot log the e-mails of a job on disk'));
    expect(told).toMatchObject([
      { level: 'warn', jobId: id, err: { message: expect.stringMatching(/^ENOSPC/) } },
    ]);
    // The e-mails seen so far must be found another way.
    const next = bench.daemon(uploads);
    expect((await completed(await next.url(), id)).attempt).toBe(2);
    await expectUndisturbed(bench, id, long);
    expect(storedIn(uploads.UPLOAD_DIR)).toEqual([id, 'incoming'].sort());
  },
);

// In the short form http/limits.test.ts has a slow upload and one that trickles, and http/uploads/uploads.test.ts one that stalls while
// others continue.
test(
  'a very slow upload succeeds while slowloris connections block no other client',
  LONG,
  async (context) => {
    const connections = FULL ? 2_000 : 300;
    // Two timeouts could cut it. The idle timeout is shortened, so the upload takes longer. The other
    // is Node's limit of five minutes on a request, which only the full form exceeds.
    // Pieces come three times as often, so that a busy machine does not cause an idle pause.
    const idle = 5_000;
    const lasting = FULL ? 310_000 : 1.5 * idle;
    // About 1,100 bytes a second: an upload below 500 for a minute is cut.
    const { bytes } = dirtyFile(44, FULL ? 8_000 : 500);
    const url = await begin({ UPLOAD_IDLE_TIMEOUT: String(idle) });
    const { hostname, port } = new URL(url);
    const slow = await beginUpload(url, bytes.length);
    const started = performance.now();
    const sending = (async () => {
      const pieces = Math.ceil(lasting / (idle / 3));
      const size = Math.ceil(bytes.length / pieces);
      for (let piece = 0; piece < pieces; piece++) {
        const due = started + ((piece + 1) * lasting) / pieces;
        await until('the next piece is due', () => performance.now() >= due);
        await slow.write(bytes.subarray(piece * size, (piece + 1) * size));
      }
      await slow.finish();
    })();
    const loris: Socket[] = [];
    for (let index = 0; index < connections; index++) {
      const socket = connect(Number(port), hostname, () =>
        socket.write('POST /api/jobs/upload HTTP/1.1\r\nX-A: '),
      );
      socket.on('error', () => {});
      loris.push(socket);
    }
    await until('all are connected', () => loris.every((socket) => !socket.connecting));
    const asked = performance.now();
    const id = await upload(url, file.bytes);
    const quick = performance.now() - asked;
    await completed(url, id);
    await sending;
    expect(await slow.status).toBe(202);
    const took = performance.now() - started;
    expect(took).toBeGreaterThanOrEqual(lasting);
    slow.socket.destroy();
    await until('the silent ones were ended', () =>
      loris.every((socket) => socket.destroyed || socket.readableEnded),
    );
    for (const socket of loris) socket.destroy();
    expect(await jobs()).toHaveLength(2);
    tell(context, {
      'slowloris connections': connections,
      'another upload meanwhile': seconds(quick),
      'slow upload': seconds(took),
    });
  },
);

test('the same Idempotency-Key twice, even concurrently: the same job', LONG, async () => {
  const url = await begin();
  const headers = { 'Idempotency-Key': 'the-same' };
  const ids = await Promise.all(Array.from({ length: 6 }, () => upload(url, file.bytes, headers)));
  ids.push(await upload(url, file.bytes, headers));
  expect(new Set(ids).size).toBe(1);
  expect(await jobs()).toEqual([ids[0]]);
  await completed(url, ids[0]!);
  ids.push(await upload(url, file.bytes, headers));
  expect(ids.at(-1)).toBe(ids[0]);
  expect(stored()).toEqual([ids[0]]);
  await expectUndisturbed(bench, ids[0]!, file);
  const other = await send(url, dirtyFile(43, 10).bytes, headers);
  expect(other.status).toBe(409);
});

test('the file of a job is gone: the job fails with that reason, and can be retried when it is back', async () => {
  bench = await openBench();
  await putKnown(bench.pool, file);
  const api = bench.daemon({}, { args: ['--role', 'api'] });
  const url = await api.url();
  const id = await upload(url, file.bytes);
  const place = join(bench.uploads, id);
  renameSync(place, `${place}.aside`);
  const worker = bench.daemon({}, { args: ['--role', 'worker'] });
  await worker.logged('job failed');
  const { status, failure } = await getJob(url, id);
  expect(status).toBe('failed');
  expect(failure).toEqual({
    code: 'file_missing',
    message: expect.stringContaining('put it back and retry'),
  });
  renameSync(`${place}.aside`, place);
  expect((await fetch(`${url}/api/jobs/${id}/retry`, { method: 'POST' })).status).toBe(202);
  await completed(url, id);
  await expectUndisturbed(bench, id, file);
});
