import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';
import { Failure } from '../failure.js';
import { type Connection, connect } from './pool.js';

/** pg_c_utf8, the collation of the e-mail column, came with PostgreSQL 17. */
const OLDEST_SERVER = 170_000;

/** Any number will do, as long as every csvjobs daemon uses it: the lock of the one who migrates. */
const MIGRATION_LOCK = 6_277_151;

/** The folder of the migrations: beside the compiled program in a package, at the top in a checkout. */
export function migrationsFolder(): string {
  const places = ['../migrations', '../../../../migrations'].map((path) =>
    fileURLToPath(new URL(path, import.meta.url)),
  );
  const found = places.find((place) => existsSync(place));
  if (!found)
    throw new Failure(
      'migrations_missing',
      `no migrations in ${places.join(' or ')}; the installation is damaged, install csvjobs again`,
    );
  return found;
}

/**
 * Brings the schema up to date (or takes `count` migrations back, for `down`). An advisory lock makes daemons that
 * start together wait for the one that migrates. Returns the names of the migrations that ran.
 * @throws {Failure} `server_too_old` below PostgreSQL 17; what a migration throws otherwise
 */
export async function migrate(
  connection: Connection,
  options: { direction?: 'up' | 'down'; count?: number; log?: (line: string) => void } = {},
): Promise<string[]> {
  const client = await connect(connection, 'csvjobs migrate');
  try {
    const { rows } = await client.query<{ version: number; name: string }>(
      `select current_setting('server_version_num')::int as version, current_setting('server_version') as name`,
    );
    const server = rows[0]!;
    if (server.version < OLDEST_SERVER) {
      throw new Failure(
        'server_too_old',
        `this is PostgreSQL ${server.name}; csvjobs needs 17 or newer, 18 is best`,
      );
    }
    await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const ran = await runner({
      dbClient: client,
      dir: migrationsFolder(),
      // The dump of what they make lies among them.
      ignorePattern: '(\\..*|schema\\.sql)',
      direction: options.direction ?? 'up',
      ...(options.count === undefined ? {} : { count: options.count }),
      migrationsTable: 'pgmigrations',
      noLock: true,
      log: options.log ?? (() => {}),
    });
    return ran.map((migration) => migration.name);
  } finally {
    await client.end();
  }
}
