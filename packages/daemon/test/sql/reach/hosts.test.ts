/**
 * Several hosts in one URL: a dead one, a standby, a primary. And a session on a primary that becomes a
 * standby.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { asFailure } from '../../../src/failure.js';
import { connect, createPool, transaction } from '../../../src/sql/pool.js';
import { databaseAddress } from '../../../src/sql/reach/address.js';
import { freePort } from '../../support/freePort.js';
import { type PrivatePostgres, startPostgres } from '../../support/servers.js';
import { onPort } from '../../support/tlsPostgres.js';

let standby: PrivatePostgres;
let primary: PrivatePostgres;
let dead: number;

beforeAll(async () => {
  [standby, primary, dead] = await Promise.all([
    onPort().then((port) => startPostgres(port)),
    onPort().then((port) => startPostgres(port)),
    freePort(),
  ]);
  await standby.standBy();
});
afterAll(() => Promise.all([standby.stop(), primary.stop()]));

const address = (ports: readonly number[], query = '') =>
  databaseAddress(
    `postgres://postgres@${ports.map((port) => `127.0.0.1:${port}`).join(',')}/postgres?${query}`,
  );

/** The port of the connected server. */
async function reached(to: ReturnType<typeof address>): Promise<number> {
  const client = await connect(to, 'csvjobs tests');
  try {
    // Not in one of our transactions, which a standby refuses.
    return Number((await client.bare('select inet_server_port()')).rows[0].inet_server_port);
  } finally {
    await client.end();
  }
}

test('the first writable server is chosen; with any, the first that answers', async () => {
  const [s, p] = [standby.connection.port, primary.connection.port];
  expect(await reached(address([dead, s, p]))).toBe(p);
  expect(await reached(address([dead, s, p], 'target_session_attrs=read-write'))).toBe(p);
  expect(await reached(address([dead, s, p], 'target_session_attrs=any'))).toBe(s);
});

test('read-write checks whether the session may write by default, primary does not', async () => {
  const p = primary.connection.port;
  const readOnly = 'options=-c%20default_transaction_read_only%3Don';
  expect(await reached(address([p], `target_session_attrs=primary&${readOnly}`))).toBe(p);
  await expect(reached(address([p], `target_session_attrs=read-write&${readOnly}`))).rejects.toThrow(
    /takes no writes by default \(default_transaction_read_only\)/,
  );
});

test('if no host qualifies, each is named with its reason, and waiting may help', async () => {
  const s = standby.connection.port;
  const failed = reached(address([dead, s]));
  await expect(failed).rejects.toMatchObject({ code: 'database_unreachable', retryable: true });
  await expect(failed).rejects.toThrow(
    new RegExp(
      `127.0.0.1:${dead}: connect ECONNREFUSED .*; 127.0.0.1:${s}: is a standby, which takes no writes`,
    ),
  );
});

test('the last suitable host is tried first, and the others if it is down', async () => {
  const other = await startPostgres(await onPort());
  const to = address([other.connection.port, primary.connection.port]);
  expect(await reached(to)).toBe(other.connection.port);
  await other.stop();
  expect(await reached(to)).toBe(primary.connection.port);
  // A host that swallows all data would cost each connection the full timeout.
  const again = await startPostgres({ listen_addresses: '127.0.0.1', port: String(other.connection.port) });
  expect(await reached(to)).toBe(primary.connection.port);
  await again.stop();
});

test('a silent host is skipped', async () => {
  const { createServer } = await import('node:net');
  const silent = createServer(() => {}).listen(0, '127.0.0.1');
  await new Promise((resolve) => silent.once('listening', resolve));
  const { port } = silent.address() as { port: number };
  const to = { ...address([port, primary.connection.port]), connectionTimeoutMillis: 2_000 };
  expect(await reached(to)).toBe(primary.connection.port);
  silent.close();
});

test('a session whose write is refused is not reused, and its job does not end', async () => {
  const pool = createPool({ ...address([standby.connection.port]), max: 1 }, () => {});
  const failure = await pool.query('select 1').catch(asFailure);
  expect(failure).toMatchObject({ code: 'database_read_only', retryable: true });
  await expect(transaction(pool, (db) => db.query('select 1'))).rejects.toThrow();
  expect(pool.totalCount).toBe(0);
  const client = await pool.connect();
  const isClosed = new Promise((resolve) => client.once('end', resolve));
  await expect(client.query('begin')).rejects.toThrow();
  await isClosed;
  client.release();
  expect(pool.totalCount).toBe(0);
  await pool.end();
});
