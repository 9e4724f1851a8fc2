/**
 * Private servers for a daemon without configured ones: PostgreSQL 18 and Redis, both real, on Unix sockets
 * that only this user can reach, with their data under DATA_DIR.
 */
import { accessSync, constants, mkdirSync, realpathSync } from 'node:fs';
import { Failure } from '../failure.js';
import type { Log } from '../logType.js';
import { lockDataDir } from './dataDirLock.js';
import { chooseOwner } from './postgres/privileges.js';
import { type PostgresConnection, postgresFolders, startPostgres } from './postgres/server.js';
import { REDIS_PROGRAMS, startRedis } from './redis.js';
import { makeRunFolder, type RunFolder, removeRunFolder } from './runFolder.js';
import type { ServerProcess } from './serverProcess.js';

export interface EmbeddedOptions {
  /** Created if missing. */
  dataDir: string;
  want: { postgres: boolean; redis: boolean };
  log: Log;
  /** Programs to look for on PATH, or paths; the first that runs is used. */
  redisPrograms?: readonly string[];
  /** Aborts the start, which may take minutes after a crash. */
  signal?: AbortSignal;
  /** Called once when a server exits although nothing closed it. The daemon cannot continue without it. */
  onServerLost?: (failure: Failure) => void;
}

export interface Embedded {
  /** The data folder without symbolic links. */
  dataDir: string;
  /** For node-postgres; only if requested. */
  postgres?: { connection: PostgresConnection };
  /** The Unix socket for ioredis; only if requested. */
  redis?: { path: string };
  /** Stops both in order and unlocks the data folder. May be called again. */
  close(): Promise<void>;
}

/**
 * Locks the data folder and starts the requested servers in it; they are ready when it returns. Takes about
 * 1.3 s the first time and 0.2 s later, longer after a crash.
 * @throws {Failure} `data_dir_unusable`, `data_dir_locked`, `redis_missing`, `privileges_not_dropped`,
 * `embedded_postgres_*`, `embedded_server_failed`, `embedded_start_aborted`, `run_folder_taken`; then nothing
 * is left running
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const { want, log } = options;
  const dataDir = makeDataDir(options.dataDir);
  const lock = await lockDataDir(dataDir);
  const runFolders: RunFolder[] = [];
  const running: { process: ServerProcess; close(): Promise<void> }[] = [];
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= (async () => {
      const results = await Promise.allSettled(running.map((server) => server.close()));
      for (const folder of runFolders) removeRunFolder(folder);
      lock.release();
      for (const result of results) if (result.status === 'rejected') throw result.reason;
    })();
    return closing;
  };
  const settled = new AbortController();
  /**
   * If the start is aborted, tells a server to stop without waiting for the other one: the daemon may have to leave before that
   * has settled, and nothing else would stop this one.
   */
  const whenStarted = (server: { process: ServerProcess; close(): Promise<void> }) => {
    running.push(server);
    const stop = () => void server.close().catch(() => {});
    if (options.signal?.aborted) stop();
    // Later, this signal means a stop in order, in which the servers are last.
    else options.signal?.addEventListener('abort', stop, { signal: settled.signal });
  };
  try {
    const owner = want.postgres ? chooseOwner(postgresFolders(dataDir).data) : undefined;
    const runFolder = makeRunFolder(dataDir, owner);
    runFolders.push(runFolder);
    const programs = options.redisPrograms ?? REDIS_PROGRAMS;
    const starting = [
      want.postgres ? startPostgres(dataDir, runFolder.postgres, owner, log, options.signal) : undefined,
      want.redis ? startRedis(dataDir, runFolder.path, programs, log, options.signal) : undefined,
    ] as const;
    for (const start of starting) void start?.then(whenStarted, () => {});
    // Waits for both, even if one fails: then it closes what has started.
    await Promise.allSettled(starting);
    settled.abort();
    const [postgres, redis] = await Promise.all(starting);
    if (options.signal?.aborted)
      throw new Failure('embedded_start_aborted', 'The start of the private servers was aborted.');

    const watchEnd = (name: string, server: ServerProcess) =>
      void server.ended.then(() => {
        if (closing !== undefined) return;
        const log = `its log is under ${dataDir}`;
        options.onServerLost?.(
          new Failure('embedded_server_lost', `The embedded ${name} has exited; ${log}.`),
        );
      });
    if (postgres !== undefined) watchEnd('PostgreSQL', postgres.process);
    if (redis !== undefined) watchEnd('Redis', redis.process);
    return {
      dataDir,
      ...(postgres === undefined ? {} : { postgres: { connection: postgres.connection } }),
      ...(redis === undefined ? {} : { redis: { path: redis.path } }),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * Created for this user alone; for root also passable by others, because PostgreSQL then runs as another
 * user.
 */
function makeDataDir(path: string): string {
  // PostgreSQL writes the path into files that are read line by line (postmaster.pid, postgresql.conf).
  if (/\p{Cc}/u.test(path)) {
    throw new Failure(
      'data_dir_unusable',
      `The data folder ${JSON.stringify(path)} has a line break or another control character in its name, which the private servers do not support. Set DATA_DIR to a folder without one.`,
    );
  }
  try {
    mkdirSync(path, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 });
    accessSync(path, constants.W_OK | constants.X_OK);
    return realpathSync(path);
  } catch (cause) {
    throw new Failure(
      'data_dir_unusable',
      `The data folder ${path} cannot be created or written: ${(cause as Error).message}. Set DATA_DIR to a folder that you own.`,
      { cause },
    );
  }
}
