/** What a session that loads sets in each transaction, that nothing of it stays afterwards, and that it can be closed. */
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import {
  borrowSession,
  type LaneSettings,
  type LoaderSession,
  laneOf,
  maySkipForeignKey,
  openSession,
  openStaging,
  withoutForeignKey,
} from '../../src/sql/lanes.js';
import type { Client, Connection, Pool } from '../../src/sql/pool.js';
import { skipWithout } from '../support/form.js';
import { hasPgBouncer, type PgBouncer, startPgBouncer } from '../support/pgbouncer.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import { processingJob } from './support/processing.js';

let db: TestDatabase;
let bouncer: PgBouncer | undefined;
beforeAll(async () => {
  db = await createDatabase();
  await db.plain('create table t (a int)');
  await db.plain(`do $$ begin
    execute format('alter database %I set idle_session_timeout = ''1h''', current_database()); end $$`);
  if (hasPgBouncer()) bouncer = await startPgBouncer(db.connection);
});
afterAll(async () => {
  await bouncer?.stop();
  await db.drop();
});

const JOB = '00000000-0000-4000-8000-000000000000';
const SETTINGS = { job: JOB, attempt: 3, skipForeignKey: false, whole: false, silenceMs: 120_001 };

async function opened(connection: Connection, more: Partial<LaneSettings> = {}): Promise<LoaderSession> {
  const session = await openSession(connection, { ...SETTINGS, ...more });
  onTestFinished(() => session.close());
  return session;
}

async function show(client: Pick<Client, 'query'>) {
  const { rows } = await client.query(
    `select current_setting('application_name') as name, current_setting('session_replication_role') as role,
       current_setting('idle_in_transaction_session_timeout') as idle, current_setting('lock_timeout') as lock,
       current_setting('client_connection_check_interval') as gone, current_setting('idle_session_timeout') as session`,
  );
  return rows[0];
}

const WITHIN = { role: 'origin', idle: '1min', lock: '2s', gone: '1s' };
const BETWEEN = { role: 'origin', idle: '0', lock: '0', gone: '0' };

const WAYS = [
  ['directly', () => db.connection as Connection, 'csvjobs job loader', `csvjobs ${JOB}/3`, '0'],
  ['through PgBouncer', () => bouncer?.connection, undefined, `csvjobs ${JOB}/3 pooled`, '1h'],
] as const;

test.for(WAYS)('%s: the settings of a batch last as long as its transaction', async (way, context) => {
  const [, where, idle, name, session] = way;
  const connection = where() ?? skipWithout(context, 'PgBouncer');
  const { client, begin, restart } = await opened(connection);
  const between = { ...BETWEEN, session, ...(idle && { name: idle }) };
  expect(await show(client)).toMatchObject(between);
  await begin(false);
  expect(await show(client)).toEqual({ ...WITHIN, name, session });
  await client.query('insert into t values (1)');
  // Half of the silence that is taken for a dead server.
  await restart(true);
  expect(await show(client)).toEqual({ ...WITHIN, name, session, lock: '60001ms' });
  expect((await client.query('select from t')).rowCount).toBe(0);
  await restart(false);
  expect(await show(client)).toEqual({ ...WITHIN, name, session });
  await client.query('commit');
  expect(await show(client)).toMatchObject(between);
  expect((await show(client)).name).not.toBe(name);
});

test('a job whose batches are one transaction may be idle for longer; foreign keys are skipped only if allowed', async () => {
  const { client, begin } = await opened(db.connection, { whole: true, skipForeignKey: true });
  await begin(true);
  expect(await show(client)).toMatchObject({ idle: '15min', role: 'replica' });
  await client.query('commit');
  expect(await show(client)).toMatchObject(BETWEEN);
});

test('each batch of a lane is a transaction, and can be committed, given up or cut', async () => {
  const id = await processingJob(db.pool);
  const session = await opened(db.connection, { job: id, attempt: 1 });
  const lane = laneOf(session, { ...SETTINGS, job: id, attempt: 1 });
  const rows = async () => (await db.pool.query('select a from t order by a')).rows.map(({ a }) => a);
  expect(lane.whole).toBeUndefined();
  expect(await lane.reports()).toBe(lane.client);
  await lane.begin(false);
  expect(await lane.hold()).toBe(true);
  await lane.client.query('insert into t values (1)');
  expect(await rows()).toEqual([]);
  await lane.commit();
  expect(await rows()).toEqual([1]);
  await lane.begin(false);
  await lane.client.query('insert into t values (2)');
  await lane.abandon();
  expect(await show(lane.client)).toMatchObject(BETWEEN);
  expect(await rows()).toEqual([1]);
  await lane.begin(false);
  expect(await laneOf(session, { ...SETTINGS, job: id, attempt: 2 }).hold()).toBe(false);
  const working = lane.client.query('select pg_sleep(600)');
  lane.cut();
  await expect(working).rejects.toThrow();
  await lane.abandon();
});

