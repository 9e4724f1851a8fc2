/**
 * Loads whose rows conflict with each other, or with another transaction. The test holds locks that decide
 * who waits for whom, so each conflict happens in every run.
 */
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { findJob } from '../../src/sql/jobs.js';
import { type Client, connect } from '../../src/sql/pool.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import { LIMITS, type Loading, openLoading } from './support/loading.js';

let loading: Loading;
let database: TestDatabase;
let other: Client;

beforeAll(async () => {
  loading = await openLoading();
});
afterAll(() => loading.close());
beforeEach(async () => {
  database = await createDatabase();
  other = await connect(database.connection, 'another program');
});
afterEach(async () => {
  await other.end();
  await database.drop();
});

const file = (emails: string[]) =>
  Buffer.from(['name,email,company', ...emails.map((email) => `Ann,${email},Acme`)].join('\n'));

const PUT_IN = `insert into customers (job_id, name, email, company) values ($1, 'Ann', $2, 'Acme')`;

/** Waits until PostgreSQL reports this many backends of a kind. */
async function untilBackends(count: number, where: string, values: unknown[] = []): Promise<void> {
  await vi.waitFor(async () => {
    const { rows } = await database.pool.query(
      `select count(*) as count from pg_stat_activity where datname = current_database() and ${where}`,
      values,
    );
    expect(rows[0].count).toBe(count);
  });
}

async function jobs(ids: string[]) {
  const { rows } = await database.pool.query(
    `select attempt, status, success_count as good, failed_count as bad from jobs where id = any($1)`,
    [ids],
  );
  return rows as { attempt: number; status: string; good: number; bad: number }[];
}

it('two jobs that wait for each other: each e-mail is loaded by one of them, in its first attempt', async () => {
  const some = (letter: string, count: number) =>
    Array.from({ length: count }, (_, at) => `${letter}${at}@b.co`);
  // The first batch has 3 records, the second 6; the rows of a batch are sorted, so its gate comes first.
  const limits = { ...LIMITS, batchRows: 20 };
  const orders = [
    ['gate0@b.co', ...some('x', 2), ...some('y', 6)],
    ['gate1@b.co', ...some('y', 2), ...some('x', 6)],
  ];
  const rest = (from: string[]) =>
    ['gate0@b.co', 'gate1@b.co', ...some('x', 6), ...some('y', 6), ...some('z', 10)].filter(
      (email) => !from.includes(email),
    );
  const ids: string[] = [];
  for (const order of orders)
    ids.push(await loading.makeJob(database.pool, file([...order, ...rest(order)])));
  await other.query('begin');
  for (const at of [0, 1]) await other.query(PUT_IN, [ids[at], `gate${at}@b.co`]);
  const loads = ids.map((id) => loading.load(database, id, 2, { limits }));
  const settled = Promise.allSettled(loads);
  // Each second batch is ready and waits for its first, which waits at its gate. Once released, each finds
  // its rows locked by the other job's second batch, until its own is inserted: a cycle that PostgreSQL
  // cannot see.
  const lane = `application_name like 'csvjobs %' and query like 'copy customers%'`;
  await untilBackends(2, `${lane} and state = 'idle in transaction'`);
  await untilBackends(2, `${lane} and wait_event_type = 'Lock'`);
  await other.query('rollback');
  await settled;
  await Promise.all(loads);

  const [first, second] = await jobs(ids);
  expect([first, second]).toMatchObject(Array(2).fill({ attempt: 1, status: 'completed' }));
  expect(first!.good + first!.bad).toBe(24);
  expect(first!.good + second!.good).toBe(24);
  const { rows } = await database.pool.query('select distinct message from job_errors');
  expect(rows).toEqual([{ message: 'already in customers' }]);
});

