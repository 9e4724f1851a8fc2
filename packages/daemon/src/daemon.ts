import { CUSTOMERS, type TableName } from '@csvjobs/shared';
import { openTableAccess } from './access/tables.js';
import type { Config } from './config.js';
import { armFailpoints } from './failpoint.js';
import type { Failure } from './failure.js';
import type { Log } from './log.js';
import { createMetrics } from './metrics/metrics.js';
import { migrateWhenReady } from './migrating.js';
import { openQueues } from './openQueues.js';
import { openRedis } from './openRedis.js';
import { openUploads } from './openUploads.js';
import { createReaders } from './pipeline/readers.js';
import { withBoth } from './queue/queues.js';
import { databaseState, directState, schemaState, workerState } from './readiness.js';
import { Releasers } from './releasers.js';
import { serveApi } from './serveApi.js';
import { findServers } from './servers.js';
import { createSources } from './sources/sources.js';
import { withSources } from './sources/withSources.js';
import { databaseIdentity } from './sql/identity.js';
import { createPool } from './sql/pool.js';
import { openStore } from './storage/openStore.js';
import { startUpkeep } from './upkeep.js';
import { version } from './version.js';
import { whenDatabaseAnswers } from './waiting.js';
import { startWebhooks } from './webhooks/webhooks.js';
import { within } from './within.js';
import { startWork, type Work } from './work.js';

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
  const redis = openRedis(servers.redis, config, log, releasers);
  const sources = createSources(config.SOURCE_BUCKETS, config.S3_ENDPOINT);
  const identity = await whenDatabaseAnswers(() => databaseIdentity(pool), log, abortSignal);
  const { store, guard, ...uploads } = await openUploads(
    { pool, store: await openStore(config), log },
    onFatal,
    abortSignal,
  );
  releasers.add('the check of the upload store', async () => uploads.stop());
  const storage = withSources(store, pool, sources);

  const { redisIsOurs } = servers;
  const works = role !== 'api';
  const queues = await openQueues(
    config,
    { redis, redisIsOurs, pool, identity, store: storage, works, log, onFatal, abortSignal },
    releasers,
  );
  const tables = await openTableAccess(pool, {
    targetTables: config.TARGET_TABLES,
    ownServer: servers.ownDataDir !== undefined,
  });
  const metrics = createMetrics({ pool, version, role, store: storage });
  const { publish } = redis.publisher;
  // Before the work: no job may end before its webhooks are registered.
  const webhooks = await startWebhooks(config.webhooks, { pool, log, version, count: metrics.webhook });
  releasers.add('the webhooks', () => webhooks.stop());
  let work: Work | undefined;
  if (works) {
    // The content of a private queue comes from an earlier daemon; rebuilt, it has the order of the uploads.
    if (redisIsOurs) await withBoth(queues, (queue) => queue.empty());
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
      subscriptions: redis.subscriptions,
      observer: metrics,
      log,
      refusal,
    };
    work = startWork(config, queues, given);
  }
  await startUpkeep({ config, pool, queues, publish, storage, guard, log }, { retain: works }, releasers);

  let stopping = false;
  const server = await serveApi(
    config,
    {
      ...{ pool, storage, sources, tables, metrics, version, log, redis, redisIsOurs, readers, queues },
      connection: loading,
      ownDataDir: servers.ownDataDir,
      checks: {
        daemon: async () => {
          if (stopping) throw new Error('the daemon is stopping');
          return `${role}, version ${version}`;
        },
        postgresql: () => databaseState(pool, home),
        migrations: () => schemaState(pool),
        ...(servers.direct && { direct: directState(pool, loading, works) }),
        redis: redis.health,
        workers: () => workerState(pool),
        [config.uploadBucket ? 'store' : 'disk']: storage.health,
      },
    },
    releasers,
  );
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
