/** Opens the queues of a daemon, once it is sure that no daemon of another database uses them, and registers it as one of theirs. */
import type { Config } from './config.js';
import type { Failure } from './failure.js';
import type { Log } from './log.js';
import { claimQueue } from './oneDatabase.js';
import { joinQueue } from './oneQueue.js';
import type { RedisParts } from './openRedis.js';
import { createQueues, type Queues, withBoth } from './queue/queues.js';
import { isReady } from './redis/ready.js';
import type { Releasers } from './releasers.js';
import { anyRuns } from './sql/daemons.js';
import type { Pool } from './sql/pool.js';
import { WORKER_LEVEL } from './sql/workerLevel.js';
import type { Store } from './storage/store.js';
import { within } from './within.js';

/** For reading the queue's identity: a start without Redis waits no longer than this. */
const NAMING = { enableOfflineQueue: false, commandTimeout: 1_000 };

export interface QueuesTask {
  redis: RedisParts;
  /** No other daemon can have this Redis. */
  redisIsOurs: boolean;
  pool: Pool;
  /** Of the database. */
  identity: string;
  store: Store;
  works: boolean;
  log: Log;
  onFatal: (failure: Failure) => void;
  abortSignal: AbortSignal;
}

/** @throws {Failure} `queue_foreign` and others of `claimQueue` and `joinQueue` */
export async function openQueues(
  { QUEUE_PREFIX: prefix, SHUTDOWN_TIMEOUT }: Pick<Config, 'QUEUE_PREFIX' | 'SHUTDOWN_TIMEOUT'>,
  { redis, redisIsOurs, pool, identity, store, works, ...watched }: QueuesTask,
  releasers: Releasers,
): Promise<Queues> {
  const queues = createQueues({
    prefix,
    // For its two blocking clients, Bull requires unlimited retries and no ready check.
    createClient: (type) =>
      redis.open(type === 'client' ? {} : { maxRetriesPerRequest: null, enableReadyCheck: false }),
    onError: (err) => watched.log.debug({ err }, 'the queue cannot reach Redis'),
  });
  releasers.add('the queue', () => withBoth(queues, (queue) => queue.close(SHUTDOWN_TIMEOUT / 12)));
  const naming = redis.open(NAMING);
  await within(NAMING.commandTimeout, isReady(naming));
  const named = { redis: naming, prefix, ...watched };
  // Released after the registration below, so that it does not count itself.
  if (!redisIsOurs)
    releasers.add(
      'the report of this database',
      await claimQueue({ ...named, identity, othersRun: (withinMs) => anyRuns(pool, withinMs) }),
    );
  const workerLevel = works ? WORKER_LEVEL : undefined;
  const leave = await joinQueue({ ...named, pool, alone: redisIsOurs, store, workerLevel });
  releasers.add('the registration of this daemon', leave);
  return queues;
}
