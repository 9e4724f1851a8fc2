/** A migrated database of its own for a test file: `const db = await createDatabase()` … `await db.drop()`. */
import { randomBytes } from 'node:crypto';
import { connect, createPool, type Pool } from '../../src/sql/pool.js';
import { askFor } from './askFor.js';
import type { PostgresAddress } from './servers.js';

export interface TestDatabase {
  /** For createPool, connect, or the DB_* variables of a daemon (host is the folder of a Unix socket). */
  connection: PostgresAddress;
  /** A pool on it, ended by `drop`. */
  pool: Pool;
  /** Ends the pool and every other connection, and removes the database. */
  drop(): Promise<void>;
}

/** Copies the migrated template (some 50 ms). `empty` gives a database without any table, to migrate oneself. */
export async function createDatabase(options: { empty?: boolean } = {}): Promise<TestDatabase> {
  const reply = await askFor('postgres');
  if (!('postgres' in reply)) throw new Error('the tests were given no PostgreSQL');
  const name = `test_${randomBytes(6).toString('hex')}`;
  const admin = async (sql: string) => {
    const client = await connect(reply.postgres, 'csvjobs tests');
    try {
      await client.query(sql);
    } finally {
      await client.end();
    }
  };
  await admin(`create database ${name} template ${options.empty ? 'template0' : 'csvjobs_template'}`);
  const connection = { ...reply.postgres, database: name };
  const pool = createPool(connection, () => {});
  return {
    connection,
    pool,
    drop: async () => {
      await pool.end();
      await admin(`drop database ${name} with (force)`);
    },
  };
}
