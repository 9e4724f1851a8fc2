/** A migrated database of its own for a test file: `const db = await createDatabase()` … `await db.drop()`. */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { createPool, type Pool } from '../../src/sql/pool.js';
import { askFor } from './askFor.js';
import type { PostgresAddress } from './servers.js';

export interface TestDatabase {
  /** For createPool, connect, or the DB_* variables of a daemon (host is the folder of a Unix socket). */
  connection: PostgresAddress;
  /** A pool on it, ended by `drop`. */
  pool: Pool;
  /** Runs SQL as it is, each on a plain connection: what no transaction may hold, and what sets a session. */
  plain(sql: string): Promise<pg.QueryResult>;
  /** Ends the pool and every other connection, and removes the database. */
  drop(): Promise<void>;
}

/** Copies the migrated template (some 50 ms). `empty` gives a database without any table, `encoding` too. */
export async function createDatabase(
  options: { empty?: boolean; encoding?: string } = {},
): Promise<TestDatabase> {
  const reply = await askFor('postgres');
  if (!('postgres' in reply)) throw new Error('the tests were given no PostgreSQL');
  const name = `test_${randomBytes(6).toString('hex')}`;
  const admin = (sql: string) => onPlain(reply.postgres, sql);
  const { empty, encoding } = options;
  await admin(
    `create database ${name} template ${empty || encoding ? 'template0' : 'csvjobs_template'}
     ${encoding ? `encoding '${encoding}' locale 'C'` : ''}`,
  );
  const connection = { ...reply.postgres, database: name };
  const pool = createPool(connection, () => {});
  return {
    connection,
    pool,
    plain: (sql) => onPlain(connection, sql),
    drop: async () => {
      await pool.end();
      await admin(`drop database ${name} with (force)`);
    },
  };
}

/** Runs SQL on a connection that sets nothing, as other applications have it. */
export async function onPlain(address: pg.ClientConfig, sql: string): Promise<pg.QueryResult> {
  const client = new pg.Client(address);
  await client.connect();
  try {
    return await client.query(sql);
  } finally {
    await client.end();
  }
}
