/** The lane of a job whose batches are one transaction: what others see of it, batch by batch and at each end. */
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { claimJob } from '../../src/sql/claimJob.js';
import { advance, beginProcessing } from '../../src/sql/jobProgress.js';
import { borrowSession, type LaneConnection, type LoaderSession, openSession } from '../../src/sql/lanes.js';
import { wholeLane } from '../../src/sql/wholeLane.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import { processingJob, rowOf, SURVEY } from './support/processing.js';

let db: TestDatabase;
let id: string;
beforeAll(async () => {
  db = await createDatabase();
  await db.plain('create table t (a int unique deferrable initially deferred)');
});
afterAll(() => db.drop());
beforeEach(async () => {
  await db.plain('truncate t');
  id = await processingJob(db.pool, { atomic: true });
});

const settings = () => ({ job: id, attempt: 1, skipForeignKey: false, whole: true, silenceMs: 120_000 });

/** A lane for the job. At the end of the test, PostgreSQL has given no notice of a misplaced begin, commit or savepoint. */
async function openLane(open = () => openSession(db.connection, settings())) {
  const [rows, reports] = [await openSession(db.connection, settings()), await open()];
  const notices: string[] = [];
  for (const { client } of [rows, reports]) client.on('notice', (notice) => notices.push(notice.message!));
  const lane = wholeLane(rows, reports, settings());
  onTestFinished(async () => {
    await lane.close();
    expect(notices).toEqual([]);
  });
  return { lane, rows, reports };
}

const insert = ({ client }: LaneConnection, a: number) => client.query('insert into t values ($1)', [a]);
async function reject(lane: LaneConnection, row: number): Promise<void> {
  const client = await lane.reports();
  await client.query(
    `insert into job_errors (job_id, row_number, line, code, message, row) values ($1, $2, 2, 'c', 'm', '{}')`,
    [id, row],
  );
}

/** What others see: the rows, and the rejects by their number. */
async function seen() {
  const rows = await db.pool.query<{ a: number }>('select a from t order by a');
  const rejects = await db.pool.query<{ n: number }>(
    'select row_number as n from job_errors where job_id = $1 order by n',
    [id],
  );
  return { rows: rows.rows.map(({ a }) => a), rejects: rejects.rows.map(({ n }) => n) };
}

/** Whether the job can be deleted now. */
async function locked(): Promise<boolean> {
  return db.pool.query('select from jobs where id = $1 for update nowait', [id]).then(
    () => false,
    (error) => error.code === '55P03',
  );
}

/** The states of the job's sessions, without those that are gone. */
async function states(...sessions: LoaderSession[]): Promise<string[]> {
  const { rows } = await db.pool.query<{ state: string }>(
    'select state from pg_stat_activity where pid = any($1) order by array_position($1, pid)',
    // A property of pg's Client that its types lack.
    [sessions.map(({ client }) => (client as unknown as { processID: number }).processID)],
  );
  return rows.map(({ state }) => state);
}

test('rejects are visible after each batch, rows after the end; a batch that starts again or is given up leaves neither', async () => {
  const { lane, rows, reports } = await openLane();
  await lane.begin(false);
  expect(await states(rows, reports)).toEqual(['idle in transaction', 'idle']);
  await insert(lane, 1);
  await reject(lane, 1);
  await reject(lane, 2);
  expect(await seen()).toEqual({ rows: [], rejects: [] });
  await lane.commit();
  expect(await seen()).toEqual({ rows: [], rejects: [1, 2] });
  expect(await states(rows, reports)).toEqual(['idle in transaction', 'idle']);

  await lane.begin(false);
  await insert(lane, 2);
  await reject(lane, 3);
  await lane.restart(false);
  await insert(lane, 3);
  await reject(lane, 4);
  await lane.commit();
  await lane.begin(false);
  await insert(lane, 4);
  await reject(lane, 5);
  await lane.abandon();
  await lane.begin(false);
  await insert(lane, 5);
  await lane.commit();
  expect(await seen()).toEqual({ rows: [], rejects: [1, 2, 4] });

  await beginProcessing(db.pool, id, 1, { ...SURVEY, totalRows: 0 });
  expect(await lane.whole!.complete()).toMatchObject({ id, status: 'completed' });
  expect(await seen()).toEqual({ rows: [1, 3, 5], rejects: [1, 2, 4] });
  expect(await states(rows, reports)).toEqual(['idle', 'idle']);
});

