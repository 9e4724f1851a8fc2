/**
 * How a worker handles each end of an attempt, with a real database and real files; only Bull is left out.
 */
import type { Job, Progress } from '@csvjobs/shared';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { Failure } from '../../src/failure.js';
import { createOwnership } from '../../src/queue/ownership.js';
import { DeliverAgain } from '../../src/queue/queue.js';
import { createWorker, type WorkerDependencies } from '../../src/queue/worker.js';
import { loaderName } from '../../src/sql/attempts.js';
import { cancelJob, findJob, retryJob } from '../../src/sql/jobs.js';
import { connect, createPool } from '../../src/sql/pool.js';
import { WORKER_LEVEL } from '../../src/sql/workerLevel.js';
import { type Loading, never, openLoading } from '../pipeline/support/loading.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';

let loading: Loading;
let database: TestDatabase;
let published: Progress[];
let ended: Job[];
let logged: string[];

beforeAll(async () => {
  loading = await openLoading();
});
afterAll(() => loading.close());
beforeEach(async () => {
  database = await createDatabase();
  published = [];
  ended = [];
  logged = [];
});
afterEach(() => database.drop());

const GOOD = Buffer.from(
  ['name,email,company', ...Array.from({ length: 100 }, (_, at) => `Ann,a${at}@b.co,Acme`)].join('\n'),
);

function worker(more: Partial<WorkerDependencies> = {}, drain: AbortSignal = never) {
  const note = (_fields: object, message: string) => void logged.push(message);
  const deps = loading.dependencies(database, 1, {
    publish: (progress) => published.push(progress),
    observer: { loaded: () => {}, ended: (job) => ended.push(job) },
  });
  const log = { info: note, warn: note, error: note };
  const ownership = createOwnership({ pool: database.pool, onProgress: () => {} });
  return createWorker({ ...deps, refusal: () => undefined, ownership, retryLimit: 2, log, ...more }, drain);
}

/** The delay of a redelivery in milliseconds; undefined if the delivery is done. */
async function putOff(done: Promise<void>): Promise<number | undefined> {
  try {
    await done;
    return undefined;
  } catch (error) {
    if (error instanceof DeliverAgain) return error.delayMs;
    throw error;
  }
}

/** A user's trigger that drops each row: as far as the worker knows, a transient failure. */
const takeAway = () =>
  database.pool.query(`
    create function take_away() returns trigger language plpgsql as $$ begin return null; end $$;
    create trigger take_away before insert on customers for each row execute function take_away()`);

test('a completed job runs once, however often it is delivered', async () => {
  const id = await loading.makeJob(database.pool, GOOD);
  const work = worker();
  await Promise.all([work(id), work(id)]);
  expect(await findJob(database.pool, id)).toMatchObject({ status: 'completed', attempt: 1 });
  await work(id);
  expect(await findJob(database.pool, id)).toMatchObject({ status: 'completed', attempt: 1 });
  expect(logged).toEqual(['job started', 'job completed']);
});

test('jobs of another database are left alone; this is logged once, with the settings to check', async () => {
  const work = worker();
  await work(crypto.randomUUID());
  await work(crypto.randomUUID());
  expect(logged).toEqual([
    expect.stringMatching(/another database or DB_SCHEMA use the same Redis and QUEUE_PREFIX/),
  ]);
});

test('a job whose table is no longer allowed is refused when claimed; a retry loads it once the table is allowed again', async () => {
  const id = await loading.makeJob(database.pool, GOOD);
  const asked: unknown[] = [];
  const refusal: WorkerDependencies['refusal'] = (table) => {
    asked.push(table);
    return 'this daemon may not load into public.customers; its operator can add the table to TARGET_TABLES';
  };
  await worker({ refusal })(id);
  const job = await findJob(database.pool, id);
  expect(job).toMatchObject({ status: 'failed', processedRows: 0, totalRows: 0 });
  expect(job?.failure).toEqual({
    code: 'table_not_allowed',
    message:
      'this daemon may not load into public.customers; its operator can add the table to TARGET_TABLES, and then retry the job; this attempt loaded nothing',
  });
  expect(asked).toEqual([undefined]);
  expect((await database.pool.query('select from customers')).rowCount).toBe(0);
  await retryJob(database.pool, id);
  await worker()(id);
  expect(await findJob(database.pool, id)).toMatchObject({ status: 'completed', successCount: 100 });
});

