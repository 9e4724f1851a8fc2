/** The private PostgreSQL of a benchmark: the very server, with the very settings, that a daemon would start. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startEmbedded } from '../packages/daemon/dist/embedded/embedded.js';
import { migrate } from '../packages/daemon/dist/sql/migrate.js';

/** The job that RAW's rows belong to; the others make their own. */
export const RAW_JOB = '00000000-0000-4000-8000-000000000001';

const QUIET = { info: () => {}, warn: () => {} };

/**
 * Starts a server in a folder of its own and brings the schema up to date.
 * @returns how to connect, a folder for files, and `close`, which leaves nothing behind
 */
export async function startServer() {
  const folder = mkdtempSync(join(tmpdir(), 'csvjobs-bench-'));
  const embedded = await startEmbedded({
    dataDir: join(folder, 'data'),
    want: { postgres: true, redis: false },
    log: QUIET,
    onServerLost: (failure) => {
      throw failure;
    },
  });
  const { connection } = embedded.postgres;
  await migrate(connection);
  return {
    connection,
    folder,
    async close() {
      await embedded.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Runs statements on a connection of their own; returns the rows of the last. */
export async function sql(connection, ...statements) {
  const client = new pg.Client(connection);
  await client.connect();
  try {
    let rows = [];
    for (const statement of statements) ({ rows } = await client.query(statement));
    return rows;
  } finally {
    await client.end();
  }
}

/** Empty tables and nothing left to write: every run starts the same. */
export async function emptyTables(connection) {
  await sql(
    connection,
    'truncate customers, job_errors, jobs cascade',
    `insert into jobs (id, filename, status, size_bytes, sha256) values ('${RAW_JOB}', 'raw', 'completed', 0, '')`,
    'checkpoint',
  );
}

/** What is in the tables: to see that a run really loaded what it should. */
export async function countRows(connection) {
  const [row] = await sql(
    connection,
    'select (select count(*)::int from customers) as good, (select count(*)::int from job_errors) as bad',
  );
  return row;
}
