/** The composition root: from a configuration to a running daemon, and its shutdown. */
import { once } from 'node:events';
import { CUSTOMERS, type TableName } from '@csvjobs/shared';
import pTimeout from 'p-timeout';
import { openAccess } from './access/open.js';
import { openTableAccess } from './access/tables.js';
import type { Config } from './config.js';
import { armFailpoints } from './failpoint.js';
import type { Failure } from './failure.js';
import { createApp } from './http/app.js';
import { startServer } from './http/server.js';
import { admit } from './intake/gate.js';
import { isSmallFile } from './intake/smallFile.js';
import type { Log } from './log.js';
import { createMetrics } from './metrics/metrics.js';
import { migrateWhenReady } from './migrating.js';
import { claimQueue } from './oneDatabase.js';
import { joinQueue } from './oneQueue.js';
import { openUploads } from './openUploads.js';
import { rowPlanOf } from './pipeline/header.js';
import { headerRuleFor } from './pipeline/headerRule.js';
import { previewFile } from './pipeline/preview/previewFile.js';
import { createReaders } from './pipeline/readers.js';
import { createPublisher } from './progress/publish.js';
import { createSubscriptions } from './progress/subscribe.js';
import { createTokenNews } from './progress/tokenNews.js';
import { createQueues, enqueueJob, withBoth } from './queue/queues.js';
import { databaseState, directState, schemaState, workerState } from './readiness.js';
import { createConnections, type RedisConnections } from './redis/connections.js';
import { redisHealth, watchHealth } from './redis/health.js';
import { Releasers } from './releasers.js';
import { findServers } from './servers.js';
import { createSources } from './sources/sources.js';
import { withSources } from './sources/withSources.js';
import { anyRuns } from './sql/daemons.js';
import { databaseIdentity } from './sql/identity.js';
import { createPool } from './sql/pool.js';
import { WORKER_LEVEL } from './sql/workerLevel.js';
import { openStore } from './storage/openStore.js';
import { startUpkeep } from './upkeep.js';
import { version } from './version.js';
import { whenDatabaseAnswers } from './waiting.js';
import { startWebhooks } from './webhooks/webhooks.js';
import { readLimits, startWork, type Work } from './work.js';

export const ROLES = ['all', 'api', 'worker'] as const;
/** What a process does: serve the API, work on jobs, or both. */
export type Role = (typeof ROLES)[number];

export interface Daemon {
  url: string;
  /**
   * Resolves with the reason when the daemon cannot continue: a private server has exited, or another daemon
   * has another queue.
   */
  fatalError: Promise<Failure>;
  /**
   * Stops in order: not ready, streams end and readers reconnect, the current batch is committed, everything
   * is closed. After three quarters of SHUTDOWN_TIMEOUT everything but private servers is closed or given up;
   * those take as long as they need.
   */
  close(): Promise<void>;
}

/**
 * Starts a daemon; when this returns, it is ready. If it throws, everything that was started is closed again.
 * @throws the reason of `abortSignal` if that is aborted meanwhile: the wait for PostgreSQL may be endless
 */
export async function startDaemon(
  config: Config,
  log: Log,
  role: Role,
  abortSignal: AbortSignal,
): Promise<Daemon> {
  // Half of the shutdown time is for the work under way; each thing that hangs afterwards may take a twelfth
  // (see close).
  const releasers = new Releasers(config.SHUTDOWN_TIMEOUT / 12);
  try {
    return await compose(config, log, role, releasers, abortSignal);
  } catch (error) {
    await releasers.releaseAll().catch((err: unknown) => log.error({ err }, 'not everything was closed'));
    throw error;
  }
}

/**
 * For counting requests, which must not wait: an unavailable Redis fails at once, one that hangs in this many
 * ms.
 */
const COUNTING = { enableOfflineQueue: false, commandTimeout: 250 };
/** For reading the queue's identity: a start without Redis waits no longer than this. */
const NAMING = { enableOfflineQueue: false, commandTimeout: 1_000 };

