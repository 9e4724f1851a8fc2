/** Serves the HTTP API of a daemon: who may call it, what it needs of the other parts, and its server. */
import { openAccess } from './access/open.js';
import type { Config } from './config.js';
import { createApp } from './http/app.js';
import type { AppDeps } from './http/deps.js';
import { type RunningServer, startServer } from './http/server.js';
import { admit } from './intake/gate.js';
import { isSmallFile } from './intake/smallFile.js';
import type { Log } from './log.js';
import type { RedisParts } from './openRedis.js';
import { rowPlanOf } from './pipeline/header.js';
import { headerRuleFor } from './pipeline/headerRule.js';
import { previewFile } from './pipeline/preview/previewFile.js';
import type { Readers } from './pipeline/readers.js';
import { enqueueJob, type Queues } from './queue/queues.js';
import { isReady } from './redis/ready.js';
import type { Releasers } from './releasers.js';
import type { Connection } from './sql/pool.js';
import { within } from './within.js';
import { readLimits } from './work.js';

/**
 * For counting requests, which must not wait: an unavailable Redis fails at once, one that hangs in this many
 * ms.
 */
const COUNTING = { enableOfflineQueue: false, commandTimeout: 250 };

/** The parts of the daemon that the API uses; `AppDeps` has what it is given as it is. */
export interface ApiParts
  extends Pick<
    AppDeps,
    'pool' | 'storage' | 'sources' | 'tables' | 'metrics' | 'checks' | 'version' | 'log'
  > {
  log: Log;
  redis: RedisParts;
  redisIsOurs: boolean;
  /** The data folder of our own PostgreSQL. */
  ownDataDir: string | undefined;
  connection: Connection;
  readers: Readers;
  queues: Queues;
}

export async function serveApi(
  config: Config,
  parts: ApiParts,
  releasers: Releasers,
): Promise<RunningServer> {
  const { pool, storage, log, redis, redisIsOurs, ownDataDir, connection, readers, queues, ...given } = parts;
  const { access, summary } = await openAccess(pool, {
    host: config.API_HOST,
    token: config.API_TOKEN,
    allowAnonymous: config.API_ALLOW_ANONYMOUS,
    ownDataDir,
  });
  log.info({ access: summary }, 'access');
  if (config.CORS_ORIGIN === '*')
    log.warn('CORS_ORIGIN is *: any web page can call the API from the browser of anyone who opens it');

  // No other process counts in a private Redis.
  const sharedRate = redisIsOurs
    ? undefined
    : { client: redis.open(COUNTING), prefix: `${config.QUEUE_PREFIX}:rate` };
  // So that the first requests count together with all others; does not wait for an unavailable Redis.
  if (sharedRate) await within(COUNTING.commandTimeout, isReady(sharedRate.client));

  const limits = {
    maxUploadBytes: config.MAX_UPLOAD_BYTES,
    maxRecordBytes: config.MAX_RECORD_BYTES,
    maxDecodedBytes: config.maxDecodedBytes,
  };
  const app = createApp({
    ...given,
    ...{ pool, storage, log, access, sharedRate },
    subscriptions: redis.subscriptions,
    tokenNews: redis.tokenNews,
    admit: async (file, into) => rowPlanOf(await admit(file, limits, headerRuleFor(into))),
    preview: (file) => previewFile({ pool, connection, storage, readers, limits: readLimits(config) }, file),
    enqueue: (jobId) => enqueueJob(pool, queues, jobId),
    isSmall: (file) => isSmallFile(file, config.SMALL_JOB_BYTES, storage),
    publish: redis.publisher.publish,
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
  return server;
}
