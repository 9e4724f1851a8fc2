import type { Socket } from 'node:net';
import pg from 'pg';
import { onOpenConnection } from './closedIdle.js';
import { HOST_MS, type Way } from './reach/way.js';
import { ScarcePool } from './scarcePool.js';
import { Session } from './session.js';

/** What a module of this folder needs to run a statement: a pool, or the client of a transaction. */
export type Db = Pick<pg.ClientBase, 'query'>;
export type Pool = pg.Pool;
export type Client = pg.Client & Pick<Session, 'bare'>;
export type Connection = pg.PoolConfig & {
  /** The schema for our tables (DB_SCHEMA); by default where they are, or the role's own. Used by `migrate`. */
  schema?: string | undefined;
  /** The schemas of our tables, as in `set search_path to …`; by default those of the role. */
  searchPath?: string | undefined;
  /** How long PostgreSQL may leave a request unanswered before it is taken for dead, in ms; default two minutes. */
  silenceMs?: number;
  /** Its hosts and TLS; by default the configuration's single host, without TLS. */
  way?: Way;
};

/** Longer than a batch takes on a slow disk, and longer than it waits for another job's batch with the same e-mails. */
const SILENCE_MS = 120_000;

/** How long PostgreSQL may leave a request unanswered, in ms. */
export function silenceOf({ silenceMs = SILENCE_MS }: Pick<Connection, 'silenceMs'>): number {
  return silenceMs;
}

/** Maximum time for making a connection, in ms; each host has its own share. */
function patienceOf({ way }: Connection): number {
  return HOST_MS * (way?.hosts.length ?? 1);
}

/** Parses int8 (oid 20) as a number: counts and offsets here stay far below 2^53. */
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    oid === 20 && format !== 'binary' ? Number : pg.types.getTypeParser(oid, format as 'text'),
};

/**
 * Creates a pool whose connections may die at any time. A killed backend makes pg emit `error` on the pool (idle
 * client) or on the client (checked out); without a listener, either would crash the process. The pool's errors go to
 * `onError`; a query under way fails on its own. If connections are scarce, the pool works with those it gets
 * (scarcePool.ts).
 */
export function createPool(connection: Connection, onError: (error: Error) => void): Pool {
  const pool = new ScarcePool({
    connectionTimeoutMillis: patienceOf(connection),
    application_name: 'csvjobs',
    ...connection,
    silenceMs: silenceOf(connection),
    types,
  } as pg.PoolConfig);
  pool.on('error', (error) => {
    // What happens to a connection that is being closed is of no interest.
    if (!pool.ending) onError(error);
  });
  pool.on('connect', (client) => {
    client.on('error', () => {});
  });
  return pool;
}

/** Opens a dedicated connection; `applicationName` says what it is for. */
export async function connect(connection: Connection, applicationName: string): Promise<Client> {
  const client = new Session({
    connectionTimeoutMillis: patienceOf(connection),
    ...connection,
    silenceMs: silenceOf(connection),
    types,
    application_name: applicationName,
    keepAlive: true,
  });
  client.on('error', () => {});
  await client.connect();
  return client;
}

/**
 * Cuts a connection from this side: statements waiting on it fail at once. Its backend may notice only when what it
 * waits for is available.
 */
export function cut(client: pg.ClientBase): void {
  const { connection } = client as unknown as { connection: { stream: Socket } };
  connection.stream.destroy();
}

/** Runs `work` in one transaction on a client of the pool. */
export async function transaction<T>(pool: Pool, work: (db: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await onOpenConnection(pool, () => begun(pool));
  let broken: Error | undefined;
  try {
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch((reason: Error) => {
      broken = reason;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}

/** Takes a connection from the pool and begins a transaction on it. */
async function begun(pool: Pool): Promise<pg.PoolClient> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    return client;
  } catch (error) {
    client.release(error as Error);
    throw error;
  }
}
