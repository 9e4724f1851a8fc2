/**
 * A site: PostgreSQL and Redis, each on its own host, and daemons on any number of hosts, which share these two and
 * one folder.
 */
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPool, type Pool } from '../../../packages/daemon/src/sql/pool.js';
import { startPostgres, startRedis } from '../../../packages/daemon/test/support/servers.js';
import { type DaemonProcess, startDaemonProcess } from '../../faults/support/daemonProcess.js';
import { until } from '../../faults/support/until.js';
import { type Network, type NetworkHost, openNetwork } from './network.js';

/** A daemon and its own host. */
export interface Machine {
  host: NetworkHost;
  daemon: DaemonProcess;
  /** Its address for the tests. */
  url: string;
  /** Stops and continues all of its processes. */
  freeze(): void;
  thaw(): void;
}

export interface Site {
  /** A pool on the database, past the network. */
  pool: Pool;
  postgres: NetworkHost;
  redis: NetworkHost;
  /** The Unix socket of Redis. */
  redisPath: string;
  folder: string;
  /** Starts a daemon on a new host of this name; returns when it listens. */
  start(name: string, role: 'api' | 'worker', environment?: Record<string, string>): Promise<Machine>;
  /** Stops reachable daemons cleanly, and ends all hosts. */
  close(): Promise<void>;
}

const HBA = 'local all all trust\nhost all all all trust\n';

export async function openSite(environment: Record<string, string>): Promise<Site> {
  const network = await openNetwork();
  const closing: (() => Promise<unknown>)[] = [() => network.close()];
  const close = async () => {
    for (const each of closing.reverse()) await each();
  };
  try {
    return await build(network, closing, close, environment);
  } catch (error) {
    await close();
    throw error;
  }
}

async function build(
  network: Network,
  closing: (() => Promise<unknown>)[],
  close: () => Promise<void>,
  common: Record<string, string>,
): Promise<Site> {
  const folder = await mkdtemp(join(tmpdir(), 'csvjobs-hosts-'));
  closing.push(() => rm(folder, { recursive: true, force: true }));
  await chmod(folder, 0o755);
  const hba = join(folder, 'pg_hba.conf');
  await writeFile(hba, HBA, { mode: 0o644 });
  const [postgres, redis] = [await network.host('postgres'), await network.host('redis')];
  const database = await startPostgres({ listen_addresses: postgres.address, hba_file: hba }, undefined, {
    prefix: postgres.networkPrefix,
  });
  closing.push(() => database.stop());
  const pool = createPool(database.connection, () => {});
  closing.push(() => pool.end());
  const listening = ['--bind', redis.address, '--protected-mode', 'no', '--port', '6379'];
  const queue = await startRedis(listening, [...redis.networkPrefix]);
  closing.push(() => queue.stop());
  const { user, database: name } = database.connection;
  const environment: Record<string, string> = {
    ...{ API_HOST: '0.0.0.0', API_PORT: '4000', API_ALLOW_ANONYMOUS: 'true' },
    ...{ DB_HOST: postgres.address, DB_PORT: '5432', DB_USER: user, DB_PASSWORD: 'any-does', DB_NAME: name },
    ...{
      REDIS_HOST: redis.address,
      REDIS_PORT: '6379',
      UPLOAD_DIR: join(folder, 'uploads'),
      LOG_LEVEL: 'debug',
    },
    ...common,
  };
  const machines: Machine[] = [];
  closing.push(async () => {
    await Promise.all(machines.map(stop));
  });

  return {
    pool,
    postgres,
    redis,
    redisPath: queue.path,
    folder,
    close,
    async start(name, role, more = {}) {
      const host = await network.host(name);
      const own = join(folder, host.address);
      await mkdir(own);
      const daemon = startDaemonProcess(
        { ...environment, DATA_DIR: join(own, 'data'), ...more },
        { prefix: [...host.prefix], args: ['--role', role], cwd: own },
      );
      await daemon.url();
      const machine: Machine = {
        host,
        daemon,
        url: `http://${host.address}:4000`,
        freeze: () => host.signal('SIGSTOP'),
        thaw: () => {
          host.signal('SIGCONT');
          // nsenter(1) stops together with the program it started, and does not notice when that one continues.
          daemon.signal('SIGCONT');
        },
      };
      machines.push(machine);
      return machine;
    },
  };
}

/** A daemon that hangs longer than any clean stop (SHUTDOWN_TIMEOUT) ends with its host; a failed test may have left it cut off. */
const END_MS = 30_000;

async function stop({ daemon, host, thaw }: Machine): Promise<void> {
  if (daemon.hasEnded()) return;
  thaw();
  host.signal('SIGTERM');
  await until(`the daemon of ${host.name} ends`, () => daemon.hasEnded(), END_MS).catch(() => host.kill());
}
