/** Where PostgreSQL and Redis are: elsewhere, as configured, or private ones that are started here. */
import type { RedisOptions } from 'ioredis';
import type { Config } from './config.js';
import { startEmbedded } from './embedded/embedded.js';
import type { Failure } from './failure.js';
import type { Log } from './log.js';
import { configuredRedis } from './redis/configured.js';
import type { Releasers } from './releasers.js';
import type { Connection } from './sql/pool.js';
import { configuredDatabase, configuredDirect } from './sql/reach/configured.js';

export interface Servers {
  connection: Connection;
  /**
   * To the same database, bypassing the pooler that `connection` uses; undefined if there is no direct
   * connection.
   */
  direct: Connection | undefined;
  redis: RedisOptions;
  /** No other process uses this Redis: its content comes from an earlier daemon, and is out of date. */
  redisIsOurs: boolean;
  /** The data folder of our own PostgreSQL. */
  ownDataDir: string | undefined;
}

/** Finds the servers, and starts those that are not configured, unless `abortSignal` is aborted meanwhile. */
export async function findServers(
  config: Config,
  log: Log,
  releasers: Releasers,
  onServerLost: (failure: Failure) => void,
  wanted: { redis: boolean; abortSignal?: AbortSignal },
): Promise<Servers> {
  const elsewhere = { connection: configuredDatabase(config), redis: configuredRedis(config) };
  const direct = configuredDirect(config);
  const want = { postgres: !elsewhere.connection, redis: wanted.redis && !elsewhere.redis };
  if (!want.postgres && !want.redis) {
    return {
      connection: elsewhere.connection!,
      direct,
      redis: elsewhere.redis ?? {},
      redisIsOurs: false,
      ownDataDir: undefined,
    };
  }
  const embedded = await startEmbedded({
    dataDir: config.dataDir,
    want,
    log,
    onServerLost,
    ...(wanted.abortSignal && { signal: wanted.abortSignal }),
  });
  // No time limit for the checkpoint: a server that is killed would have to recover at the next start.
  releasers.add('the private servers', () => embedded.close(), Number.POSITIVE_INFINITY);
  log.info({ ...want, dataDir: config.dataDir }, 'private servers started');
  return {
    connection: elsewhere.connection ?? { ...embedded.postgres!.connection, schema: config.DB_SCHEMA },
    direct,
    redis: elsewhere.redis ?? embedded.redis ?? {},
    redisIsOurs: want.redis,
    ownDataDir: want.postgres ? embedded.dataDir : undefined,
  };
}
