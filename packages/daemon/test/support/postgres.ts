/** A separate migrated database for a test file: `const db = await createDatabase()` … `await db.drop()`. */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { createPool, type Pool } from '../../src/sql/pool.js';
import { askFor } from './askFor.js';
import type { PostgresAddress } from './servers.js';

export interface TestDatabase {
  /** For createPool, connect, or the DB_* variables of a daemon (host is the folder of a Unix socket). */
  connection: PostgresAddress;
  /** A pool on it, closed by `drop`. */
  pool: Pool;
  /** Runs SQL unchanged, each call on a plain connection: for commands outside of transactions, and session settings. */
  plain(sql: string): Promise<pg.QueryResult>;
  /** Closes the pool and every other connection, and drops the database. */
  drop(): Promise<void>;
}

/** Copies the migrated template (about 50 ms). `empty` and `encoding` give a database without tables. */
export async function createDatabase(
  options: { empty?: boolean; encoding?: string } = {},
): Promise<TestDatabase> {
  const reply = await askFor('postgres');
  if (!('postgres' in reply)) throw new Error('the tests were given no PostgreSQL');
  const name = `test_${randomBytes(6).toString('hex')}`;
  const admin = (sql: string) => onPlain(reply.postgres, sql);
  const { empty, encoding } = options;
  // The usual strategy, a copy through the log, takes two to five times the CPU.
  await admin(
    `create database ${name} template ${empty || encoding ? 'template0' : 'csvjobs_template'}
     ${encoding ? `encoding '${encoding}' locale 'C'` : ''} strategy file_copy`,
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

/** Runs SQL on a connection without settings, like those of other applications. */
export async function onPlain(address: pg.ClientConfig, sql: string): Promise<pg.QueryResult> {
  const client = new pg.Client(address);
  await client.connect();
  try {
    return await client.query(sql);
  } finally {
    await client.end();
  }
}
