/** Undo and loaded rows over HTTP: who may call them, their answers, and what watchers and lists see. */
import { randomUUID } from 'node:crypto';
import { jobListSchema, jobSchema, LOADED_ROWS_HEADER, paths, undoResultSchema } from '@csvjobs/shared';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createAccess } from '../../src/access/access.js';
import { openTableAccess } from '../../src/access/tables.js';
import { connect } from '../../src/sql/pool.js';
import { keepTransaction } from '../../src/sql/undo/transactionIds.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import { putFile } from '../support/putFile.js';
import { CSV, type Harness, makeJob, problemFrom, startHarness } from './harness.js';

const ROOT = 'the-token-in-the-environment';
let database: TestDatabase;
let harness: Harness;
beforeAll(async () => {
  database = await createDatabase();
  const { pool } = database;
  const known = [{ name: 'DATA_DIR/token', token: ROOT }];
  harness = await startHarness({
    deps: {
      pool,
      access: createAccess({ pool, known, anonymous: 'never' }),
      tables: await openTableAccess(pool, { targetTables: 'public.*', ownServer: false }),
    },
  });
});
beforeEach(() =>
  database.pool.query(
    'truncate jobs cascade; drop table if exists things; create table things (id int generated always as identity, a text)',
  ),
);
afterAll(async () => {
  await harness.stop();
  await database.drop();
});

const call = (path: string, method = 'GET', token = ROOT) =>
  fetch(harness.url + path, { method, headers: { Authorization: `Bearer ${token}` } });
const undo = (id: string, query = '', token = ROOT) => call(`${paths.undo(id)}${query}`, 'POST', token);

const COUNTED = { total_rows: 3, processed_rows: 3, success_count: 3, completed_at: new Date() };

/** A job as its load left it. */
async function loaded(table = 'public.things', status = 'completed'): Promise<string> {
  const id = randomUUID();
  const counts = { total_rows: 3, processed_rows: 3, success_count: 3 };
  await makeJob(database.pool, { id, status, target_table: table, completed_at: new Date(), ...counts });
  const client = await connect(database.connection, 'test');
  await client.query(`begin; insert into things (a) values ('one'), (''), (null)`);
  await keepTransaction(client, id, { inserted: 3 });
  await client.query('commit');
  await client.end();
  return id;
}