async function compose(
  config: Config,
  log: Log,
  role: Role,
  releasers: Releasers,
  abortSignal: AbortSignal,
): Promise<Daemon> {
  let onFatal: (failure: Failure) => void = () => {};
  const fatalError = new Promise<Failure>((resolve) => {
    onFatal = resolve;
  });
  armFailpoints(config.failpoints);
  // First of all: its thread gets ready while the servers do, so that a resumed job need not wait for it.
  const readers = createReaders(undefined, { ahead: role !== 'api' });
  releasers.add('the reading thread', () => readers.close());
  const servers = await findServers(config, log, releasers, onFatal, { redis: true, abortSignal });
  const { connection, loading, home } = await migrateWhenReady(servers, log, abortSignal);

  const pool = createPool(connection, (err) => log.warn({ err }, 'a connection to PostgreSQL broke'));
  releasers.add('the connections to PostgreSQL', () => pool.end());
  const connections = createConnections(servers.redis, (err) =>
    log.debug({ err }, 'Redis is unavailable, or refuses commands'),
  );
  const openRedis: typeof connections.open = (options) => {
    const redis = connections.open(options);
    releasers.add('a connection to Redis', () => redis.disconnect());
    return redis;
  };
  const redis = openRedis({ enableOfflineQueue: false });
  const redisState = () => redisHealth(redis, { prefix: config.QUEUE_PREFIX, refusal: connections.refusal });
  const watch = watchHealth(redisState, {
    unwell: (what) => log.warn(`Redis has a problem: ${what}; uploads are accepted, jobs wait`),
    well: () => log.info('Redis has recovered'),
  });
  releasers.add('the check of Redis', () => void watch.stop());
  const publisher = createPublisher(redis, {
    intervalMs: config.PROGRESS_INTERVAL,
    channel: `${config.QUEUE_PREFIX}:progress`,
    onError: (err) => log.warn({ err }, 'cannot publish progress'),
  });
  releasers.add('the publisher', () => publisher.close());
  const subscribing = openRedis();
  const subscriptions = createSubscriptions(subscribing, {
    channel: `${config.QUEUE_PREFIX}:progress`,
    onError: (err) => log.warn({ err }, 'cannot receive progress; watched jobs are polled in PostgreSQL'),
  });
  const tokenNews = createTokenNews(
    { publishing: redis, subscribing },
    {
      channel: `${config.QUEUE_PREFIX}:tokens`,
      onError: (err) =>
        log.warn(
          { err },
          'cannot publish or receive token revocations; open streams are checked at each heartbeat',
        ),
    },
  );
  const sources = createSources(config.SOURCE_BUCKETS, config.S3_ENDPOINT);
  const identity = await whenDatabaseAnswers(() => databaseIdentity(pool), log, abortSignal);
  const { store, guard, ...uploads } = await openUploads(
    { pool, store: await openStore(config), log },
    onFatal,
    abortSignal,
  );
  releasers.add('the check of the upload store', async () => uploads.stop());
  const storage = withSources(store, pool, sources);

  const queues = createQueues({
    prefix: config.QUEUE_PREFIX,
    // For its two blocking clients, Bull requires unlimited retries and no ready check.
    createClient: (type) =>
      openRedis(type === 'client' ? {} : { maxRetriesPerRequest: null, enableReadyCheck: false }),
    onError: (err) => log.debug({ err }, 'the queue cannot reach Redis'),
  });
  releasers.add('the queue', () => withBoth(queues, (queue) => queue.close(config.SHUTDOWN_TIMEOUT / 12)));

  const naming = openRedis(NAMING);
  await within(NAMING.commandTimeout, isReady(naming));
  // No other daemon can have a private Redis. Released after the registration below, so that it does not count itself.
  if (!servers.redisIsOurs)
    releasers.add(
      'the report of this database',
      await claimQueue({
        redis: naming,
        prefix: config.QUEUE_PREFIX,
        identity,
        log,
        onFatal,
        othersRun: (withinMs) => anyRuns(pool, withinMs),
        abortSignal,
      }),
    );
  const leaveQueue = await joinQueue({
    pool,
    redis: naming,
    prefix: config.QUEUE_PREFIX,
    alone: servers.redisIsOurs,
    store: storage,
    workerLevel: role === 'api' ? undefined : WORKER_LEVEL,
    log,
    onFatal,
    abortSignal,
  });
  releasers.add('the registration of this daemon', leaveQueue);

  const tables = await openTableAccess(pool, {
    targetTables: config.TARGET_TABLES,
    ownServer: servers.ownDataDir !== undefined,
  });
  const metrics = createMetrics({ pool, version, role, store: storage });
  const { publish } = publisher;
  // Before the work: no job may end before its webhooks are registered.
  const webhooks = await startWebhooks(config.webhooks, { pool, log, version, count: metrics.webhook });
  releasers.add('the webhooks', () => webhooks.stop());
  let work: Work | undefined;
  if (role !== 'api') {
    // The content of a private queue comes from an earlier daemon; rebuilt, it has the order of the uploads.
    if (servers.redisIsOurs) await withBoth(queues, (queue) => queue.empty());
    const refusal = (table: TableName = { schema: tables.home, name: CUSTOMERS }) =>
      tables.refusal({ tables: null }, table);
    const given = {
      pool,
      connection: loading,
      storage,
      home,
      present: () => storage.present(),
      readers,
      publish,
      subscriptions,
      observer: metrics,
      log,
      refusal,
    };
    work = startWork(config, queues, given);
  }
  await startUpkeep(
    { config, pool, queues, publish, storage, guard, log },
    { retain: role !== 'api' },
    releasers,
  );

  const { access, summary } = await openAccess(pool, {
    host: config.API_HOST,
    token: config.API_TOKEN,
    allowAnonymous: config.API_ALLOW_ANONYMOUS,
    ownDataDir: servers.ownDataDir,
  });
  log.info({ access: summary }, 'access');
  if (config.CORS_ORIGIN === '*')
    log.warn('CORS_ORIGIN is *: any web page can call the API from the browser of anyone who opens it');

  // No other process counts in a private Redis.
  const sharedRate = servers.redisIsOurs
    ? undefined
    : { client: openRedis(COUNTING), prefix: `${config.QUEUE_PREFIX}:rate` };
  // So that the first requests count together with all others; does not wait for an unavailable Redis.
  if (sharedRate) await within(COUNTING.commandTimeout, isReady(sharedRate.client));

  let stopping = false;
  const app = createApp({
    pool,
    storage,
    sources,
    subscriptions,
    tokenNews,
    access,
    tables,
    sharedRate,
    metrics,
    admit: async (file, into) =>
      rowPlanOf(
        await admit(
          file,
          {
            maxUploadBytes: config.MAX_UPLOAD_BYTES,
            maxRecordBytes: config.MAX_RECORD_BYTES,
            maxDecodedBytes: config.maxDecodedBytes,
          },
          headerRuleFor(into),
        ),
      ),
    preview: (file) =>
      previewFile({ pool, connection: loading, storage, readers, limits: readLimits(config) }, file),
    enqueue: (jobId) => enqueueJob(pool, queues, jobId),
    isSmall: (file) => isSmallFile(file, config.SMALL_JOB_BYTES, storage),
    publish,
    checks: {
      daemon: async () => {
        if (stopping) throw new Error('the daemon is stopping');
        return `${role}, version ${version}`;
      },
      postgresql: () => databaseState(pool, home),
      migrations: () => schemaState(pool),
      ...(servers.direct && { direct: directState(pool, loading, role !== 'api') }),
      redis: redisState,
      workers: () => workerState(pool),
      [config.uploadBucket ? 'store' : 'disk']: storage.health,
    },
    version,
    log,
    options: {
      corsOrigin: config.CORS_ORIGIN,
      allowedHosts: config.allowedHosts,
      maxUploadBytes: config.MAX_UPLOAD_BYTES,
      maxUploads: config.MAX_UPLOADS,
      uploadExpiryMs: config.UPLOAD_EXPIRY,
      maxQueued: config.MAX_QUEUED,
      maxHeld: config.MAX_HELD,
      maxHeaders: config.MAX_HEADERS,
      rateLimit: config.RATE_LIMIT,
      maxStreams: config.MAX_STREAMS,
      maxReports: config.MAX_REPORTS,
    },
  });
  releasers.add('the app', () => app.close());
  const server = await startServer(app, {
    host: config.API_HOST,
    port: config.API_PORT,
    uploadIdleMs: config.UPLOAD_IDLE_TIMEOUT,
    maxHeaderBytes: config.MAX_HEADER_BYTES,
  });
  releasers.add('the server', () => server.close({ graceMs: 0 }));
  log.info({ url: server.url, role, version }, 'listening');

  return {
    url: server.url,
    fatalError,
    async close() {
      const asked = performance.now();
      stopping = true;
      const graceMs = config.SHUTDOWN_TIMEOUT / 2;
      // An upload whose answer waits for PostgreSQL may outlast its connection.
      const served = within(graceMs + config.SHUTDOWN_TIMEOUT / 12, server.close({ graceMs }));
      const sent = webhooks.drain(graceMs / 2);
      await Promise.all([served, within(graceMs, sent), work && within(graceMs, work.drain())]);
      // Private servers are stopped last, and need the rest of the time.
      const deadline = asked + config.SHUTDOWN_TIMEOUT * 0.75;
      await releasers
        .releaseAll(deadline)
        .catch((err: unknown) => log.warn({ err }, 'not everything was closed in order'));
    },
  };
}

/** Resolves when a client is connected; also when the first try fails, for which `within` should not wait. */
async function isReady(client: ReturnType<RedisConnections['open']>): Promise<void> {
  if (client.status !== 'ready') await once(client, 'ready').catch(() => {});
}

/** Waits for a promise, but at most this many milliseconds. */
function within(ms: number, promise: Promise<unknown>): Promise<unknown> {
  return pTimeout(promise, { milliseconds: ms, fallback: () => {} });
}
