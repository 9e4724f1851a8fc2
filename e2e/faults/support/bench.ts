/**
 * The setup of a scenario: a database, a Redis prefix, an upload folder, a proxy in front of each server, and any
 * number of daemons. `finish` stops the daemons cleanly and then checks for leftovers.
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type Connection, createPool, type Pool } from '../../../packages/daemon/src/sql/pool.js';
import { askFor } from '../../../packages/daemon/test/support/askFor.js';
import { createDatabase } from '../../../packages/daemon/test/support/postgres.js';
import {
  type PostgresAddress,
  type PrivatePostgres,
  type PrivateRedis,
  startPostgres,
  startRedis,
} from '../../../packages/daemon/test/support/servers.js';
import { keepRowsSecret, keepSecret } from '../../../packages/daemon/test/watch/watched.js';
import { type DaemonProcess, startDaemonProcess } from './daemonProcess.js';
import { MAX_RECORD_BYTES } from './dirtyFile.js';
import { type Looked, nothingHeld, nothingLeft } from './leftovers.js';
import { type FaultProxy, startProxy } from './proxy.js';
import { until } from './until.js';

export interface Bench {
  folder: string;
  uploads: string;
  /** A pool on the database itself, past the proxy. */
  pool: Pool;
  /** The address of the database itself. */
  address: PostgresAddress;
  database: FaultProxy;
  redis: FaultProxy;
  /** Only if the bench has its own. */
  postgresServer: PrivatePostgres;
  redisServer: PrivateRedis;
  /** Starts a daemon with this setup. */
  daemon(
    environment?: Record<string, string>,
    options?: { args?: string[]; prefix?: string[] },
  ): DaemonProcess;
  /** Called after everything has stopped, before the folder is removed. */
  afterwards(work: () => void): void;
  /** Stops everything and asserts that nothing is left: no file, lock, process, connection or descriptor. */
  finish(): Promise<void>;
}

export interface BenchOptions {
  /** A PostgreSQL that the scenario starts and stops itself: the daemons' connection to it, and its first address. */
  connection?: Connection & PostgresAddress;
  /** A separate PostgreSQL with these settings, which the scenario may break. */
  postgres?: Record<string, string>;
  /** A separate Redis, with these arguments. */
  redis?: string[];
  environment?: Record<string, string>;
  /** Without Redis: the daemons run private ones. */
  embeddedRedis?: boolean;
}

export async function openBench(options: BenchOptions = {}): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), 'csvjobs-faults-'));
  const uploads = join(folder, 'uploads');
  const own: { postgres?: PrivatePostgres; redis?: PrivateRedis } = {};
  if (options.postgres) own.postgres = await startPostgres({ max_connections: '60', ...options.postgres });
  if (options.redis) own.redis = await startRedis(options.redis);
  const { address, pool, drop } = await aDatabase(own.postgres, options.connection);
  const redisPath = own.redis?.path ?? (await sharedRedis());
  const database = await startProxy(() => join(address.host, `.s.PGSQL.${address.port}`));
  const redis = await startProxy(() => redisPath);
  const daemons: DaemonProcess[] = [];
  const after: (() => void)[] = [];

  const prefix = `faults:${randomBytes(6).toString('hex')}`;
  const queue = options.embeddedRedis ? undefined : { path: redisPath, prefix };
  const looked: Looked = { folder, uploads, pool, database, redis, queue };
  const environment: Record<string, string> = {
    API_HOST: '127.0.0.1',
    API_PORT: '0',
    DB_HOST: '127.0.0.1',
    DB_PORT: String(database.port),
    DB_USER: address.user,
    // Any password works; this one must not appear in any log.
    DB_PASSWORD: 'planted-password-of-the-database',
    DB_NAME: address.database,
    ...(options.embeddedRedis ? {} : { REDIS_HOST: '127.0.0.1', REDIS_PORT: String(redis.port) }),
    QUEUE_PREFIX: prefix,
    TARGET_TABLES: 'public.customers,shop.*',
    DATA_DIR: join(folder, 'data'),
    UPLOAD_DIR: uploads,
    BATCH_ROWS: '50',
    MAX_RECORD_BYTES: String(MAX_RECORD_BYTES),
    RECOVER_INTERVAL: '500',
    PROGRESS_INTERVAL: '20',
    LOG_LEVEL: 'debug',
    ...options.environment,
  };

  return {
    folder,
    uploads,
    pool,
    address,
    database,
    redis,
    get postgresServer() {
      return own.postgres!;
    },
    get redisServer() {
      return own.redis!;
    },
    daemon: (more = {}, how = {}) => {
      const daemon = startDaemonProcess({ ...environment, ...more }, { ...how, cwd: folder });
      daemons.push(daemon);
      return daemon;
    },
    afterwards: (work) => {
      after.push(work);
    },
    finish: async () => {
      const running = daemons.filter((daemon) => !daemon.hasEnded());
      try {
        for (const daemon of running) daemon.signal('SIGCONT');
        await nothingHeld(looked, running);
        for (const daemon of running) {
          daemon.signal('SIGTERM');
          await until(`daemon ${daemon.pid} ends`, () => daemon.hasEnded());
          expect(await daemon.ended, 'exit code of a daemon that was asked to stop').toBe(0);
        }
        keepSecret(environment.DB_PASSWORD);
        await keepRowsSecret(pool);
        await nothingLeft(looked);
      } finally {
        for (const daemon of daemons) if (!daemon.hasEnded()) daemon.signal('SIGKILL');
        await Promise.all([database.close(), redis.close()]);
        await drop();
        await own.postgres?.stop();
        await own.redis?.stop();
        for (const work of after) work();
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}

async function aDatabase(
  own: PrivatePostgres | undefined,
  connection: BenchOptions['connection'] = own?.connection,
): Promise<{ address: PostgresAddress; pool: Pool; drop: () => Promise<void> }> {
  if (connection) {
    const pool = createPool(connection, () => {});
    return { address: connection, pool, drop: () => pool.end() };
  }
  const made = await createDatabase();
  return { address: made.connection, pool: made.pool, drop: made.drop };
}

async function sharedRedis(): Promise<string> {
  const reply = await askFor('redis');
  if (!('redis' in reply)) throw new Error('the tests were given no Redis');
  return reply.redis.path;
}
