/** A pool with fewer available connections than its maximum: clients wait for one to become free. */
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Connection, createPool, type Pool } from '../../src/sql/pool.js';
import { skipWithout } from '../support/form.js';
import { hasPgBouncer, startPgBouncer } from '../support/pgbouncer.js';
import { createDatabase, onPlain, type TestDatabase } from '../support/postgres.js';

let database: TestDatabase;
let role: string;
let pools: Pool[];

beforeEach(async () => {
  database = await createDatabase();
  role = `role_${randomBytes(6).toString('hex')}`;
  await database.plain(`create role ${role} login`);
  pools = [];
});
afterEach(async () => {
  await Promise.all(pools.map((pool) => pool.end()));
  const { host, port } = database.connection;
  await database.drop();
  await onPlain({ host, port, user: 'postgres', database: 'postgres' }, `drop role ${role}`);
});

const limit = (count: number) => database.plain(`alter role ${role} connection limit ${count}`);

/** A pool that connects as the role. */
function open(more: Connection = {}): Pool {
  const pool = createPool({ ...database.connection, user: role, ...more }, () => {});
  pools.push(pool);
  return pool;
}

const ask = (pool: Pool) => pool.query<{ one: number }>('select 1 as one').then(({ rows }) => rows[0]!.one);
const askOften = (pool: Pool) => Promise.all(Array.from({ length: 30 }, () => ask(pool)));

test.each([1, 3])('thirty requests at once on a role with a connection limit of %i', async (count) => {
  await limit(count);
  const pool = open();
  expect(await askOften(pool)).toEqual(Array(30).fill(1));
  expect(pool.totalCount).toBeLessThanOrEqual(count);
});

test('a pooler that accepts no more clients is waited for likewise', async (context) => {
  if (!hasPgBouncer()) skipWithout(context, 'PgBouncer');
  const bouncer = await startPgBouncer(database.connection, { max_client_conn: '2' });
  try {
    const pool = createPool(bouncer.connection, () => {});
    expect(await askOften(pool)).toEqual(Array(30).fill(1));
    await pool.end();
  } finally {
    await bouncer.stop();
  }
});

test('clients wait for a connection in use until it is returned, first come first served', async () => {
  await limit(1);
  const pool = open({ connectionTimeoutMillis: 100_000 });
  const lent = await pool.connect();
  const answered: number[] = [];
  const asking: Promise<unknown>[] = [];
  for (const at of [0, 1, 2]) {
    asking.push(ask(pool).then(() => answered.push(at)));
    await vi.waitFor(() => expect(pool.waitingCount).toBe(at + 1));
  }
  lent.release();
  await Promise.all(asking);
  expect(answered).toEqual([0, 1, 2]);
});

test('clients wait for a connection of another pool of the process', async () => {
  await limit(1);
  const other = open();
  const lent = await other.connect();
  const asking = ask(open());
  asking.catch(() => {});
  await expect(ask(open({ connectionTimeoutMillis: 1 }))).rejects.toThrow();
  lent.release(true);
  expect(await asking).toBe(1);
});

test('if no connection becomes free, the wait ends after the usual timeout with the server’s refusal', async () => {
  await limit(1);
  const pool = open({ connectionTimeoutMillis: 2_000 });
  const lent = await pool.connect();
  await expect(ask(pool)).rejects.toMatchObject({ code: '53300' });
  await expect(ask(open({ connectionTimeoutMillis: 2_000 }))).rejects.toMatchObject({ code: '53300' });
  lent.release();
  expect(await ask(pool)).toBe(1);
});

test('with more connections available the pool grows again, for waiting clients too', async () => {
  await limit(1);
  const pool = open({ connectionTimeoutMillis: 100_000 });
  const lent = await pool.connect();
  const asking = ask(pool);
  await vi.waitFor(() => expect(pool.waitingCount).toBe(1));
  await limit(-1);
  expect(await asking).toBe(1);
  expect(pool.totalCount).toBe(2);
  lent.release();
});

test('a pool has ended once its connections are closed', async () => {
  const pool = createPool(database.connection, () => {});
  let open = 0;
  pool.on('connect', (client) => {
    open++;
    client.once('end', () => open--);
  });
  await askOften(pool);
  expect(open).toBe(pool.totalCount);
  await pool.end();
  expect(open).toBe(0);
});

test('a connection that a stopping server breaks while its pool closes it is no error', async () => {
  const errors: Error[] = [];
  const pool = createPool(database.connection, (error) => errors.push(error));
  const { rows } = await pool.query<{ pid: number }>('select pg_backend_pid() as pid');
  const { pid } = rows[0]!;
  process.kill(pid, 'SIGSTOP');
  // The stopped backend reads neither, and ends with the error when it continues.
  const ended = pool.end();
  await database.plain(`select pg_terminate_backend(${pid})`);
  process.kill(pid, 'SIGCONT');
  await ended;
  expect(errors).toEqual([]);
});
