/** Daemons whose uploads are in S3: killed in mid-load, and with breaking connections, without a shared folder. */
import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { create, head, patch } from '../../packages/daemon/test/http/uploads/resumable/tus.js';
import { LONG } from '../../packages/daemon/test/support/form.js';
import {
  BUCKET,
  CREDENTIALS,
  type Imitation,
  startImitation,
} from '../../packages/daemon/test/support/s3/imitation.js';
import { makeCustomers } from '../support/customers.js';
import { type Bench, openBench } from './support/bench.js';
import { completed, getJob, upload } from './support/client.js';
import type { DaemonProcess } from './support/daemonProcess.js';
import { dirtyFile } from './support/dirtyFile.js';
import { FULL } from './support/figures.js';
import { expectUndisturbed, putKnown, storedJob } from './support/oracle.js';
import { beginUpload } from './support/rawUpload.js';
import { until } from './support/until.js';

let server: Imitation;
let bench: Bench;

beforeEach(async () => {
  server = await startImitation();
  bench = await openBench({
    // A restarted daemon does not wait for the dead one's lock to expire.
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

const file = dirtyFile(21, FULL ? 3_000 : 1_000);
/** More than a part, of 8 MiB. */
const LARGE = FULL ? 200_000 : 150_000;
const keys = () => [...server.objects.keys()].filter((key) => !key.includes('/.csvjobs-'));

/** Uploads the file to a daemon that is killed in the middle of its load. Returns the job and the number of processed records. */
async function killedInMidLoad(): Promise<{ id: string; processed: number }> {
  await putKnown(bench.pool, file);
  const doomed = bench.daemon({ CSVJOBS_FAILPOINTS: 'before-commit:6=kill' });
  const id = await upload(await doomed.url(), file);
  await killedAtFailpoint(doomed);
  const { processed } = await storedJob(bench.pool, id);
  expect(processed).toBeGreaterThan(0);
  expect(processed).toBeLessThan(file.records);
  return { id, processed };
}

// The short form has this with a shared folder (zombies.test.ts), and a load from the store below.
test(
  'killed in mid-load: another machine continues after the last commit, with the same result',
  LONG,
  async () => {
    const { id } = await killedInMidLoad();
    // The dead daemon's notes are on its own machine.
    await rm(join(bench.folder, 'data', 'working'), { recursive: true });
    const other = bench.daemon();
    expect((await completed(await other.url(), id)).attempt).toBe(2);
    await expectUndisturbed(bench, id, file);
    expect(keys()).toEqual([`csvjobs/${id}`]);
    expect((await fetch(`${await other.url()}/api/jobs/${id}`, { method: 'DELETE' })).status).toBe(204);
    expect(keys()).toEqual([]);
  },
);

test(
  'the connection to the store breaks again and again while a job reads: same result as undisturbed',
  LONG,
  async () => {
    await putKnown(bench.pool, file);
    let cut = 0;
    server.fault = ({ method, key }) =>
      method === 'GET' && /[0-9a-f]{8}-/.test(key ?? '') && cut++ % 2 === 0
        ? { cutAfter: 20_000 }
        : undefined;
    const url = await bench.daemon().url();
    const id = await upload(url, file);
    expect((await completed(url, id)).attempt).toBe(1);
    await expectUndisturbed(bench, id, file);
    expect(cut).toBeGreaterThan(4);
  },
);

// The short form has a replaced source (e2e/test/bucketSource.test.ts).
test('a file that is replaced fails its job, which loads nothing of the new file', LONG, async () => {
  const url = await bench.daemon({ CSVJOBS_FAILPOINTS: 'before-batch:3=delay/3000' }).url();
  const id = await upload(url, file);
  await until('it loads', async () => (await storedJob(bench.pool, id)).processed > 0);
  await until('it has failed or ended', async () => {
    // Like a user who restores a bucket.
    const object = server.objects.get(`csvjobs/${id}`)!;
    server.objects.set(`csvjobs/${id}`, { ...object, etag: '"another"' });
    return ['failed', 'completed'].includes((await storedJob(bench.pool, id)).status);
  });
  const job = await getJob(url, id);
  // A job that had already read all of it completes.
  if (job.status === 'failed') expect(job.failure?.code).toBe('file_changed');
});

test(
  'a file that is replaced between two attempts fails its job, which loads nothing more',
  LONG,
  async () => {
    const { id, processed } = await killedInMidLoad();
    const object = server.objects.get(`csvjobs/${id}`)!;
    // Longer and with other records: without a check, some of both would be loaded.
    const body = Buffer.concat([object.body, dirtyFile(22, 100).bytes]);
    server.objects.set(`csvjobs/${id}`, { ...object, body, etag: '"another"' });
    const url = await bench.daemon().url();
    const failed = await until('it has failed', async () => {
      const job = await getJob(url, id);
      return job.status === 'failed' && job;
    });
    expect(failed).toMatchObject({ attempt: 2, processedRows: processed, failure: { code: 'file_changed' } });
    expect(failed.failure?.message).toMatch(/is not the one that the first attempt .* upload the file again/);
  },
);

test(
  'killed in mid-upload: leftovers are removed, files of waiting jobs and resumable uploads stay',
  LONG,
  async () => {
    await putKnown(bench.pool, file);
    // Nothing is old yet, and there is no worker: jobs wait.
    const patient = { ORPHAN_AGE: '3600000' };
    const asApi = { args: ['--role', 'api'] };

    // Killed between the object and the job's row: an object without a job.
    const first = bench.daemon({ ...patient, CSVJOBS_FAILPOINTS: 'after-rename:2=kill' }, asApi);
    const waiting = await upload(await first.url(), file);
    await upload(await first.url(), file).catch(() => {});
    await killedAtFailpoint(first);
    const [orphan] = keys().filter((key) => key !== `csvjobs/${waiting}`);
    expect(orphan).toMatch(/^csvjobs\/[0-9a-f-]{36}$/);

    // Killed while it sends parts of a plain upload, and of one that its client resumes.
    const second = bench.daemon(patient, asApi);
    const url = await second.url();
    const large = Buffer.from(makeCustomers(LARGE, 0).text);
    const plain = await beginUpload(url, 2 * large.length);
    plain.status.catch(() => {});
    await plain.write(large);
    const resumable = await create({ url }, large.length);
    const { pathname } = new URL(resumable.headers.get('location')!, url);
    const half = 8 * 1024 * 1024 + 1_000;
    expect((await patch({ url }, pathname, 0, large.subarray(0, half))).status).toBe(204);
    const unfinished = () => [...server.uploads.values()].filter(({ parts }) => parts.size > 0);
    await until('both have sent a part', () => unfinished().length === 2);
    second.signal('SIGKILL');
    await second.ended;
    const continued = pathname.split('/').at(-1)!;
    const dead = unfinished().find(({ key }) => !key.endsWith(continued))!.key;

    // Soon everything is older than ORPHAN_AGE.
    const third = bench.daemon({ ORPHAN_AGE: '300' }, asApi);
    await third.url();
    await until('the orphan and the dead upload are gone', () => {
      const left = [...server.uploads.values()].map(({ key }) => key);
      return !server.objects.has(orphan!) && !left.includes(dead);
    });
    await third.logged(/removed files without a job/);
    await third.logged(/removed partial uploads of a daemon that has exited/);
    expect(unfinished().map(({ key }) => key)).toEqual([`csvjobs/${continued}`]);
    expect(server.objects.has(`csvjobs/${waiting}`)).toBe(true);

    // The kept files still work: the upload resumes, and both jobs load.
    const there = { url: await third.url() };
    const offset = Number((await head(there, pathname)).headers.get('upload-offset'));
    expect(offset).toBe(half);
    expect((await patch(there, pathname, offset, large.subarray(offset))).status).toBe(204);
    third.signal('SIGTERM');
    expect(await third.ended).toBe(0);
    const last = await bench.daemon({ ORPHAN_AGE: '300', BATCH_ROWS: '50000' }).url();
    await completed(last, waiting);
    await expectUndisturbed(bench, waiting, file);
    const job = await completed(last, continued);
    expect(job.totalRows).toBe(LARGE);
    expect(createHash('sha256').update(large).digest('hex')).toBe(job.sha256);
    expect(keys().sort()).toEqual([`csvjobs/${waiting}`, `csvjobs/${continued}`].sort());
  },
);

async function killedAtFailpoint(daemon: DaemonProcess): Promise<void> {
  expect(await daemon.ended).toBe('SIGKILL');
}