test('the job is locked from the first batch on, also by the reports alone, and both connections wait for other jobs', async () => {
  const { lane, rows, reports } = await openLane();
  expect(await locked()).toBe(false);
  await lane.begin(false);
  await lane.restart(false);
  expect(await locked()).toBe(true);
  expect(await lane.hold()).toBe(true);
  await lane.reports();
  for (const { client } of [rows, reports])
    expect((await client.query('show lock_timeout')).rows).toEqual([{ lock_timeout: '1min' }]);
  rows.client.on('error', () => {});
  await rows.close();
  expect(await states(rows, reports)).toEqual(['idle in transaction']);
  expect(await locked()).toBe(true);
  // Its connection is gone: the batch is given up without an error.
  await lane.abandon();
  expect(await locked()).toBe(false);
});

test('the end of a job that another attempt has taken leaves nothing', async () => {
  const { lane, rows } = await openLane();
  await lane.begin(false);
  await insert(lane, 1);
  await lane.commit();
  await db.pool.query('update jobs set total_rows = 0 where id = $1', [id]);
  await claimJob(db.pool, id);
  expect(await lane.hold()).toBe(false);
  expect(await lane.whole!.complete()).toBeNull();
  expect(await states(rows)).toEqual(['idle']);
  expect(await seen()).toEqual({ rows: [], rejects: [] });
});

test('a file without records ends without a batch', async () => {
  await beginProcessing(db.pool, id, 1, { ...SURVEY, totalRows: 0 });
  const { lane, rows } = await openLane();
  await lane.whole!.rollBack();
  expect(await lane.whole!.complete()).toMatchObject({ status: 'completed' });
  expect(await states(rows)).toEqual(['idle']);
  id = await processingJob(db.pool, { atomic: true });
  // Its second connection may be the pool's, which may be given back only once.
  const other = await openLane(() => borrowSession(db.pool, settings()));
  const held = await other.lane.whole!.hold();
  expect(await states(other.rows, other.reports)).toEqual(['idle in transaction']);
  expect(await locked()).toBe(true);
  await db.pool.query(
    `update jobs set status = 'held', held_answer = 'accepted', total_rows = 0 where id = $1`,
    [id],
  );
  expect(await held.commit()).toMatchObject({ id, status: 'completed' });
});

test.each(['commit', 'abandon'] as const)(
  '%s leaves no savepoint: with each, PostgreSQL would have more to remember',
  async (end) => {
    const { lane } = await openLane();
    await lane.begin(false);
    await lane[end]();
    await expect(lane.client.query('release savepoint csvjobs_batch')).rejects.toMatchObject({
      code: '3B001',
    });
  },
);

test.each(['rollBack', 'hold'] as const)(
  '%s runs the checks that are deferred to the commit',
  async (end) => {
    for (const [second, code] of [
      [2, undefined],
      [1, '23505'],
    ] as const) {
      const { lane, rows, reports } = await openLane();
      await lane.begin(false);
      await insert(lane, 1);
      await insert(lane, second);
      await lane.commit();
      const ended = Promise.resolve(lane.whole![end]());
      if (code) await expect(ended).rejects.toMatchObject({ code });
      else {
        await ended;
        const left = { rollBack: ['idle', 'idle'], hold: ['idle in transaction'] };
        expect(await states(rows, reports)).toEqual(left[end]);
      }
      await lane.close();
      expect(await seen()).toEqual({ rows: [], rejects: [] });
    }
  },
);

test('close ends both connections; cut makes the statements of both fail at once', async () => {
  const { lane, rows, reports } = await openLane();
  await lane.begin(false);
  await lane.reports();
  await lane.close();
  await vi.waitFor(async () => expect(await states(rows, reports)).toEqual([]));

  const other = await openLane();
  const working = [other.rows, other.reports].map(({ client }) => client.query('select pg_sleep(600)'));
  other.lane.cut();
  expect((await Promise.allSettled(working)).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
});

test('progress and rejects of a batch are one transaction, on the connection of the reports', async () => {
  const { lane } = await openLane();
  await lane.begin(false);
  await reject(lane, 1);
  const batch = { inserted: 0, reasons: { m: 1 }, checkpoint: { byteOffset: 1, line: 2, rowNumber: 1 } };
  await advance(await lane.reports(), id, 1, batch);
  expect(await rowOf(db.pool, id)).toMatchObject({ processed_rows: 0 });
  await lane.commit();
  expect(await rowOf(db.pool, id)).toMatchObject({ processed_rows: 1, failed_count: 1 });
});
