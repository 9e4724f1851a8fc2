/**
 * What a scenario works on: a database, a Redis prefix, an upload folder, a proxy before each server, and as many
 * daemons as it wants. `finish` ends the daemons in order and then looks for whatever they may have left behind.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { createPool, type Pool } from '../../../packages/daemon/src/sql/pool.js';
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
import { type FaultProxy, startProxy } from './proxy.js';
import { until } from './until.js';

export interface Bench {
  folder: string;
  uploads: string;
  /** On the database itself, past the proxy. */
  pool: Pool;
  database: FaultProxy;
  redis: FaultProxy;
  /** Only where the bench has its own. */
  postgresServer: PrivatePostgres;
  redisServer: PrivateRedis;
  /** Starts a daemon on all this. */
  daemon(
    environment?: Record<string, string>,
    options?: { args?: string[]; prefix?: string[] },
  ): DaemonProcess;
  /** Called when everything has ended, before the folder is removed. */
  afterwards(work: () => void): void;
  /** Ends what runs and asserts that nothing is left: no process, connection, lock, or file without a job. */
  finish(): Promise<void>;
}

export interface BenchOptions {
  /** A PostgreSQL of its own, with these settings, that the scenario may hurt. */
  postgres?: Record<string, string>;
  /** A Redis of its own, with these arguments. */
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
  const { address, pool, drop } = await aDatabase(own.postgres);
  const redisPath = own.redis?.path ?? (await sharedRedis());
  const database = await startProxy(() => join(address.host, `.s.PGSQL.${address.port}`));
  const redis = await startProxy(() => redisPath);
  const daemons: DaemonProcess[] = [];
  const after: (() => void)[] = [];

  const environment: Record<string, string> = {
    API_HOST: '127.0.0.1',
    API_PORT: '0',
    DB_HOST: '127.0.0.1',
    DB_PORT: String(database.port),
    DB_USER: address.user,
    // Any password does; this one must not be seen in any log.
    DB_PASSWORD: 'planted-password-of-the-database',
    DB_NAME: address.database,
    ...(options.embeddedRedis ? {} : { REDIS_HOST: '127.0.0.1', REDIS_PORT: String(redis.port) }),
    QUEUE_PREFIX: `faults:${randomBytes(6).toString('hex')}`,
    DATA_DIR: join(folder, 'data'),
    UPLOAD_DIR: uploads,
    BATCH_ROWS: '50',
    MAX_RECORD_BYTES: String(MAX_RECORD_BYTES),
    RECOVER_INTERVAL: '500',
    PROGRESS_INTERVAL: '20',
    ...options.environment,
  };

  return {
    folder,
    uploads,
    pool,
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
      try {
        for (const daemon of daemons) {
          if (daemon.hasEnded()) continue;
          daemon.signal('SIGCONT');
          daemon.signal('SIGTERM');
          await until(`daemon ${daemon.pid} ends`, () => daemon.hasEnded(), 20_000);
          expect(await daemon.ended, 'exit code of a daemon that was asked to stop').toBe(0);
        }
        keepSecret(environment.DB_PASSWORD);
        await keepRowsSecret(pool);
        await nothingLeft({ folder, uploads, pool, database, redis });
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

async function nothingLeft(bench: Pick<Bench, 'folder' | 'uploads' | 'pool' | 'database' | 'redis'>) {
  await until('no connection of a daemon is left in PostgreSQL', async () => {
    const { rows } = await bench.pool.query<{ n: number }>(
      `select count(*)::int as n from pg_stat_activity
       where datname = current_database() and application_name like 'csvjobs %'`,
    );
    return rows[0]!.n === 0;
  });
  await until('no connection is left in the proxies', () => bench.database.open() + bench.redis.open() === 0);
  const { rows: locks } = await bench.pool.query(
    `select l.* from pg_locks l join pg_database d on d.oid = l.database
     where l.locktype = 'advisory' and d.datname = current_database()`,
  );
  expect(locks, 'advisory locks').toEqual([]);
  expect(namesIn(join(bench.uploads, 'incoming')), 'parts of uploads').toEqual([]);
  const { rows: jobs } = await bench.pool.query<{ id: string; status: string }>(
    'select id, status from jobs',
  );
  // What a run keeps beside its file goes when the job is completed.
  const theirs = new Set(
    jobs.flatMap(({ id, status }) => (status === 'completed' ? [id] : [id, `${id}.emails`])),
  );
  expect(
    namesIn(bench.uploads).filter((name) => name !== 'incoming' && !theirs.has(name)),
    'files without a job',
  ).toEqual([]);
  await until('no process is left in the folder', () => processesIn(bench.folder).length === 0, 10_000);
}

/** None where a daemon has not got as far as to make the folder. */
function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

/** Processes whose working folder is in a folder. */
function processesIn(folder: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      return readlinkSync(`/proc/${pid}/cwd`).startsWith(folder);
    } catch {
      return false;
    }
  });
}

/** Files in a folder that a process has open. */
export function openFiles(pid: number, folder: string): string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      const target = readlinkSync(`/proc/${pid}/fd/${fd}`);
      return target.startsWith(folder) ? [target] : [];
    } catch {
      return [];
    }
  });
}

async function aDatabase(
  own: PrivatePostgres | undefined,
): Promise<{ address: PostgresAddress; pool: Pool; drop: () => Promise<void> }> {
  if (own) {
    const pool = createPool(own.connection, () => {});
    return { address: own.connection, pool, drop: () => pool.end() };
  }
  const { connection, pool, drop } = await createDatabase();
  return { address: connection, pool, drop };
}

async function sharedRedis(): Promise<string> {
  const reply = await askFor('redis');
  if (!('redis' in reply)) throw new Error('the tests were given no Redis');
  return reply.redis.path;
}
