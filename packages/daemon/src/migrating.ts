/** The schema brought up to date: at a start, waiting for PostgreSQL, or by itself (`csvjobsd migrate`). */
import { setTimeout } from 'node:timers/promises';
import type { Config } from './config.js';
import { asFailure } from './failure.js';
import type { Log } from './log.js';
import { Releasers } from './releasers.js';
import { findServers } from './servers.js';
import { migrate } from './sql/migrate.js';
import type { Connection } from './sql/pool.js';

/** How often a start looks again whether PostgreSQL is there yet. */
const START_PAUSE_MS = 1_000;

/**
 * Migrates, and where PostgreSQL is not there yet says so and waits for it. Returns the connection with the schemas in
 * which the tables are, whatever the role's search_path says later.
 * @throws the reason of `giveUp` when that is aborted meanwhile
 */
export async function migrateWhenReady(
  connection: Connection,
  log: Log,
  giveUp: AbortSignal,
): Promise<Connection> {
  for (let told = false; ; told = true) {
    giveUp.throwIfAborted();
    try {
      const { ran, searchPath } = await migrate(connection);
      if (ran.length > 0) log.info({ migrations: ran }, 'database migrated');
      return { ...connection, searchPath };
    } catch (error) {
      const failure = asFailure(error);
      if (!failure.retryable) throw error;
      if (!told) log.warn({ err: failure }, 'PostgreSQL is not there yet; waiting for it');
      await setTimeout(START_PAUSE_MS, undefined, { signal: giveUp }).catch(() => {});
    }
  }
}

/** Migrates up, or one step down, and returns the names of what ran. */
export async function migrateDatabase(config: Config, log: Log, direction: 'up' | 'down'): Promise<string[]> {
  const releasers = new Releasers();
  try {
    const { connection } = await findServers(config, log, releasers, () => {}, { redis: false });
    return (await migrate(connection, { direction })).ran;
  } finally {
    await releasers.releaseAll();
  }
}
