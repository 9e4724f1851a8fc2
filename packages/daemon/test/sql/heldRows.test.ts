/** The rows of a held job: they are committed with an accepted job only, and their holder knows when they are gone. */
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { acceptHeld, discardHeld, failUnheld, holdJobFor } from '../../src/sql/heldJobs.js';
import type { HeldRows } from '../../src/sql/heldRows.js';
import { openSession } from '../../src/sql/lanes.js';
import { wholeLane } from '../../src/sql/wholeLane.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import { processingJob, rowOf } from './support/processing.js';

let db: TestDatabase;
beforeAll(async () => {
  db = await createDatabase();
  await db.plain('create table t (a int)');
});
afterAll(() => db.drop());
beforeEach(() => db.plain('truncate t'));

/** A held job of one row. */
async function hold(): Promise<{ id: string; rows: HeldRows }> {
  const id = await processingJob(db.pool, { atomic: true, hold: true });
  const settings = { job: id, attempt: 1, skipForeignKey: false, whole: true, silenceMs: 120_000 };
  const open = () => openSession(db.connection, settings);
  const lane = wholeLane(await open(), await open(), settings);
  await lane.begin(false);
  await lane.client.query('insert into t values (1)');
  await lane.commit();
  const rows = await lane.whole!.hold();
  onTestFinished(() => rows.close());
  await db.pool.query('update jobs set total_rows = 1, processed_rows = 1, success_count = 1 where id = $1', [
    id,
  ]);
  expect(await holdJobFor(db.pool, id, 1, { rows: [], timeoutMs: 60_000 })).toMatchObject({ status: 'held' });
  return { id, rows };
}

const seen = async () => (await db.pool.query('select a from t')).rowCount;

test('an accepted job is committed with its rows', async () => {
  const { id, rows } = await hold();
  await acceptHeld(db.pool, id, 'ci');
  expect(await seen()).toBe(0);
  expect(await rows.commit()).toMatchObject({ id, status: 'completed' });
  expect(await seen()).toBe(1);
});

test.each<[string, (id: string) => Promise<unknown>]>([
  ['has no answer', async () => {}],
  ['was discarded', (id) => discardHeld(db.pool, id, 'ci')],
])('if the job %s, a commit rolls its rows back', async (_, answer) => {
  const { id, rows } = await hold();
  await answer(id);
  const { status } = await rowOf(db.pool, id);
  expect(await rows.commit()).toBeNull();
  expect(await seen()).toBe(0);
  expect(await rowOf(db.pool, id)).toMatchObject({ status });
});

test('the holder keeps its rows until it closes', async () => {
  const { id, rows } = await hold();
  await rows.keepAlive();
  // If its process is stopped, or its machine is gone, PostgreSQL ends it.
  const { rows: limits } = await rows.client.query('show idle_in_transaction_session_timeout');
  expect(limits).toEqual([{ idle_in_transaction_session_timeout: '2min' }]);
  expect(await failUnheld(db.pool, id)).toEqual([]);
  expect(rows.lost).toBe(false);
  await rows.close();
  await vi.waitFor(async () => expect(await failUnheld(db.pool, id)).toMatchObject([{ id }]));
  expect(await seen()).toBe(0);
});

test('a lost connection is reported, also to those who ask later', async () => {
  const { id, rows } = await hold();
  const reported = new Promise<void>((resolve) => rows.onLost(resolve));
  await db.plain(
    `select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'csvjobs ${id}/%'`,
  );
  await reported;
  expect(rows.lost).toBe(true);
  await new Promise<void>((resolve) => rows.onLost(resolve));
  await expect(rows.keepAlive()).rejects.toThrow();
  await rows.close();
});
