/** The checks of GET /readyz: each returns a short status, or throws the problem. */
import { checkRights, type HomeSchemas } from './sql/databaseRights.js';
import { pendingMigrations } from './sql/migrate.js';
import type { Connection, Pool } from './sql/pool.js';
import { reachDirectly } from './sql/sameDatabase.js';
import { workersAtWork } from './sql/workerLevel.js';

/**
 * Includes the schema of our tables if it is not `public`. @throws the error of the connection if PostgreSQL
 * is unavailable; {Failure} `database_rights`, in one line, if a privilege on our tables was revoked
 */
export async function databaseState(pool: Pool, home: HomeSchemas): Promise<string> {
  await checkRights(pool, home).catch((error: Error) => {
    throw new Error(error.message.replace(/\s*\n\s*/g, ' '), { cause: error });
  });
  const { rows } = await pool.query<{ version: string }>(
    `select current_setting('server_version') as version`,
  );
  const { version } = rows[0]!;
  const { schema } = home;
  return `PostgreSQL ${version}${schema === 'public' ? '' : `, schema ${schema}`}`;
}

/** @throws if the schema is older than this program needs, after a migration was rolled back, for example */
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
  const some = `${workers} active`;
  if (unknown === 0) return some;
  const jobs = unknown === 1 ? '1 job waits' : `${unknown} jobs wait`;
  const why =
    workers === 0
      ? `${jobs} and no worker is active; start one: csvjobsd --role worker`
      : `${jobs} for a newer worker than those active (${workers}); upgrade the workers like the API`;
  return { message: pending === unknown ? why : `${why} (${pending} wait in all)`, warning: true };
}

/**
 * Time limit for a check of the direct connection, and how long a good result is reused, in ms: each check
 * opens a connection.
 */
const DIRECT_PATIENCE_MS = 2_000;
const DIRECT_WELL_MS = 5_000;

/**
 * Whether DATABASE_DIRECT_URL currently leads to the pool's database. A process that loads nothing works
 * without it, except for previews: there a problem is a warning.
 * @returns a check, which throws the error of the connection, or {Failure} `databases_differ`
 */
export function directState(
  pool: Pool,
  direct: Connection,
  loads: boolean,
): () => Promise<string | { message: string; warning: true }> {
  let wellUntil = 0;
  return async () => {
    try {
      if (performance.now() >= wellUntil) {
        await reachDirectly(pool, direct, DIRECT_PATIENCE_MS);
        wellUntil = performance.now() + DIRECT_WELL_MS;
      }
    } catch (error) {
      if (loads) throw error;
      return { message: `jobs cannot be loaded this way: ${(error as Error).message}`, warning: true };
    }
    return 'leads to the same database';
  };
}
