/** POST /api/jobs/:id/accept and /discard: who may call them, their answers, and their refusals. */
import { randomUUID } from 'node:crypto';
import { jobSchema, paths } from '@csvjobs/shared';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { createAccess } from '../../src/access/access.js';
import { openTableAccess } from '../../src/access/tables.js';
import { createHeldJobs, type HeldJobs } from '../../src/queue/heldJobs.js';
import { holdJobFor } from '../../src/sql/heldJobs.js';
import { findJob } from '../../src/sql/jobs.js';
import { openSession } from '../../src/sql/lanes.js';
import { wholeLane } from '../../src/sql/wholeLane.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import { type Harness, makeJob, problemFrom, startHarness } from './harness.js';

const ROOT = 'the-token-in-the-environment';
let database: TestDatabase;
let harness: Harness;
let holder: HeldJobs;
beforeAll(async () => {
  database = await createDatabase();
  const { pool } = database;
  const known = [{ name: 'DATA_DIR/token', token: ROOT }];
  harness = await startHarness({
    app: { commitMs: 3_000 },
    deps: {
      pool,
      access: createAccess({ pool, known, anonymous: 'never' }),
      tables: await openTableAccess(pool, { targetTables: 'public.*', ownServer: false }),
    },
  });
});
beforeEach(async () => {
  await holder?.close();
  const log = { info: () => {}, warn: () => {}, error: () => {} };
  const { pool } = database;
  holder = createHeldJobs({ pool, timeoutMs: 3_600_000, publish: () => {}, onProgress: () => {}, log });
  await pool.query('truncate jobs cascade; drop table if exists things; create table things (a text)');
});
afterAll(async () => {
  await holder.close();
  await harness.stop();
  await database.drop();
});

const call = (path: string, method = 'POST', token = ROOT) =>
  fetch(harness.url + path, { method, headers: { Authorization: `Bearer ${token}` } });
const accept = (id: string, token = ROOT) => call(paths.accept(id), 'POST', token);
const discard = (id: string, token = ROOT) => call(paths.discard(id), 'POST', token);
const things = async () => (await database.pool.query('select a from things')).rowCount;

