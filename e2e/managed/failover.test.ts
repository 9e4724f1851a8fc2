/** The primary dies in mid-job and its standby takes over: the database is always exact afterwards. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { Checkpoint } from '../../packages/daemon/src/pipeline/checkpoint.js';
import { databaseAddress } from '../../packages/daemon/src/sql/reach/address.js';
import { LONG } from '../../packages/daemon/test/support/form.js';
import { onPlain } from '../../packages/daemon/test/support/postgres.js';
import { type Replicated, startReplicated } from '../../packages/daemon/test/support/replicated.js';
import { type Bench, openBench } from '../faults/support/bench.js';
import { completed, upload } from '../faults/support/client.js';
import type { DaemonProcess } from '../faults/support/daemonProcess.js';
import { dirtyFile } from '../faults/support/dirtyFile.js';
import { storedIn } from '../faults/support/leftovers.js';
import { expectUndisturbed, putKnown, storedJob } from '../faults/support/oracle.js';
import { until } from '../faults/support/until.js';

const file = dirtyFile(53, 1_200);
const other = dirtyFile(54, 100, 'b');

let servers: Replicated | undefined;
let bench: Bench;
let daemon: DaemonProcess;
let url: string;

async function begin(): Promise<Replicated> {
  servers = await startReplicated();
  bench = await openBench({ connection: { ...servers.primary.connection, ...databaseAddress(servers.url) } });
  daemon = bench.daemon({ DATABASE_URL: servers.url, BATCH_ROWS: '10' });
  url = await daemon.url();
  await putKnown(bench.pool, file);
  return servers;
}

afterEach(async () => {
  await bench.finish();
  await servers?.stop();
  servers = undefined;
});

const processed = async (id: string) => (await storedJob(bench.pool, id)).processed;
const loaded = (id: string, rows: number) =>
  until('some of the file is loaded', async () => (await processed(id)) >= rows && processed(id));

test('with synchronous replication nothing is lost: the job resumes', LONG, async () => {
  const { primary, synchronize, promote } = await begin();
  await synchronize();
  const id = await upload(url, file.bytes);
  const seen = await loaded(id, 100);
  await primary.kill();
  await promote();
  const job = await completed(url, id);
  expect(job.attempt).toBeGreaterThan(1);
  const again = await daemon.logged('job resumed');
  // What a reader saw before is in the database afterwards.
  expect((again.from as Checkpoint).rowNumber).toBeGreaterThanOrEqual(seen);
  await expectUndisturbed(bench, id, file);
});

test(
  'without it rows missing on the standby are loaded again, and a missing upload is an orphan',
  LONG,
  async () => {
    const { primary, separate, promote } = await begin();
    const id = await upload(url, file.bytes);
    await loaded(id, 100);
    await separate();
    const seen = await loaded(id, (await processed(id)) + 100);
    const lost = await upload(url, other.bytes);
    await primary.kill();
    await promote();
    const job = await completed(url, id);
    expect(job.attempt).toBeGreaterThan(1);
    const again = await daemon.logged('job resumed');
    expect((again.from as Checkpoint).rowNumber).toBeLessThan(seen);
    await expectUndisturbed(bench, id, file);

    expect((await fetch(`${url}/api/jobs/${lost}`)).status).toBe(404);
    expect(storedIn(bench.uploads)).toContain(lost);
    // Otherwise the sweep does it once the file is old enough (ORPHAN_AGE).
    await rm(join(bench.uploads, lost));
  },
);

test(
  'a server that becomes a standby counts as down, not as a failure: the job waits until it accepts writes',
  LONG,
  async () => {
    bench = await openBench({ postgres: { synchronous_commit: 'on' } });
    daemon = bench.daemon({ BATCH_ROWS: '10' });
    url = await daemon.url();
    await putKnown(bench.pool, file);
    const id = await upload(url, file.bytes);
    await loaded(id, 100);
    await bench.postgresServer.standBy();
    // The check of this host's needs comes before each claim: one of the two hits the standby.
    await daemon.logged(
      /^cannot claim a job; it will be retried$|^this host takes no jobs until it has PostgreSQL again$/,
    );
    await until('the API says so', async () => (await fetch(`${url}/api/jobs/${id}`)).status === 503);
    await onPlain(bench.address, 'select pg_promote()');
    expect((await completed(url, id)).attempt).toBeGreaterThan(1);
    await expectUndisturbed(bench, id, file);
  },
);
