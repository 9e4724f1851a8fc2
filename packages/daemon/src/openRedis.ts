/** The parts of a daemon that need only Redis: its health, and news of jobs and tokens. */
import type { Config } from './config.js';
import type { Log } from './log.js';
import { createPublisher, type Publisher } from './progress/publish.js';
import { createSubscriptions, type Subscriptions } from './progress/subscribe.js';
import { createTokenNews, type TokenNews } from './progress/tokenNews.js';
import { createConnections, type RedisConnections } from './redis/connections.js';
import { redisHealth, watchHealth } from './redis/health.js';
import type { Releasers } from './releasers.js';

export interface RedisParts {
  /** Opens another connection, which is closed with the daemon. */
  open: RedisConnections['open'];
  /** @throws if Redis has a problem */
  health(): Promise<string>;
  publisher: Publisher;
  subscriptions: Subscriptions;
  tokenNews: TokenNews;
}

export function openRedis(
  address: Parameters<typeof createConnections>[0],
  { QUEUE_PREFIX, PROGRESS_INTERVAL }: Pick<Config, 'QUEUE_PREFIX' | 'PROGRESS_INTERVAL'>,
  log: Log,
  releasers: Releasers,
): RedisParts {
  const connections = createConnections(address, (err) =>
    log.debug({ err }, 'Redis is unavailable, or refuses commands'),
  );
  const open: RedisConnections['open'] = (options) => {
    const redis = connections.open(options);
    releasers.add('a connection to Redis', () => redis.disconnect());
    return redis;
  };
  const redis = open({ enableOfflineQueue: false });
  const health = () => redisHealth(redis, { prefix: QUEUE_PREFIX, refusal: connections.refusal });
  const watch = watchHealth(health, {
    unwell: (what) => log.warn(`Redis has a problem: ${what}; uploads are accepted, jobs wait`),
    well: () => log.info('Redis has recovered'),
  });
  releasers.add('the check of Redis', () => void watch.stop());
  const publisher = createPublisher(redis, {
    intervalMs: PROGRESS_INTERVAL,
    channel: `${QUEUE_PREFIX}:progress`,
    onError: (err) => log.warn({ err }, 'cannot publish progress'),
  });
  releasers.add('the publisher', () => publisher.close());
  const subscribing = open();
  const subscriptions = createSubscriptions(subscribing, {
    channel: `${QUEUE_PREFIX}:progress`,
    onError: (err) => log.warn({ err }, 'cannot receive progress; watched jobs are polled in PostgreSQL'),
  });
  const tokenNews = createTokenNews(
    { publishing: redis, subscribing },
    {
      channel: `${QUEUE_PREFIX}:tokens`,
      onError: (err) =>
        log.warn(
          { err },
          'cannot publish or receive token revocations; open streams are checked at each heartbeat',
        ),
    },
  );
  return { open, health, publisher, subscriptions, tokenNews };
}
