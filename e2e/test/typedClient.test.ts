/**
 * A client generated from the API description, as any user would (docs/api.md): its types are compiled with
 * the tests, and it uploads, watches, reads and undoes through a real daemon. `npm run docs` writes e2e/client/api.ts.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import createClient from 'openapi-fetch';
import { afterAll, beforeAll, expect, expectTypeOf, onTestFinished, test, vi } from 'vitest';
import { isJob, isSummaryList } from '../../packages/cli/src/client/jobShape.js';
import { isUploaded } from '../../packages/cli/src/client/uploadedShape.js';
import { hasZod, loadedFiles } from '../../packages/cli/test/loadedFiles.js';
import type { components, paths } from '../client/api.js';
import { csvjobsWith } from '../support/cli.js';
import { openPlace, type Place } from '../support/place.js';

let place: Place;
let url: string;
let api: ReturnType<typeof createClient<paths>>;

beforeAll(async () => {
  place = await openPlace();
  await place.database.pool.query('create table orders (id int primary key, product text not null)');
  ({ url } = await place.start({
    TARGET_TABLES: 'public.orders',
    API_TOKEN: 'typed-client-token',
    API_ALLOW_ANONYMOUS: 'false',
  }));
  api = createClient<paths>({ baseUrl: url, headers: { Authorization: 'Bearer typed-client-token' } });
});
afterAll(() => place.close());

test('uploads, watches the job to its end, reads the rejects and undoes the job', async () => {
  const uploaded = await api.POST('/api/jobs/upload', {
    params: { query: { into: 'orders' } },
    body: { file: new File(['id,product\n1,Cup\ntwo,Saucer\n'], 'orders.csv') },
    bodySerializer: ({ file }) => {
      const form = new FormData();
      form.append('file', file);
      return form;
    },
  });
  expect(uploaded.error).toBeUndefined();
  expect(uploaded.response.status).toBe(202);
  const id = uploaded.data!.jobId;

  const job = await vi.waitFor(async () => {
    const { data } = await api.GET('/api/jobs/{id}', { params: { path: { id } } });
    expect(data?.status).toBe('completed');
    return data!;
  });
  expectTypeOf(job).toEqualTypeOf<components['schemas']['Job']>();
  expectTypeOf(job.status).toEqualTypeOf<
    'pending' | 'processing' | 'held' | 'completed' | 'failed' | 'cancelled' | 'undone'
  >();
  expect(job).toMatchObject({ totalRows: 2, successCount: 1, failedCount: 1 });
  // What the daemon really answers passes the quick checks of the command line, which then loads no zod.
  const list = await api.GET('/api/jobs', { params: { query: { summary: 'true' } } });
  expect([isUploaded(uploaded.data), isJob(job), isSummaryList(list.data)]).toEqual([true, true, true]);

  const report = await api.GET('/api/jobs/{id}/errors.json', { params: { path: { id } } });
  expect(report.data?.map(({ line, column, code }) => ({ line, column, code }))).toEqual([
    { line: 3, column: 'id', code: 'not_an_integer' },
  ]);

  const undone = await api.POST('/api/jobs/{id}/undo', {
    params: { path: { id }, query: { dryRun: 'true' } },
  });
  expect(undone.data).toMatchObject({ removed: 1, dryRun: true });
});

test('an upload that is watched loads no zod: what the daemon answers and sends passes the quick checks', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'csvjobs-watched-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'orders.csv');
  writeFileSync(file, 'id,product\n7,Cup\n');
  const coverage = join(folder, 'coverage');
  const { code, stderr } = await csvjobsWith(
    { CSVJOBS_URL: url, CSVJOBS_TOKEN: 'typed-client-token', NODE_V8_COVERAGE: coverage },
    ...['upload', file, '--into', 'orders', '--watch'],
  );
  expect(code, stderr).toBe(0);
  const files = loadedFiles(coverage);
  expect(files.some((name) => /jobEvents/.test(name + readFileSync(name, 'utf8')))).toBe(true);
  expect(files.filter(hasZod)).toEqual([]);
});

test('a refusal is a problem with a stable code', async () => {
  const id = '00000000-0000-4000-8000-000000000000';
  const { data, error, response } = await api.GET('/api/jobs/{id}', { params: { path: { id } } });
  expect(data).toBeUndefined();
  expectTypeOf(error!).toEqualTypeOf<components['schemas']['Problem']>();
  expect(response.status).toBe(404);
  expect(error?.code).toBe('job_not_found');
});

test('calls that the API lacks do not compile', () => {
  const never = () => [
    // @ts-expect-error no such path
    api.GET('/api/job/{id}', {}),
    // @ts-expect-error the id is missing
    api.GET('/api/jobs/{id}', {}),
    // @ts-expect-error no such method for this path
    api.DELETE('/api/tables', {}),
    // @ts-expect-error no such query
    api.GET('/api/jobs', { params: { query: { page: 2 } } }),
  ];
  expect(never).toBeTypeOf('function');
});