/** A held job as its load leaves it. @param kept whether anybody holds its rows */
async function held({ timeoutMs = 3_600_000, kept = true, table = 'public.things' } = {}): Promise<string> {
  const id = randomUUID();
  const { pool, connection } = database;
  const counts = { total_rows: 1, processed_rows: 1, success_count: 1, attempt: 1 };
  const mode = { atomic: true, hold: true };
  await makeJob(pool, { id, status: 'processing', target_table: table, mode, ...counts });
  const settings = { job: id, attempt: 1, skipForeignKey: false, whole: true, silenceMs: 120_000 };
  const sessions = [
    await openSession(connection, settings),
    await openSession(connection, settings),
  ] as const;
  const lane = wholeLane(sessions[0], sessions[1], settings);
  await lane.begin(true);
  await lane.client.query(`insert into things values ('one')`);
  await lane.commit();
  const rows = await lane.whole!.hold();
  const job = (await holdJobFor(pool, id, 1, { rows: [], timeoutMs }))!;
  if (kept) holder.keep(job, rows);
  else await rows.close();
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

test('accept answers once the rows are in the table and records who accepted; a second answer is refused', async () => {
  const id = await held();
  expect(await things()).toBe(0);
  const shown = jobSchema.parse(await (await call(paths.job(id), 'GET')).json());
  expect(shown).toMatchObject({ status: 'held', held: { rows: [] } });
  const listed = await (await call(`${paths.jobs}?status=held`, 'GET')).json();
  expect(listed).toMatchObject([{ id, status: 'held' }]);

  const answer = await accept(id);
  expect(answer.status).toBe(200);
  expect(jobSchema.parse(await answer.json())).toMatchObject({
    status: 'completed',
    held: { answer: 'accepted', answeredBy: 'local' },
  });
  expect(await things()).toBe(1);
  for (const [again, also] of [
    [accept, /completed: it was accepted already, by local at 20/],
    [discard, new RegExp(`accepted already, by local .*csvjobs undo ${id}`)],
  ] as const)
    expect(await problemFrom(await again(id))).toMatchObject({
      code: 'job_state_conflict',
      detail: expect.stringMatching(also),
    });
});

test('discard leaves nothing, releases its locks at once, and rules out accepting', async () => {
  const id = await held();
  const answer = await discard(id);
  expect(answer.status).toBe(200);
  expect(jobSchema.parse(await answer.json())).toMatchObject({
    status: 'cancelled',
    held: { answer: 'discarded', answeredBy: 'local' },
  });
  await database.plain(`set lock_timeout = '60s'; drop table things; create table things (a text)`);
  expect(await problemFrom(await accept(id))).toMatchObject({
    code: 'job_state_conflict',
    detail: expect.stringMatching(/cancelled: it was discarded already, by local .*csvjobs retry/),
  });
});

test('a cancel is a discard; a held job cannot be deleted, retried or undone', async () => {
  const id = await held();
  expect((await problemFrom(await call(paths.job(id), 'DELETE'))).detail).toContain(
    'accept or discard it first',
  );
  expect((await problemFrom(await call(paths.retry(id)))).detail).toContain('accepted or discarded');
  expect((await problemFrom(await call(paths.undo(id)))).code).toBe('job_state_conflict');
  const answer = await call(paths.cancel(id));
  expect(await answer.json()).toMatchObject({ status: 'cancelled', held: { answer: 'discarded' } });
  await vi.waitFor(async () => expect(await things()).toBe(0));
});

test('an expired job, or one whose rows no worker holds, cannot be accepted', async () => {
  const late = await held({ timeoutMs: 0 });
  expect((await problemFrom(await accept(late))).detail).toMatch(/its time limit passed at|HOLD_TIMEOUT/);
  await vi.waitFor(async () => expect((await findJob(database.pool, late))?.status).toBe('failed'));
  expect((await problemFrom(await accept(late))).detail).toMatch(/HOLD_TIMEOUT.*csvjobs retry/);

  const lost = await held({ kept: false });
  expect(await problemFrom(await accept(lost))).toMatchObject({
    code: 'job_state_conflict',
    detail: expect.stringMatching(
      new RegExp(`failed: the daemon that held the job ended.*csvjobs retry ${lost}`),
    ),
  });
  expect(await things()).toBe(0);
});

test('an accept with a slow commit is answered with 202, and a second one reports that the commit is running', async () => {
  const id = await held();
  const { rows } = await database.pool.query<{ pid: number }>(
    `select pid from pg_stat_activity where application_name like $1`,
    [`csvjobs ${id}/%`],
  );
  expect(rows).toHaveLength(1);
  // The job's commit waits for this lock.
  const other = await database.pool.connect();
  await other.query('begin');
  const answering = accept(id);
  await vi.waitFor(async () => expect((await findJob(database.pool, id))?.held?.answer).toBe('accepted'));
  const locked = await other.query(`select from jobs where id = $1 and status = 'held' for no key update`, [
    id,
  ]);
  const answer = await answering;
  if (locked.rowCount === 1) {
    expect(answer.status).toBe(202);
    expect(await answer.json()).toMatchObject({ status: 'held', held: { answer: 'accepted' } });
    for (const again of [accept, discard])
      expect((await problemFrom(await again(id))).detail).toContain('its rows are being committed');
  }
  await other.query('commit');
  other.release();
  await vi.waitFor(async () => expect((await findJob(database.pool, id))?.status).toBe('completed'));
});

test('a job that is not held reports its state', async () => {
  const plain = await makeJob(database.pool, { status: 'completed' });
  expect((await problemFrom(await accept(plain.id))).detail).toContain('uploaded without --hold');
  const mode = { atomic: true, hold: true };
  const waits = await makeJob(database.pool, { status: 'processing', mode });
  expect((await problemFrom(await accept(waits.id))).detail).toContain('held once all its rows are in');
  expect((await problemFrom(await accept(randomUUID()))).code).toBe('job_not_found');
});

test('only a token with write scope for that table may answer; and only if TARGET_TABLES still has the table', async () => {
  const id = await held();
  for (const answer of [accept, discard]) {
    expect((await problemFrom(await answer(id, await token({ scope: 'read' })))).code).toBe('forbidden');
    const other = await token({ scope: 'write', tables: ['public.other'] });
    expect((await problemFrom(await answer(id, other))).code).toBe('job_not_found');
    const elsewhere = await held({ table: 'elsewhere.things' });
    expect((await problemFrom(await answer(elsewhere))).code).toBe('table_not_allowed');
  }
  const named = await token({ scope: 'write', name: 'ci', tables: ['public.*'] });
  expect(await (await accept(id, named)).json()).toMatchObject({ held: { answeredBy: 'ci' } });
});

test('the event stream stays open while the job is held, and ends with the job', async () => {
  const id = await held();
  const answer = await call(paths.stream(id), 'GET');
  const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  const until = async (what: string) => {
    while (!text.includes(what)) {
      const { value, done } = await reader.read();
      if (done) throw new Error(`the stream ended before ${what}`);
      text += value;
    }
  };
  await until('"status":"held"');
  await accept(id);
  await database.pool.query('select 1');
  harness.publisher.publish({
    ...{ jobId: id, processedRows: 1, totalRows: 1, successCount: 1, failedCount: 0 },
    status: 'completed',
  });
  await until('"status":"completed"');
  expect((await reader.read()).done).toBe(true);
});
