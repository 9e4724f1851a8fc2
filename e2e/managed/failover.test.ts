/** The primary dies in mid-job and its standby takes over: what is then in the database is exact, always. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Checkpoint } from '../../packages/daemon/src/pipeline/checkpoint.js';
import { databaseAddress } from '../../packages/daemon/src/sql/reach/address.js';
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

let servers: Replicated;
let bench: Bench;
let daemon: DaemonProcess;
let url: string;

beforeEach(async () => {
  servers = await startReplicated();
  bench = await openBench({ connection: { ...servers.primary.connection, ...databaseAddress(servers.url) } });
  daemon = bench.daemon({ DATABASE_URL: servers.url, BATCH_ROWS: '10' });
  url = await daemon.url();
  await putKnown(bench.pool, file);
});

afterEach(async () => {
  await bench.finish();
  await servers.stop();
});

const processed = async (id: string) => (await storedJob(bench.pool, id)).processed;
const loaded = (id: string, rows: number) =>
  until('some of the file is loaded', async () => (await processed(id)) >= rows && processed(id));

test('with synchronous replication nothing is lost: the job goes on where it was', async () => {
  await servers.synchronize();
  const id = await upload(url, file.bytes);
  const seen = await loaded(id, 100);
  await servers.primary.kill();
  await servers.promote();
  const job = await completed(url, id);
  expect(job.attempt).toBeGreaterThan(1);
  const again = await daemon.logged('job taken again');
  // What a reader was shown before is in the database after.
  expect((again.from as Checkpoint).rowNumber).toBeGreaterThanOrEqual(seen);
  await expectUndisturbed(bench, id, file);
});

test('without it what the standby lacks is loaded again, and an upload that it lacks is an orphan', async () => {
  const id = await upload(url, file.bytes);
  await loaded(id, 100);
  await servers.separate();
  const seen = await loaded(id, (await processed(id)) + 100);
  const lost = await upload(url, other.bytes);
  await servers.primary.kill();
  await servers.promote();
  const job = await completed(url, id);
  expect(job.attempt).toBeGreaterThan(1);
  const again = await daemon.logged('job taken again');
  expect((again.from as Checkpoint).rowNumber).toBeLessThan(seen);
  await expectUndisturbed(bench, id, file);

  expect((await fetch(`${url}/api/jobs/${lost}`)).status).toBe(404);
  expect(storedIn(bench.uploads)).toContain(lost);
  // Else the sweep does it once the file is old enough (ORPHAN_AGE).
  await rm(join(bench.uploads, lost));
});
