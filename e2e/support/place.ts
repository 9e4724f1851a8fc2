/** The place of a test's daemons: a database, a Redis prefix and a folder, all unshared. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDatabase, type TestDatabase } from '../../packages/daemon/test/support/postgres.js';
import { type TestRedis, useRedis } from '../../packages/daemon/test/support/redis.js';
import { type RunningDaemon, startDaemon, startDaemonIn } from './daemon.js';

export interface Place {
  database: TestDatabase;
  redis: TestRedis;
  folder: string;
  /** The environment that configures a daemon for it. */
  environment: Record<string, string>;
  /** Starts a daemon here, with these additional variables; it ends with the place at the latest. */
  start(more?: Record<string, string>, ...args: string[]): Promise<RunningDaemon>;
  /** The same in a network namespace. */
  startIn(netns: string, more?: Record<string, string>): Promise<RunningDaemon>;
  close(): Promise<void>;
}

/** Must be closed, which removes everything. */
export async function openPlace(): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'csvjobs-e2e-'));
  const database = await createDatabase();
  const redis = await useRedis();
  const { host, port, user, database: name } = database.connection;
  const environment = {
    ...{ DB_HOST: host, DB_PORT: String(port), DB_USER: user, DB_NAME: name },
    ...{ REDIS_URL: `unix://${redis.options.path}`, QUEUE_PREFIX: redis.prefix },
    ...{ DATA_DIR: folder, UPLOAD_DIR: join(folder, 'uploads') },
  };
  const daemons: RunningDaemon[] = [];
  const kept = async (starting: Promise<RunningDaemon>) => {
    const daemon = await starting;
    daemons.push(daemon);
    return daemon;
  };
  return {
    database,
    redis,
    folder,
    environment,
    start: (more = {}, ...args) => kept(startDaemon({ ...environment, ...more }, ...args)),
    startIn: (netns, more = {}) => kept(startDaemonIn(netns, { ...environment, ...more })),
    async close() {
      await Promise.all(daemons.map((daemon) => daemon.stop()));
      await redis.close();
      await database.drop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
