/** A run whose job is lost: it ends at once, wherever it is, closes what it has opened, and writes nothing more. */
import { afterEach, expect, test, vi } from 'vitest';
import { type RunDependencies, run } from '../../src/pipeline/run.js';
import { claimJob } from '../../src/sql/claimJob.js';
import { findJob } from '../../src/sql/jobs.js';
import { countedReaders } from './support/countedReaders.js';
import { never } from './support/loading.js';
import { openTestLoad } from './support/testLoad.js';

const { loading, db } = await openTestLoad();
afterEach(() => db.pool.query('truncate customers, jobs cascade'));

const GOOD = Buffer.from('name,email,company\nAnn,ann@b.co,Acme\n');

async function runHeld(id: string, hold: AbortController, more: Partial<RunDependencies> = {}) {
  const claimed = (await claimJob(db.pool, id))!;
  const held = { lost: hold.signal, loading: () => {} };
  return run(claimed, loading.dependencies(db, 1, more), never, held);
}

const superseded = (id: string) => ({
  code: 'superseded',
  message: `job ${id} is no longer this worker's; nothing of the batch was written`,
});

async function rowsIn(table: string): Promise<number> {
  return (await db.pool.query(`select from ${table}`)).rowCount!;
}

test('before its file is opened', async () => {
  const id = await loading.makeJob(db.pool, GOOD);
  const lost = new AbortController();
  lost.abort();
  await expect(runHeld(id, lost)).rejects.toMatchObject(superseded(id));
});

test('during the survey: its thread is stopped at once', async () => {
  const id = await loading.makeJob(
    db.pool,
    Buffer.from(`name,email,company\n${`Ann,ann@b.co,${'x'.repeat(1_000)}\n`.repeat(2_100)}`),
  );
  const lost = new AbortController();
  const { counts, readers } = countedReaders(loading.dependencies(db, 1).readers);
  // At the first message of the survey, after one of its two MiB.
  const publish = () => lost.abort();
  await expect(runHeld(id, lost, { readers, publish })).rejects.toMatchObject(superseded(id));
  await vi.waitFor(() => expect(counts).toEqual({ opened: 1, closed: 2 }));
});

test('after the survey, to another attempt', async () => {
  const id = await loading.makeJob(db.pool, GOOD);
  const { readers } = loading.dependencies(db, 1);
  const open: typeof readers.open = (task, warn) => {
    const reading = readers.open(task, warn);
    const survey: typeof reading.survey = async (publish) => {
      const found = await reading.survey(publish);
      await claimJob(db.pool, id);
      return found;
    };
    return { ...reading, survey };
  };
  const load = runHeld(id, new AbortController(), { readers: { open } });
  await expect(load).rejects.toMatchObject(superseded(id));
  expect(await findJob(db.pool, id)).toMatchObject({ status: 'pending', attempt: 2, totalRows: 0 });
});

test('while its connections are opened: it does not begin to load', async () => {
  const id = await loading.makeJob(db.pool, GOOD);
  const lost = new AbortController();
  const { counts, readers } = countedReaders(loading.dependencies(db, 1).readers);
  const { storage } = loading.dependencies(db, 1);
  let asked = 0;
  const emailsPath = (job: string) => {
    // The second time is after the survey.
    if (++asked === 2) lost.abort();
    return storage.emailsPath(job);
  };
  const load = runHeld(id, lost, { readers, storage: { ...storage, emailsPath } });
  await expect(load).rejects.toMatchObject(superseded(id));
  await vi.waitFor(() => expect(counts).toEqual({ opened: 1, closed: 2 }));
  expect([await rowsIn('customers'), asked]).toEqual([0, 2]);
});

test('while it waits for the next batch', async () => {
  const id = await loading.makeJob(db.pool, GOOD);
  const lost = new AbortController();
  const { counts, readers } = countedReaders(loading.dependencies(db, 1).readers);
  const open: typeof readers.open = (task, warn) => {
    const reading = readers.open(task, warn);
    return {
      ...reading,
      async *batches(from) {
        lost.abort();
        yield* reading.batches(from);
      },
    };
  };
  await expect(runHeld(id, lost, { readers: { open } })).rejects.toMatchObject(superseded(id));
  await vi.waitFor(() => expect(counts).toEqual({ opened: 1, closed: 2 }));
});

test('while its only batch waits for another job’s row: none of its rows is committed', async () => {
  const id = await loading.makeJob(
    db.pool,
    Buffer.from('name,email,company\nAnn,ann@b.co,Acme\nBob,bob@b.co,Acme\n'),
  );
  const other = await db.pool.connect();
  await other.query('begin');
  await other.query(`insert into customers (name, email, company) values ('Bob', 'bob@b.co', 'Acme')`);
  const load = runHeld(id, new AbortController());
  const ended = expect(load).rejects.toMatchObject(superseded(id));
  // Once it loads alone: then it waits for as long as necessary.
  await vi.waitFor(async () => {
    const { rowCount } = await db.pool.query(
      `select from pg_stat_activity where query like 'insert into customers%' and wait_event_type = 'Lock'`,
    );
    expect(rowCount).toBe(1);
  });
  await claimJob(db.pool, id);
  await other.query('rollback');
  other.release();
  await ended;
  expect([await rowsIn('customers'), await rowsIn('job_errors')]).toEqual([0, 0]);
  expect(await findJob(db.pool, id)).toMatchObject({ attempt: 2, processedRows: 0 });
});
