/** Daemons whose uploads are in S3: killed in mid-load, and read from over a line that breaks, without a folder in common. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  BUCKET,
  CREDENTIALS,
  type Imitation,
  startImitation,
} from '../../packages/daemon/test/support/s3/imitation.js';
import { type Bench, openBench } from './support/bench.js';
import { completed, getJob, upload } from './support/client.js';
import type { DaemonProcess } from './support/daemonProcess.js';
import { dirtyFile } from './support/dirtyFile.js';
import { expectUndisturbed, putKnown, storedJob } from './support/oracle.js';
import { until } from './support/until.js';

let server: Imitation;
let bench: Bench;

beforeEach(async () => {
  server = await startImitation();
  bench = await openBench({
    // A daemon that comes back need not wait for the lock of the dead to lapse.
    embeddedRedis: true,
    environment: {
      ...CREDENTIALS,
      UPLOAD_STORE: `s3://${BUCKET}/csvjobs`,
      S3_ENDPOINT: server.url,
      ORPHAN_AGE: '300',
    },
  });
});
afterEach(async () => {
  await bench.finish();
  await server.close();
});

const file = dirtyFile(21, 3_000);
const keys = () => [...server.objects.keys()].filter((key) => !key.includes('/.csvjobs-'));

test('killed in mid-load: another machine continues behind the last commit, to the same end', async () => {
  await putKnown(bench.pool, file);
  const doomed = bench.daemon({ CSVJOBS_FAILPOINTS: 'before-commit:6=kill' });
  const id = await upload(await doomed.url(), file);
  await killedAtFailpoint(doomed);
  const { processed } = await storedJob(bench.pool, id);
  expect(processed).toBeGreaterThan(0);
  expect(processed).toBeLessThan(file.records);
  // What the dead one has noted is on a machine of its own.
  await rm(join(bench.folder, 'data', 'working'), { recursive: true });
  const other = bench.daemon();
  expect((await completed(await other.url(), id)).attempt).toBe(2);
  await expectUndisturbed(bench, id, file);
  expect(keys()).toEqual([`csvjobs/${id}`]);
  expect((await fetch(`${await other.url()}/api/jobs/${id}`, { method: 'DELETE' })).status).toBe(204);
  expect(keys()).toEqual([]);
});

test('the connection to the store breaks again and again while a job reads: it ends as undisturbed', async () => {
  await putKnown(bench.pool, file);
  let cut = 0;
  server.fault = ({ method, key }) =>
    method === 'GET' && /[0-9a-f]{8}-/.test(key ?? '') && cut++ % 2 === 0 ? { cutAfter: 20_000 } : undefined;
  const url = await bench.daemon().url();
  const id = await upload(url, file);
  expect((await completed(url, id)).attempt).toBe(1);
  await expectUndisturbed(bench, id, file);
  expect(cut).toBeGreaterThan(4);
});

test('a file that is replaced fails its job, which loads nothing of the other', async () => {
  const url = await bench.daemon({ CSVJOBS_FAILPOINTS: 'before-batch:3=delay/3000' }).url();
  const id = await upload(url, file);
  await until('it loads', async () => (await storedJob(bench.pool, id)).processed > 0);
  await until('it has failed or ended', async () => {
    // As a person would, who restores a bucket.
    const object = server.objects.get(`csvjobs/${id}`)!;
    server.objects.set(`csvjobs/${id}`, { ...object, etag: '"another"' });
    return ['failed', 'completed'].includes((await storedJob(bench.pool, id)).status);
  });
  const job = await getJob(url, id);
  // One that had all of it in its memory has ended well.
  if (job.status === 'failed') expect(job.failure?.code).toBe('file_changed');
});

async function killedAtFailpoint(daemon: DaemonProcess): Promise<void> {
  expect(await daemon.ended).toBe('SIGKILL');
}
