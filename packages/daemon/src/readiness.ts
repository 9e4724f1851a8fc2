/** What GET /readyz asks of the servers: each check gives a word on how it is, or throws what is not well. */
import { pendingMigrations } from './sql/migrate.js';
import type { Pool } from './sql/pool.js';
import { workersAtWork } from './sql/workerLevel.js';

/** With the schema of our tables where that is not `public`. @throws the error of the connection when PostgreSQL is not there */
export async function databaseVersion(pool: Pool): Promise<string> {
  const { rows } = await pool.query<{ version: string; schema: string }>(
    `select current_setting('server_version') as version, current_schema()::text as schema`,
  );
  const { version, schema } = rows[0]!;
  return `PostgreSQL ${version}${schema === 'public' ? '' : `, schema ${schema}`}`;
}

/** @throws when the schema is older than this program needs, after a migration was taken back for one */
export async function schemaState(pool: Pool): Promise<string> {
  const pending = await pendingMigrations(pool);
  if (pending.length > 0) throw new Error(`not migrated yet: ${pending.join(', ')}; run: csvjobsd migrate`);
  return 'up to date';
}

/**
 * The workers on all hosts. Jobs that none of them can load are a warning: uploads are accepted, and wait.
 * @throws the error of the connection
 */
export async function workerState(pool: Pool): Promise<string | { message: string; warning: true }> {
  const { workers, pending, unknown } = await workersAtWork(pool);
  const some = `${workers} at work`;
  if (unknown === 0) return some;
  const jobs = unknown === 1 ? '1 job waits' : `${unknown} jobs wait`;
  const why =
    workers === 0
      ? `${jobs} and no worker is at work; start one: csvjobsd --role worker`
      : `${jobs} for a newer worker than the ${some}; upgrade the workers as the API was`;
  return { message: pending === unknown ? why : `${why} (${pending} wait in all)`, warning: true };
}