describe('a transient failure', () => {
  test('is retried with a doubling delay, up to the limit; then the job fails, and its final event is sent', async () => {
    await takeAway();
    const id = await loading.makeJob(database.pool, GOOD);
    const work = worker();
    expect(await putOff(work(id))).toBe(1_000);
    expect(await findJob(database.pool, id)).toMatchObject({
      status: 'processing',
      failure: { code: 'rows_do_not_add_up' },
    });
    expect(await putOff(work(id))).toBe(2_000);
    expect(ended).toEqual([]);
    expect(await putOff(work(id))).toBeUndefined();
    const failed = { status: 'failed', attempt: 3, failure: { code: 'rows_do_not_add_up' } };
    expect(await findJob(database.pool, id)).toMatchObject(failed);
    expect(published.at(-1)).toMatchObject({ jobId: id, status: 'failed' });
    expect(ended).toMatchObject([{ id, ...failed }]);
  });

  test('the delay is never longer than half a minute', async () => {
    await takeAway();
    const id = await loading.makeJob(database.pool, GOOD);
    await database.pool.query('update jobs set failures = 40 where id = $1', [id]);
    expect(await putOff(worker({ retryLimit: 100 })(id))).toBe(30_000);
  });
});

test('an error in the file fails the job at once', async () => {
  const id = await loading.makeJob(database.pool, Buffer.from('name,company\nAnn,Acme'));
  expect(await putOff(worker()(id))).toBeUndefined();
  const failed = { status: 'failed', attempt: 1, failure: { code: 'header_invalid' } };
  expect(await findJob(database.pool, id)).toMatchObject(failed);
  expect(ended).toMatchObject([{ id, ...failed }]);
});

