/** The daemon in two roles, each a process: they share only PostgreSQL, Redis and the upload folder. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createdTokenSchema, type Job, type Progress, paths, uploadedSchema } from '@csvjobs/shared';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LONG } from '../../packages/daemon/test/support/form.js';
import { csvjobs } from '../support/cli.js';
import { makeCustomers } from '../support/customers.js';
import type { RunningDaemon } from '../support/daemon.js';
import { openPlace, type Place } from '../support/place.js';

const RECORDS = 10_000;

const made = makeCustomers(RECORDS, 0.05);

let place: Place;
let file: string;
let api: RunningDaemon;
let worker: RunningDaemon;

beforeAll(async () => {
  place = await openPlace();
  file = join(place.folder, 'customers.csv');
  await writeFile(file, made.text);
  const shared = { BATCH_ROWS: '500', PROGRESS_INTERVAL: '0' };
  const own = (name: string) => ({ ...shared, DATA_DIR: join(place.folder, name) });
  api = await place.start(own('api'), '--role', 'api');
  worker = await place.start(own('worker'), '--role', 'worker');
});
afterAll(() => place?.close());

/** Records committed by a process. */
async function rowsOf({ url }: RunningDaemon): Promise<number> {
  const text = await (await fetch(url + paths.metrics)).text();
  const samples = [...text.matchAll(/^csvjobs_rows_total\{.*\} (\d+)$/gm)];
  return samples.reduce((sum, [, value]) => sum + Number(value), 0);
}

test('the main job: uploaded to one, loaded by the other, watched live at the first', async () => {
  const upload = await csvjobs(api.url, 'upload', file, '--watch');
  expect(upload.code, upload.stderr).toBe(3);
  const job = JSON.parse((await csvjobs(api.url, 'show', upload.stdout.trim(), '--json')).stdout) as Job;
  expect(job).toMatchObject({
    status: 'completed',
    totalRows: RECORDS,
    successCount: made.good.size,
    failedCount: made.bad.size,
  });
  const report = await (await fetch(api.url + paths.report(job.id, 'ndjson'))).text();
  expect(report.trimEnd().split('\n')).toHaveLength(made.bad.size);
  expect([await rowsOf(api), await rowsOf(worker)]).toEqual([0, RECORDS]);
});

test('progress comes from the worker through Redis, sooner than by polling', LONG, async () => {
  // Loaded already, unless only this test runs. Every row is a duplicate then; the file still takes batches.
  await csvjobs(api.url, 'upload', '--once', file, '--watch');
  const form = new FormData();
  form.set('file', new File([made.text], 'again.csv'));
  const answer = await fetch(api.url + paths.upload, { method: 'POST', body: form });
  const { jobId } = uploadedSchema.parse(await answer.json());
  const stream = await fetch(api.url + paths.stream(jobId));
  const text = await stream.text();
  const told = [...text.matchAll(/^data: (.*)$/gm)].map(([, data]) => JSON.parse(data!) as Progress);
  const last = told.at(-1)!;
  expect(last).toMatchObject({ jobId, status: 'completed', processedRows: RECORDS, successCount: 0 });
  // A stream that only polled PostgreSQL (every 15 s) would have just its first and last event.
  const between = told.filter(({ processedRows }) => processedRows > 0 && processedRows < RECORDS);
  expect(between.length).toBeGreaterThan(2);
});

test('each reports its role, and each is ready on its own', async () => {
  for (const [{ url }, role] of [
    [api, 'api'],
    [worker, 'worker'],
  ] as const) {
    const response = await fetch(url + paths.ready);
    expect(response.status).toBe(200);
    expect(await response.text()).toContain(`"message":"${role}, version`);
  }
});

// The last test, because from the first token on a token is required.
test('revoking a token at one ends its streams at the other, sooner than the heartbeat', async () => {
  const call = (url: string, method: string, path: string, token = '', body?: object) =>
    fetch(url + path, {
      method,
      headers: { 'Content-Type': 'application/json', ...(token && { Authorization: `Bearer ${token}` }) },
      ...(body && { body: JSON.stringify(body) }),
    });
  const make = async (name: string, scope: string, by = '') =>
    createdTokenSchema.parse(
      await (await call(worker.url, 'POST', paths.tokens, by, { name, scope })).json(),
    );
  const admin = await make('admin', 'admin');
  // A heartbeat may happen to come in between, but not each time.
  const heartbeats = [];
  for (let turn = 0; turn < 3; turn++) {
    const { id, token } = await make(`reader${turn}`, 'read', admin.token);
    const stream = await call(api.url, 'GET', paths.allStreams, token);
    expect(stream.status).toBe(200);
    expect((await call(worker.url, 'DELETE', paths.token(id), admin.token)).status).toBe(200);
    const text = await stream.text();
    heartbeats.push([...text.matchAll(/^:/gm)].length);
  }
  expect(Math.min(...heartbeats)).toBe(0);
});