const pidOf = async (client: Pick<Client, 'query'>): Promise<number> =>
  (await client.query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0]!.pid;
const runs = async (pid: number) =>
  (await db.pool.query('select from pg_stat_activity where pid = $1', [pid])).rowCount === 1;

test('closing ends the backend, also that of a session borrowed from the pool, and that of one that could not be set up', async () => {
  const own = await openSession(db.connection, SETTINGS);
  const borrowed = await borrowSession(db.pool, SETTINGS);
  const pids = [await pidOf(own.client), await pidOf(borrowed.client)];
  await borrowed.begin(false);
  expect(await show(borrowed.client)).toMatchObject({ ...WITHIN, name: `csvjobs ${JOB}/3` });
  await own.close();
  await own.close();
  await borrowed.close();
  for (const pid of pids) await vi.waitFor(async () => expect(await runs(pid)).toBe(false));

  let pid = 0;
  const broken = {
    connect: async () => {
      const client = await db.pool.connect();
      pid = await pidOf(client as unknown as Client);
      await client.query('begin');
      await client.query('select 1 / 0').catch(() => {});
      return client;
    },
  } as unknown as Pool;
  await expect(borrowSession(broken, SETTINGS)).rejects.toMatchObject({ code: '25P02' });
  await vi.waitFor(async () => expect(await runs(pid)).toBe(false));
});

test('a connection of its own that could not be set up is closed', async () => {
  const user = `loader_${crypto.randomUUID().slice(0, 8)}`;
  await db.plain(`create role ${user} login`);
  await db.plain('revoke execute on function pg_backend_pid() from public');
  try {
    await expect(openSession({ ...db.connection, user }, SETTINGS)).rejects.toMatchObject({ code: '42501' });
    const own = 'select from pg_stat_activity where usename = $1';
    await vi.waitFor(async () => expect((await db.pool.query(own, [user])).rowCount).toBe(0));
  } finally {
    await db.plain(`drop role ${user}`);
    await db.plain('grant execute on function pg_backend_pid() to public');
  }
});

test('the foreign key to jobs is skipped only if nothing else would be skipped, and the role may', async () => {
  const client = await db.pool.connect();
  const may = async (...changes: string[]) => {
    await client.query('begin');
    try {
      for (const change of changes) await client.query(change);
      return await maySkipForeignKey(client as unknown as Pool);
    } finally {
      await client.query('rollback');
    }
  };
  const make = `create function f() returns trigger language plpgsql as 'begin return new; end'`;
  const on = (table: string) =>
    `create trigger f before insert on ${table} for each row execute function f()`;
  try {
    expect(await may()).toBe(true);
    expect(await may(make, on('t'))).toBe(true);
    expect(await may(make, on('customers'))).toBe(false);
    expect(await may(make, on('job_errors'))).toBe(false);
    expect(await may('alter table customers add unique (phone) deferrable')).toBe(false);
    expect(
      await may(
        'create table u (a text primary key)',
        'alter table customers add foreign key (company) references u',
      ),
    ).toBe(false);
    expect(
      await may(
        'create role nobody_special',
        'grant select on all tables in schema public to nobody_special',
        'set local role nobody_special',
      ),
    ).toBe(false);
  } finally {
    client.release();
  }
});

test('triggers of a foreign key are off for the work that is named, and on again within the transaction and after it', async () => {
  const { client, begin } = await opened(db.connection);
  await begin(false);
  expect(await withoutForeignKey(client, async () => (await show(client)).role)).toBe('replica');
  expect(await show(client)).toMatchObject(WITHIN);
  await withoutForeignKey(client, async () => {});
  await client.query('commit');
  expect(await show(client)).toMatchObject(BETWEEN);
});

test('the staging tables are empty for each batch, are compared byte by byte, and end with the transaction', async () => {
  const { client, begin } = await opened(db.connection);
  const names = ['staged_suspect', 'unclaimed_suspect'];
  await begin(false);
  for (let batch = 0; batch < 2; batch++) {
    await openStaging(client, 'suspect');
    for (const name of names) {
      expect((await client.query(`select from ${name}`)).rowCount).toBe(0);
      await client.query(`insert into ${name} (email) values ('a')`);
      const { rows } = await client.query(`select pg_collation_for(email) as collation from ${name}`);
      expect(rows).toEqual([{ collation: '"C"' }]);
    }
  }
  const plans = `select name from pg_settings where setting = 'off' and name ~ '^enable_(seqscan|bitmapscan|hashjoin|mergejoin)$' order by name`;
  const off = async () => (await client.query<{ name: string }>(plans)).rows.map(({ name }) => name);
  expect(await off()).toEqual(['enable_bitmapscan', 'enable_hashjoin', 'enable_mergejoin', 'enable_seqscan']);
  await client.query('commit');
  expect(await off()).toEqual([]);
  for (const name of names)
    expect((await client.query('select to_regclass($1) as it', [name])).rows).toEqual([{ it: null }]);
});