async function token(body: object): Promise<string> {
  const answer = await fetch(harness.url + paths.tokens, {
    method: 'POST',
    headers: { Authorization: `Bearer ${ROOT}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ name: `t-${randomUUID()}`, ...body }),
  });
  return ((await answer.json()) as { token: string }).token;
}

test('a dry run changes nothing; an undo records who did it, and a second one says it is done', async () => {
  const id = await loaded();
  const dry = await undo(id, '?dryRun=true');
  expect(dry.status).toBe(200);
  expect(undoResultSchema.parse(await dry.json())).toMatchObject({ dryRun: true, removed: 3 });
  expect(jobSchema.parse(await (await call(paths.job(id))).json())).toMatchObject({ status: 'completed' });
  expect(undoResultSchema.parse(await (await undo(id)).json())).toMatchObject({ dryRun: false, removed: 3 });
  expect(jobSchema.parse(await (await call(paths.job(id))).json())).toMatchObject({
    status: 'undone',
    undone: { by: 'local', removed: 3, missing: 0 },
  });
  const listed = jobListSchema.parse(await (await call(`${paths.jobs}?status=undone`)).json());
  expect(listed.map((job) => job.id)).toEqual([id]);
  const events = await (await call(paths.stream(id))).text();
  expect(events).toMatch(/^id: undone-3-3-0\ndata: .*"status":"undone"/m);
  expect(await problemFrom(await undo(id))).toMatchObject({
    code: 'job_state_conflict',
    detail: expect.stringContaining('undone already, by local'),
  });
  expect(harness.logged().find(({ msg }) => msg === 'job undone')).toMatchObject({ jobId: id, removed: 3 });
  expect((await problemFrom(await undo(id, '?dryRun=maybe'))).code).toBe('bad_request');
  expect((await problemFrom(await undo(randomUUID()))).code).toBe('job_not_found');
});

test('a retry of an undone job starts over and forgets what was known of its file', async () => {
  const id = await loaded();
  await putFile(harness.storage, id, (await import('node:stream')).Readable.from([Buffer.from(CSV)]), {
    maxBytes: 99,
  });
  await undo(id);
  const answer = await call(paths.retry(id), 'POST');
  expect(answer.status).toBe(202);
  expect(jobSchema.parse(await answer.json())).toMatchObject({
    status: 'pending',
    successCount: 0,
    processedRows: 0,
  });
  expect(harness.queued).toContain(id);
  expect((await problemFrom(await undo(id))).detail).toContain(`csvjobs cancel ${id}`);
});

test('only a token with write scope for that table may undo; and only if TARGET_TABLES still has the table', async () => {
  const id = await loaded();
  const reads = await token({ scope: 'read' });
  expect((await problemFrom(await undo(id, '', reads))).code).toBe('forbidden');
  const other = await token({ scope: 'write', tables: ['public.other'] });
  expect((await problemFrom(await undo(id, '', other))).code).toBe('job_not_found');
  expect((await call(paths.rows(id), 'GET', other)).status).toBe(404);
  expect((await call(paths.rows(id), 'GET', reads)).status).toBe(200);
  const elsewhere = await loaded('elsewhere.things');
  expect((await problemFrom(await undo(elsewhere))).code).toBe('table_not_allowed');
  const named = await token({ scope: 'write', name: 'ci', tables: ['public.*'] });
  expect((await undo(id, '', named)).status).toBe(200);
  expect(await (await call(paths.job(id))).json()).toMatchObject({ undone: { by: 'ci' } });
});

test('the rows of a job with generated keys, as CSV and as NDJSON', async () => {
  await loaded();
  const id = await loaded();
  await database.pool.query('delete from things where id = 4');
  const csv = await call(paths.rows(id));
  expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
  expect(csv.headers.get('content-disposition')).toContain('customers-rows.csv');
  expect(csv.headers.get(LOADED_ROWS_HEADER)).toBe('3');
  expect(await csv.text()).toBe('id,a\n5,""\n6,\n');
  const ndjson = await call(paths.rows(id, 'ndjson'));
  expect(await ndjson.text()).toBe('{"id":5,"a":""}\n{"id":6,"a":null}\n');
  const marked = await call(`${paths.rows(id)}?marked=true`);
  expect(await marked.text()).toBe(`csvjobs_job_id,csvjobs_state,id,a\n${id},loaded,5,""\n${id},loaded,6,\n`);
  expect((await problemFrom(await call(`${paths.rows(id)}?marked=maybe`))).code).toBe('bad_request');
  const dryRun = await makeJob(database.pool, { status: 'completed', mode: '{"dryRun": true}', ...COUNTED });
  for (const answer of [await call(paths.rows(dryRun.id)), await undo(dryRun.id)])
    expect(await problemFrom(answer)).toMatchObject({
      code: 'nothing_to_undo',
      detail: expect.stringContaining(`is a dry run: all of it was rolled back`),
    });
  const said = async (
    mode: string,
    status: 'pending' | 'processing' | 'failed' | 'cancelled' | 'completed',
  ) => {
    const { id } = await makeJob(database.pool, { status, mode });
    const { code, detail } = await problemFrom(await call(paths.rows(id)));
    expect(code).toBe('nothing_to_undo');
    return detail!.slice(`job ${id} `.length, detail!.indexOf(`; csvjobs show ${id}`));
  };
  const atomic = '{"atomic": true}';
  const none = 'none of its rows is in the table';
  expect(await said(atomic, 'failed')).toBe(`is an atomic load that failed: ${none}`);
  expect(await said(atomic, 'cancelled')).toBe(`is an atomic load that was cancelled: ${none}`);
  expect(await said(atomic, 'processing')).toBe(`is an atomic load that is still running: ${none}`);
  expect(await said('{}', 'pending')).toBe('has not started, and none of its records was loaded');
  expect(await said('{}', 'completed')).toBe('has completed, and none of its records was loaded');
  await database.pool.query('delete from job_transactions');
  expect(await problemFrom(await call(paths.rows(id)))).toMatchObject({ code: 'undo_not_kept' });
});
