/** Updates the schema: at startup, waiting for PostgreSQL, or on its own (`csvjobsd migrate`). */
import type { Config } from './config.js';
import type { Log } from './log.js';
import { Releasers } from './releasers.js';
import { findServers, type Servers } from './servers.js';
import type { Home } from './sql/databaseCheck.js';
import type { HomeSchemas } from './sql/databaseRights.js';
import { checkWay, migrateHome } from './sql/migrate.js';
import type { Connection } from './sql/pool.js';
import { assertSameDatabase } from './sql/sameDatabase.js';
import { whenDatabaseAnswers } from './waiting.js';

/** The connections to a migrated database; each names the schemas of its tables. */
export interface Database {
  /** For the pool. */
  connection: Connection;
  home: HomeSchemas;
  /** For loading: bypasses the pooler if there is a direct connection. */
  loading: Connection;
}

/**
 * Migrates, bypassing the pooler if there is a direct connection; then also checks the role of the pool.
 * @throws {Failure} `databases_differ`; see migrate
 */
export async function migrateDirectly(
  { connection, direct }: Pick<Servers, 'connection' | 'direct'>,
  direction: 'up' | 'down' = 'up',
): Promise<{ ran: string[]; home: Home }> {
  if (!direct) return migrateHome(connection, { direction });
  await assertSameDatabase(connection, direct);
  const { ran, home } = await migrateHome(direct, { direction });
  if (direction === 'up') await checkWay(connection, home);
  return { ran, home };
}

/**
 * Migrates; if PostgreSQL is not available yet, logs that and waits for it. Returns the connections with the
 * schemas of the tables, whatever the role's search_path becomes later.
 * @throws the reason of `abortSignal` if that is aborted meanwhile
 */
export async function migrateWhenReady(
  servers: Pick<Servers, 'connection' | 'direct'>,
  log: Log,
  abortSignal: AbortSignal,
): Promise<Database> {
  const { ran, home } = await whenDatabaseAnswers(() => migrateDirectly(servers), log, abortSignal);
  if (ran.length > 0) log.info({ migrations: ran }, 'database migrated');
  const { connection, direct = connection } = servers;
  const { searchPath } = home;
  return { connection: { ...connection, searchPath }, loading: { ...direct, searchPath }, home };
}

/** Migrates up, or one step down, and returns the names of what ran. */
export async function migrateDatabase(config: Config, log: Log, direction: 'up' | 'down'): Promise<string[]> {
  const releasers = new Releasers();
  try {
    const servers = await findServers(config, log, releasers, () => {}, { redis: false });
    return (await migrateDirectly(servers, direction)).ran;
  } finally {
    await releasers.releaseAll();
  }
}
