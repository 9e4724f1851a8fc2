/**
 * Daemons of several versions side by side: jobs too new for a worker are left alone and visible, and jobs waiting
 * on the queue of version 0.1 run.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Job, paths, readinessSchema } from '@csvjobs/shared';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { LONG } from '../../packages/daemon/test/support/form.js';
import { csvjobs } from '../support/cli.js';
import { makeCustomers } from '../support/customers.js';
import type { RunningDaemon } from '../support/daemon.js';
import { openPlace, type Place } from '../support/place.js';

let place: Place;
let api: RunningDaemon;

beforeAll(async () => {
  place = await openPlace();
  api = await place.start({ DATA_DIR: join(place.folder, 'api') }, '--role', 'api');
});
afterAll(() => place?.close());

async function upload(name: string): Promise<string> {
  const file = join(place.folder, name);
  await writeFile(file, makeCustomers(50, 0).text);
  const { code, stdout, stderr } = await csvjobs(api.url, 'upload', file);
  expect(code, stderr).toBe(0);
  return stdout.trim();
}

const job = async (id: string): Promise<Job> =>
  JSON.parse((await csvjobs(api.url, 'show', id, '--json')).stdout);
const workers = async () =>
  readinessSchema.parse(await (await fetch(api.url + paths.ready)).json()).checks.workers;
const metric = async (name: string) =>
  new RegExp(`^${name} (.*)$`, 'm').exec(await (await fetch(api.url + paths.metrics)).text())?.[1];

test('a job of a newer version waits, is visible, and is not loaded by older workers', LONG, async () => {
  const redis = await place.redis.client();
  const list = (name: string) => `${place.redis.prefix}:${name}:wait`;

  // Left by an API of version 0.1: the ID on a separate queue.
  const earlier = await upload('earlier.csv');
  const newer = await upload('newer.csv');
  await place.database.pool.query('update jobs set small = false where id = $1', [earlier]);
  await redis.del(list('csv-2'), list('csv-2-small'));
  await redis.lpush(list('csv'), earlier);
  await place.database.pool.query('update jobs set worker_level = 1000 where id = $1', [newer]);
  expect(await workers()).toMatchObject({
    ok: true,
    warning: true,
    message: '2 jobs wait and no worker is active; start one: csvjobsd --role worker',
  });

  const worker = await place.start({ DATA_DIR: join(place.folder, 'worker') }, '--role', 'worker');
  await vi.waitFor(async () => expect((await job(earlier)).status).toBe('completed'));

  const left = () => worker.log.filter((line) => line.includes('to newer workers'));
  await vi.waitFor(() => expect(left()).toHaveLength(1));
  expect(await workers()).toMatchObject({
    ok: true,
    warning: true,
    message: '1 job waits for a newer worker than those active (1); upgrade the workers like the API',
  });
  expect(await metric('csvjobs_queue_unknown_depth')).toBe('1');
  expect(await metric('csvjobs_workers')).toBe('1');
  const doctor = await csvjobs(api.url, 'doctor');
  expect(doctor.code).toBe(1);
  expect(doctor.stdout).toMatch(
    /✗ workers +1 job waits for a newer worker than those active \(1\).*\n +next: start a worker of the same version/,
  );
  expect(await job(newer)).toMatchObject({ status: 'pending', attempt: 0 });

  // As if a worker of that version had started.
  await place.database.pool.query('update jobs set worker_level = 3 where id = $1', [newer]);
  await vi.waitFor(async () => expect((await job(newer)).status).toBe('completed'));
  expect(left()).toHaveLength(1);
  expect((await csvjobs(api.url, 'doctor')).code).toBe(0);
  redis.disconnect();
});
