/** The schema brought up to date: at a start, waiting for PostgreSQL, or by itself (`csvjobsd migrate`). */
import type { Config } from './config.js';
import type { Log } from './log.js';
import { Releasers } from './releasers.js';
import { findServers, type Servers } from './servers.js';
import { checkWay, type Migrated, migrate, migrateHome } from './sql/migrate.js';
import type { Connection } from './sql/pool.js';
import { mustBeSameDatabase } from './sql/sameDatabase.js';
import { whenDatabaseAnswers } from './waiting.js';

/** The ways to a migrated database; each says in which schemas its tables are. */
export interface Database {
  /** For the pool. */
  connection: Connection;
  /** For what loads: past the pooler, where there is such a way. */
  loading: Connection;
}

/**
 * Migrates, past the pooler where there is such a way; the role of the pool is then looked at, too.
 * @throws {Failure} `databases_differ`; see migrate
 */
export async function migrateDirectly(
  { connection, direct }: Pick<Servers, 'connection' | 'direct'>,
  direction: 'up' | 'down' = 'up',
): Promise<Migrated> {
  if (!direct) return migrate(connection, { direction });
  await mustBeSameDatabase(connection, direct);
  const { ran, home } = await migrateHome(direct, { direction });
  if (direction === 'up') await checkWay(connection, home);
  return { ran, searchPath: home.searchPath };
}

/**
 * Migrates, and where PostgreSQL is not there yet says so and waits for it. Returns the ways to it with the schemas in
 * which the tables are, whatever the role's search_path says later.
 * @throws the reason of `giveUp` when that is aborted meanwhile
 */
export async function migrateWhenReady(
  servers: Pick<Servers, 'connection' | 'direct'>,
  log: Log,
  giveUp: AbortSignal,
): Promise<Database> {
  const { ran, searchPath } = await whenDatabaseAnswers(() => migrateDirectly(servers), log, giveUp);
  if (ran.length > 0) log.info({ migrations: ran }, 'database migrated');
  const { connection, direct = connection } = servers;
  return { connection: { ...connection, searchPath }, loading: { ...direct, searchPath } };
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
