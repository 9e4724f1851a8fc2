/** `csvjobs show`: what identifies the content of a job's file. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Peer } from '../peer.js';
import { csvjobs, plainText, startOnTerminal } from '../spawn.js';

let peer: Peer;
beforeEach(async () => {
  peer = await new Peer().listen();
});
afterEach(() => peer.close());

const shown = async (id: string) =>
  (await csvjobs(['show', id], { env: { CSVJOBS_URL: peer.url } })).stdout.replaceAll(/ {2,}/g, ' ');

test('an uploaded file has its SHA-256', async () => {
  const text = await shown(peer.addJob().id);
  expect(text).toContain(` SHA-256 ${'a'.repeat(64)}`);
  expect(text).not.toContain('ETag');
});

test('an object of a bucket has its address and ETag: its content was not hashed', async () => {
  const origin = { address: 's3://exports/may.csv', etag: '"5d41402a-\u001b[31m3"', size: 7600 };
  const text = await shown(peer.addJob({ origin }).id);
  expect(text).toContain(' Source s3://exports/may.csv');
  expect(text).toMatch(/^ ETag "5d41402a-\S*3"$/m);
  expect(text).not.toContain('SHA-256');
  expect(text).not.toContain('\u001b');
});

test('a running retry says what its time and rate count', async () => {
  const since = new Date(Date.now() - 86_400_000).toISOString();
  const job = { startedAt: since, completedAt: null, attempt: 2, totalRows: 9_000, processedRows: 8_000 };
  const timings = { queuedMs: 86_000_000, readingMs: 1_000, loadingMs: 3_000 };
  const running = peer.addJob({ ...job, status: 'processing', timings });
  expect(await shown(running.id)).toContain(' Running 4.0 s, 2,000 rows/s\n');
  const waiting = peer.addJob({ ...job, status: 'pending', timings });
  expect(await shown(waiting.id)).toContain(' Worked 4.0 s, 2,000 rows/s\n');
  const ended = await shown(peer.addJob({ ...job, completedAt: new Date().toISOString(), timings }).id);
  expect(ended).toContain(' Worked 4.0 s, 2,000 rows/s\n');
  // From the upload, with all that was before the retry.
  expect(ended).not.toContain('Waited');
  expect(ended).toContain(' Time queued 23h 53m, reading 1.0 s, loading 3.0 s\n');
});

test('on a terminal of 40 columns facts and failures are folded between words', async () => {
  const failure = { code: 'target_changed', message: 'the table sales.orders was changed since the upload' };
  const { id } = peer.addJob({ status: 'failed', failure, processedRows: 40 });
  const { stdout } = await startOnTerminal(['show', id], { env: { CSVJOBS_URL: peer.url }, columns: 40 })
    .ended;
  const lines = plainText(stdout).split(/\r?\n/);
  const whole = (line: string) => /[0-9a-f]{36}|[0-9a-f]{64}|^csvjobs |: csvjobs /.test(line);
  expect(lines.filter((line) => line.length > 40 && !whole(line))).toEqual([]);
  const words = plainText(stdout).replace(/\s+/g, ' ');
  expect(words).toContain(`Failed: ${failure.message} (${failure.code})`);
  expect(words).toContain(' ago)');
});

test('an atomic job whose rows were undone was loaded', async () => {
  const counts = { removed: 5, restored: 0, referenced: 0, refused: 0, kept: 0, changed: 0, missing: 0 };
  const undone = { at: '2026-11-30T10:00:00.000Z', by: 'ci', ...counts, references: [], refusals: [] };
  const { id } = peer.addJob({ status: 'undone', mode: { atomic: true }, undone });
  expect(await shown(id)).not.toContain('nothing was loaded');
  const discarded = peer.addJob({ status: 'cancelled', mode: { atomic: true } });
  expect(await shown(discarded.id)).toContain('cancelled (nothing was loaded)');
});

test('values of rejected rows are named, if the table is not customers', async () => {
  const row = { qty: 'x\u001b[31m', name: 'a', price: '' };
  const rejected = { failedCount: 1, errors: [{ rowNumber: 1, message: 'm', row }] };
  expect(await shown(peer.addJob({ ...rejected, table: 'sales.orders' }).id)).toMatch(
    /^ 1 m qty=x\S*, name=a, price=$/m,
  );
  expect(await shown(peer.addJob(rejected).id)).toMatch(/^ 1 m x\S*, a, $/m);
});
