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
  /** To the same database, past the pooler that `connection` leads through; undefined where there is no other way. */
  direct: Connection | undefined;
  redis: RedisOptions;
  /** Nobody else uses this Redis: what it still holds is of an earlier daemon, and out of date. */
  redisIsOurs: boolean;
  /** The data folder of a PostgreSQL of our own. */
  ownDataDir: string | undefined;
}

/** Finds out where the servers are, and starts those that nobody configured, unless `giveUp` is aborted meanwhile. */
export async function findServers(
  config: Config,
  log: Log,
  releasers: Releasers,
  onServerLost: (failure: Failure) => void,
  wanted: { redis: boolean; giveUp?: AbortSignal },
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
    ...(wanted.giveUp && { signal: wanted.giveUp }),
  });
  // A checkpoint takes as long as it takes; a server that is cut off would have to recover at the next start.
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