it('a load that runs alone waits, and restarts its batch if PostgreSQL breaks a deadlock at its expense', async () => {
  // It has inserted a row, and waits at the other's trigger: at lock 1 while impatient, at lock 2 once alone.
  await database.pool.query(`
    create function at_a_lock() returns trigger language plpgsql as $$ begin
      perform pg_advisory_xact_lock(case current_setting('lock_timeout') when '2s' then 1 else 2 end);
      return new;
    end $$;
    create trigger at_a_lock before insert on customers for each row
      when (new.email = 'late@münchen.de' and current_setting('application_name') like 'csvjobs %')
      execute function at_a_lock()`);
  const gate = await connect(database.connection, 'the gate');
  try {
    await gate.query('select pg_advisory_lock(1), pg_advisory_lock(2)');
    // A non-ASCII address is looked up last, when the rest of its batch is inserted.
    const id = await loading.makeJob(database.pool, file(['early@b.co', 'late@münchen.de']));
    const earlier = await loading.makeJob(database.pool, file([]));
    await other.query(`set deadlock_timeout = '1h'; begin`);
    await other.query(PUT_IN, [earlier, 'late@münchen.de']);
    const load = loading.load(database, id, 1);
    const settled = Promise.allSettled([load]);
    const waits = (lock: number) =>
      `exists (select from pg_locks l where l.pid = pg_stat_activity.pid and locktype = 'advisory' and objid = ${lock} and not granted)`;
    await untilBackends(1, waits(2));
    const early = other.query(PUT_IN, [earlier, 'early@b.co']);
    await untilBackends(1, `pid = $1 and wait_event_type = 'Lock'`, [
      (other as unknown as { processID: number }).processID,
    ]);
    // Now it waits for the other program, which waits for it and would do so for an hour.
    await gate.query('select pg_advisory_unlock(2)');
    await early;
    await other.query('commit');
    await gate.query('select pg_advisory_unlock_all()');
    await settled;
    await load;
    expect(await jobs([id])).toEqual([{ attempt: 1, status: 'completed', good: 0, bad: 2 }]);
  } finally {
    await gate.end();
  }
});

it('a conflict after committed batches: only the open ones are loaded again, and the first row is named', async () => {
  // Batches of 3, 6 and 3 records; the other transaction's row is in the second.
  const emails = Array.from({ length: 12 }, (_, at) => `a${at}@b.co`);
  const id = await loading.makeJob(database.pool, file(emails));
  const earlier = await loading.makeJob(database.pool, file([]));
  await other.query('begin');
  await other.query(PUT_IN, [earlier, 'a5@b.co']);
  const load = loading.load(database, id, 1, { limits: { ...LIMITS, batchRows: 20 } });
  const settled = Promise.allSettled([load]);
  await untilBackends(1, `query like 'insert into customers%' and wait_event_type = 'Lock'`);
  expect(await findJob(database.pool, id)).toMatchObject({ processedRows: 3, successCount: 3 });
  await other.query('commit');
  await settled;
  await load;
  expect(await jobs([id])).toEqual([{ attempt: 1, status: 'completed', good: 11, bad: 1 }]);
});

it('the row of a job cannot be deleted while a batch is running: its foreign key is not checked row by row', async () => {
  const id = await loading.makeJob(database.pool, file(['a@b.co', 'b@b.co']));
  const earlier = await loading.makeJob(database.pool, file([]));
  const deleting = await connect(database.connection, 'who deletes');
  try {
    await other.query('begin');
    await other.query(PUT_IN, [earlier, 'b@b.co']);
    const load = loading.load(database, id, 1);
    const settled = Promise.allSettled([load]);
    await untilBackends(1, `application_name like 'csvjobs %-%' and wait_event_type = 'Lock'`);
    const gone = Promise.allSettled([deleting.query('delete from jobs where id = $1', [id])]);
    await untilBackends(1, `application_name = 'who deletes' and wait_event_type = 'Lock'`);
    await other.query('rollback');
    await database.pool.query(
      `select pg_cancel_backend(pid) from pg_stat_activity where application_name = 'who deletes'`,
    );
    await Promise.all([gone, settled]);
    await load;
  } finally {
    await deleting.end();
  }
});
