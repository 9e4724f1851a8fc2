import { randomUUID } from 'node:crypto';
import { jobListSchema, jobSchema, paths } from '@csvjobs/shared';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createPool } from '../../src/sql/pool.js';
import { startPostgres } from '../support/servers.js';
import { type Harness, makeJob, problemFrom, processed, startHarness } from './harness.js';

let harness: Harness;

beforeAll(async () => {
  harness = await startHarness();
});

beforeEach(async () => {
  await harness.pool.query('delete from jobs');
});

afterAll(async () => {
  await harness.stop();
});

const get = (path: string) => fetch(harness.url + path);
const post = (path: string) => fetch(harness.url + path, { method: 'POST' });

test('all jobs are listed, newest first', async () => {
  expect(await (await get(paths.jobs)).json()).toEqual([]);
  const older = await makeJob(harness.pool, { created_at: '2020-01-01' });
  const newer = await makeJob(harness.pool, { created_at: '2021-01-01', filename: 'ü.csv' });
  const response = await get(paths.jobs);
  expect(response.headers.get('content-type')).toMatch(/^application\/json/);
  expect(jobListSchema.parse(await response.json())).toEqual([newer, older]);
});

test('a job is shown, by its id in either case', async () => {
  const job = await makeJob(harness.pool, processed(40));
  expect(jobSchema.parse(await (await get(paths.job(job.id))).json())).toEqual(job);
  expect((await get(paths.job(job.id.toUpperCase()))).status).toBe(200);
});

test.each([
  ['GET', paths.job],
  ['GET', paths.report],
  ['POST', paths.cancel],
  ['POST', paths.retry],
] as const)('%s of a job that is not there is 404 (%#)', async (method, path) => {
  for (const id of [randomUUID(), 'nonsense', '%E0%A4%A']) {
    const problem = await problemFrom(await fetch(harness.url + path(id), { method }));
    expect(problem).toMatchObject({ code: 'job_not_found', status: 404 });
  }
});

test.each(['pending', 'processing'])('a job that is %s can be cancelled', async (status) => {
  const { id } = await makeJob(harness.pool, processed(10, status));
  const response = await post(paths.cancel(id));
  expect(response.status).toBe(200);
  expect(jobSchema.parse(await response.json())).toMatchObject({
    id,
    status: 'cancelled',
    processedRows: 10,
  });
});

test.each(['failed', 'cancelled'])(
  'a job that is %s can be retried and is put on the queue',
  async (status) => {
    const { id } = await makeJob(harness.pool, processed(10, status));
    const response = await post(paths.retry(id));
    expect(response.status).toBe(202);
    expect(response.headers.get('location')).toBe(paths.job(id));
    expect(jobSchema.parse(await response.json())).toMatchObject({ status: 'pending', processedRows: 10 });
    expect(harness.queued).toContain(id);
  },
);

test.each([
  [paths.cancel, 'completed', /nothing left to cancel/],
  [paths.cancel, 'failed', /nothing to cancel/],
  [paths.cancel, 'cancelled', /retry it/],
  [paths.retry, 'pending', /waits for its turn/],
  [paths.retry, 'processing', /cancel it first/],
  [paths.retry, 'completed', /upload it again/],
] as const)(
  'what a job’s state does not allow is a conflict that says so (%#, %s)',
  async (path, status, what) => {
    const { id } = await makeJob(harness.pool, processed(10, status));
    const problem = await problemFrom(await post(path(id)));
    expect(problem).toMatchObject({ code: 'job_state_conflict', status: 409 });
    expect(problem.detail).toMatch(`the job is ${status} `);
    expect(problem.detail).toMatch(what);
  },
);

test('with PostgreSQL away the API is 503 with Retry-After', async () => {
  const server = await startPostgres();
  const pool = createPool(server.connection, () => {});
  const away = await startHarness({ deps: { pool } });
  try {
    await server.stop('immediate');
    for (const path of [paths.jobs, paths.job(randomUUID()), paths.stream(randomUUID())]) {
      const response = await fetch(away.url + path);
      expect(response.headers.get('retry-after')).toBe('2');
      expect(await problemFrom(response)).toMatchObject({ code: 'unavailable', status: 503 });
    }
    expect((await fetch(away.url + paths.alive)).status).toBe(200);
  } finally {
    await away.stop();
    await pool.end();
  }
});
