/** `csvjobs upload s3://…` with real daemons: an object is read in place, in the given version, and left unchanged. */
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Job } from '@csvjobs/shared';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { LONG } from '../../packages/daemon/test/support/form.js';
import {
  BUCKET,
  CREDENTIALS,
  type Imitation,
  startImitation,
} from '../../packages/daemon/test/support/s3/imitation.js';
import { csvjobs } from '../support/cli.js';
import { makeCustomers } from '../support/customers.js';
import type { RunningDaemon } from '../support/daemon.js';
import { openPlace, type Place } from '../support/place.js';

let place: Place;
let server: Imitation;
let api: RunningDaemon;
let given: Record<string, string>;
beforeAll(async () => {
  [place, server] = await Promise.all([openPlace(), startImitation()]);
  given = {
    ...CREDENTIALS,
    S3_ENDPOINT: server.url,
    SOURCE_BUCKETS: `${BUCKET}/exports/*, other-bucket`,
    AWS_EC2_METADATA_DISABLED: 'true',
  };
  api = await place.start({ ...given, DATA_DIR: join(place.folder, 'api') }, '--role', 'api');
});
afterAll(async () => {
  await place?.close();
  await server?.close();
});

function put(key: string, text: string): string {
  const body = Buffer.from(text);
  const etag = `"${createHash('md5').update(body).digest('hex')}"`;
  server.objects.set(key, { body, etag, at: new Date(), metadata: {}, encryption: undefined });
  return `s3://${BUCKET}/${key}`;
}
const csv = (records: number, mark: string) => makeCustomers(records, 0.05).text.replaceAll('@', `${mark}@`);
const run = (...args: string[]) => csvjobs(api.url, ...args);
const jobOf = async (id: string) => JSON.parse((await run('show', id, '--json')).stdout) as Job;

/** Runs `work` with a worker next to the API. */
async function withWorker<T>(work: () => Promise<T>, more: Record<string, string> = {}): Promise<T> {
  const worker = await place.start(
    { ...given, ...more, DATA_DIR: join(place.folder, 'worker'), BATCH_ROWS: '500' },
    '--role',
    'worker',
  );
  onTestFinished(async () => void (await worker.stop()));
  const result = await work();
  await worker.stop();
  return result;
}

test(
  'loads over breaking connections, shows the source, and neither changes nor removes it',
  LONG,
  async () => {
    const address = put('exports/may.csv', csv(20_000, 'a'));
    const calls = server.calls.length;
    const { good } = makeCustomers(20_000, 0.05);
    const id = (await run('upload', address)).stdout.trim();
    let cuts = 3;
    server.fault = ({ method }) => (method === 'GET' && cuts-- > 0 ? { cutAfter: 300_000 } : undefined);
    onTestFinished(() => {
      server.fault = () => undefined;
    });
    const watched = await withWorker(() => run('watch', id));
    expect(watched.code, watched.stderr).toBe(3);
    const job = await jobOf(id);
    expect(job).toMatchObject({
      filename: 'may.csv',
      status: 'completed',
      totalRows: 20_000,
      successCount: good.size,
      origin: { address, etag: server.objects.get('exports/may.csv')!.etag, size: job.sizeBytes },
    });
    expect((await run('show', id)).stdout).toMatch(new RegExp(`Source +${address}`));
    expect((await run('errors', id, '--original')).stdout.split('\n').length).toBeGreaterThan(500);
    expect((await run('delete', id, '--yes')).code).toBe(0);
    expect(server.objects.has('exports/may.csv')).toBe(true);
    expect([...new Set(server.calls.slice(calls).map(({ method }) => method))].toSorted()).toEqual([
      'GET',
      'HEAD',
    ]);
  },
);

test('does not load another version; continues the job once the first one is back', LONG, async () => {
  const first = csv(2_000, 'b');
  const address = put('exports/june.csv', first);
  const id = (await run('upload', address)).stdout.trim();
  put('exports/june.csv', csv(3_000, 'c'));
  expect((await withWorker(() => run('watch', id))).code).toBe(5);
  expect((await jobOf(id)).failure).toMatchObject({ code: 'source_changed' });
  const again = await run('retry', id);
  expect(again.code).toBe(2);
  expect(again.stderr).toContain(`csvjobs upload ${address}`);
  server.objects.delete('exports/june.csv');
  expect((await run('retry', id)).stderr).toContain('there is no object');
  put('exports/june.csv', first);
  expect((await run('retry', id)).code).toBe(0);
  expect((await withWorker(() => run('watch', id))).code).toBe(3);
  expect(await jobOf(id)).toMatchObject({ status: 'completed', totalRows: 2_000 });
});

test('loads only from buckets in the configuration of the API and of the worker', async () => {
  const outside = put('private/july.csv', csv(10, 'd'));
  for (const address of [outside, `s3://${BUCKET}/exports`, 's3://elsewhere/exports/a.csv']) {
    const { code, stderr } = await run('upload', address);
    expect(code).toBe(4);
    expect(stderr).toContain('SOURCE_BUCKETS');
  }
  const id = (await run('upload', put('exports/july.csv', csv(10, 'e')))).stdout.trim();
  expect((await withWorker(() => run('watch', id), { SOURCE_BUCKETS: '' })).code).toBe(5);
  expect((await jobOf(id)).failure).toMatchObject({ code: 'source_not_allowed' });
});

test(
  'is checked like every upload: a missing or empty object and a wrong header are refused at once',
  LONG,
  async () => {
    const missing = await run('upload', `s3://${BUCKET}/exports/none.csv`);
    expect([missing.code, missing.stderr]).toEqual([2, expect.stringContaining('there is no object')]);
    expect((await run('upload', put('exports/empty.csv', ''))).code).toBe(2);
    const wrong = await run('upload', put('exports/wrong.csv', 'a,b\n1,2\n'));
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('email')]);
    const form = new FormData();
    form.set('file', new File(['name,email,company\n'], 'a.csv'));
    const query = new URLSearchParams({ source: put('exports/a.csv', csv(10, 'f')) });
    const sent = await fetch(`${api.url}/api/jobs/upload?${query}`, { method: 'POST', body: form });
    expect(sent.status).toBe(400);
  },
);

test('works with a local file, a spec, and a dry run whose object is loaded later, once', LONG, async () => {
  const local = join(place.folder, 'local.csv');
  await writeFile(local, csv(50, 'g'));
  const address = put('exports/august.csv', csv(1_000, 'h'));
  const sent = await run('upload', local, address, '--dry-run', '--json');
  const [, { jobId: dryRun }] = JSON.parse(sent.stdout).uploads;
  await withWorker(async () => {
    expect((await run('watch', dryRun)).code).toBe(3);
    const loaded = await run('load', dryRun, '--watch');
    expect(loaded.code, loaded.stderr).toBe(3);
    const job = await jobOf(loaded.stdout.trim());
    expect(job).toMatchObject({ status: 'completed', totalRows: 1_000, origin: { address } });
    const once = await run('upload', address, '--once', '--json');
    expect(JSON.parse(once.stdout).uploads[0].jobId).toBe(job.id);
  });
});