test('a job cancelled while running is left alone: neither failed nor retried', async () => {
  const id = await loading.makeJob(database.pool, GOOD);
  const earlier = await loading.makeJob(database.pool, GOOD);
  const other = await database.pool.connect();
  await other.query('begin');
  await other.query(
    `insert into customers (job_id, name, email, company) values ($1, 'n', 'a50@b.co', 'c')`,
    [earlier],
  );
  const done = putOff(worker()(id));
  await vi.waitFor(async () => {
    const { rows } = await database.pool.query(
      `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    );
    expect(rows).toHaveLength(1);
  });
  await cancelJob(database.pool, id);
  await other.query('rollback');
  other.release();
  expect(await done).toBeUndefined();
  const job = (await findJob(database.pool, id))!;
  expect(job).toMatchObject({ status: 'cancelled', failure: null });
  expect(job.processedRows).toBeLessThan(100);
  expect(ended).toEqual([]);
});

test.each([
  ['permanently', false],
  ['transiently', true],
])('an attempt that fails %s after its job is cancelled changes nothing', async (_, retryable) => {
  const id = await loading.makeJob(database.pool, GOOD);
  const { readers } = loading.dependencies(database, 1);
  const work = worker({
    // The cancel has not been noticed yet.
    ownership: { watch: () => ({ lost: never, loading: () => {}, end: () => {} }) },
    readers: {
      open: (task) => ({
        ...readers.open(task),
        // The job is claimed by now.
        survey: async () => {
          await cancelJob(database.pool, id);
          throw new Failure('some_reason', 'a failure that comes too late', { retryable });
        },
      }),
    },
  });
  expect(await putOff(work(id))).toBeUndefined();
  expect(await findJob(database.pool, id)).toMatchObject({ status: 'cancelled', failure: null });
  expect(logged).toContain('an attempt failed, but another attempt has taken over the job');
  expect(ended).toEqual([]);
});

test('of a failure with two messages, the log has the one that the job has', async () => {
  const id = await loading.makeJob(database.pool, GOOD);
  const { readers } = loading.dependencies(database, 1);
  const errors: unknown[] = [];
  const work = worker({
    log: { info: () => {}, warn: () => {}, error: (fields) => void errors.push(fields) },
    readers: {
      open: (task) => ({
        ...readers.open(task),
        survey: async () => {
          await database.pool.query('update jobs set processed_rows = 5, success_count = 5 where id = $1', [
            id,
          ]);
          throw new Failure('some_reason', 'nothing is loaded', { messageIfLoaded: 'some rows stay' });
        },
      }),
    },
  });
  await work(id);
  const failure = { code: 'some_reason', message: 'some rows stay' };
  expect(await findJob(database.pool, id)).toMatchObject({ status: 'failed', failure });
  expect(errors).toEqual([expect.objectContaining({ err: expect.objectContaining(failure) })]);
});

test('a worker that stops requeues its job at once, without a failure', async () => {
  const id = await loading.makeJob(database.pool, GOOD);
  const drain = new AbortController();
  const publish = ({ processedRows }: Progress) => {
    if (processedRows > 0) drain.abort();
  };
  expect(await putOff(worker({ publish }, drain.signal)(id))).toBe(0);
  const job = (await findJob(database.pool, id))!;
  expect(job).toMatchObject({ status: 'processing', attempt: 1, failure: null });
  expect(job.processedRows).toBeLessThan(100);
  await worker()(id);
  expect(await findJob(database.pool, id)).toMatchObject({
    status: 'completed',
    attempt: 2,
    successCount: 100,
  });
});

test('if PostgreSQL cannot be asked about a job, the worker retries each second, logs it once and counts no attempt', async () => {
  const id = await loading.makeJob(database.pool, GOOD);
  const nowhere = createPool({ ...database.connection, host: '/nowhere' }, () => {});
  const work = worker({ pool: nowhere });
  expect(await putOff(work(id))).toBe(1_000);
  expect(await putOff(work(id))).toBe(1_000);
  await nowhere.end();
  expect(logged).toEqual(['cannot claim a job; it will be retried']);
  expect(await findJob(database.pool, id)).toMatchObject({ status: 'pending', attempt: 0 });
});

test('a failure that cannot be written to PostgreSQL is retried in a second and does not count', async () => {
  const id = await loading.makeJob(database.pool, GOOD);
  const { database: name } = database.connection;
  const admin = await connect({ ...database.connection, database: 'postgres' }, 'the administrator');
  try {
    const deps = loading.dependencies(database, 1);
    let away = true;
    const work = worker({
      readers: {
        open(task) {
          const reading = deps.readers.open(task);
          const survey = async () => {
            if (away) {
              await admin.query(`alter database ${name} with allow_connections false`);
              await admin.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [
                name,
              ]);
            }
            return reading.survey();
          };
          return { ...reading, survey };
        },
      },
    });
    expect(await putOff(work(id))).toBe(1_000);
    away = false;
    await admin.query(`alter database ${name} with allow_connections true`);
    const { rows } = await database.pool.query('select attempt, failures from jobs where id = $1', [id]);
    expect(rows).toEqual([{ attempt: 1, failures: 0 }]);
    expect(await putOff(work(id))).toBeUndefined();
    expect(await findJob(database.pool, id)).toMatchObject({ status: 'completed', attempt: 2 });
  } finally {
    await admin.end();
  }
});

/**
 * A connection with this application name locks the job's row in an open transaction: the job is completed
 * anyway, and that connection is terminated.
 */
async function expectTakenFrom(id: string, applicationName: string): Promise<void> {
  const stopped = await connect(database.connection, applicationName);
  await stopped.query('begin');
  await stopped.query('select from jobs where id = $1 for update', [id]);
  await worker()(id);
  expect(await findJob(database.pool, id)).toMatchObject({ status: 'completed', attempt: 1 });
  await expect(stopped.query('commit')).rejects.toThrow();
  await stopped.end();
}

test('connections that a stopped process left for a job, with its row lock, are terminated before the job is claimed', async () => {
  const id = await loading.makeJob(database.pool, GOOD);
  await expectTakenFrom(id, loaderName(id, 1, false));
});

test('a job that needs a newer worker is left untouched; this is logged once per level', async () => {
  const ids = [await loading.makeJob(database.pool, GOOD), await loading.makeJob(database.pool, GOOD)];
  const [id] = ids as [string, string];
  await database.pool.query('update jobs set worker_level = $1', [WORKER_LEVEL + 1]);
  // The newer worker is processing it: its connections must not be terminated.
  const other = await connect(database.connection, loaderName(id, 1, false));
  await other.query('begin');
  const work = worker();
  for (const each of [...ids, id]) expect(await putOff(work(each))).toBe(3_000);
  expect(logged).toEqual([expect.stringMatching(/^leaving the job to newer workers: .*Upgrade this worker/)]);
  await other.query('commit');
  await other.end();
  expect(await findJob(database.pool, id)).toMatchObject({ status: 'pending', attempt: 0, failure: null });
  expect(await putOff(worker({ level: WORKER_LEVEL + 1 })(id))).toBeUndefined();
  expect(await findJob(database.pool, id)).toMatchObject({ status: 'completed', attempt: 1 });
});

test('connections left by a worker of version 0.1 are terminated too, and it terminates none of ours', async () => {
  const id = await loading.makeJob(database.pool, GOOD);
  await expectTakenFrom(id, `csvjobs ${id} 1`);
  // The way version 0.1 looks for leftovers of earlier attempts before it claims a job.
  const { rows } = await database.pool.query('select $1 like $2 as found', [
    loaderName(id, 2, true),
    `csvjobs ${id} %`,
  ]);
  expect(rows).toEqual([{ found: false }]);
});
