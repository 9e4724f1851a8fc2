/** The private Redis (or Valkey) of a data folder: starts it, waits until it is ready, stops it. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { Failure } from '../failure.js';
import type { Log } from '../logType.js';
import { end, worksOn } from './processes.js';
import { type ServerProcess, startServer, untilReady } from './serverProcess.js';

export interface EmbeddedRedis {
  /** The Unix socket. */
  path: string;
  process: ServerProcess;
  close(): Promise<void>;
}

/** Names of the Redis program; the first one found is used. */
export const REDIS_PROGRAMS = ['redis-server', 'valkey-server'] as const;

/** On SIGTERM, Redis writes and syncs the append-only file, then exits. */
const STOP = { first: 'SIGTERM', last: 'SIGKILL' } as const;
const STOP_PATIENCE = 30_000;

/**
 * Starts Redis on DATA_DIR/redis and waits until it has loaded its data and answers. A server that a killed
 * daemon left behind is stopped first. The caller must hold the lock of the data folder.
 * @throws {Failure} `redis_missing` if none of the programs is on PATH
 */
export async function startRedis(
  dataDir: string,
  runFolder: string,
  programs: readonly string[],
  log: Log,
  signal: AbortSignal | undefined,
): Promise<EmbeddedRedis> {
  const program = findProgram(programs);
  const folder = join(dataDir, 'redis');
  const pidFile = join(folder, 'redis.pid');
  const logFile = join(folder, 'server.log');
  const path = join(runFolder, 'redis.sock');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  await endLeftOver(pidFile, folder, programs, log);
  rmSync(path, { force: true });
  // From an earlier version, which configured Redis with a file.
  rmSync(join(folder, 'redis.conf'), { force: true });

  const server = await startServer([program, settings({ folder, pidFile, path })], { cwd: folder }, logFile);
  try {
    await untilReady('Redis', server, () => answers(path), logFile, signal);
  } catch (error) {
    await end(server.pid, STOP, STOP_PATIENCE);
    throw error;
  }
  return {
    path,
    process: server,
    close: async () => {
      if (!server.hasEnded()) await end(server.pid, STOP, STOP_PATIENCE);
      rmSync(path, { force: true });
    },
  };
}

/**
 * Append-only, synced each second: whatever a crash loses is restored from PostgreSQL. `noeviction`, because
 * Bull's keys must not vanish. Redis 5 already knows all these directives.
 *
 * As arguments and not in a file: Redis treats a file path with a * ? or [ as a pattern (loadServerConfig),
 * and a pattern that matches nothing as no settings at all, with a port that is open to the network.
 */
function settings(at: { folder: string; pidFile: string; path: string }): string[] {
  return Object.entries({
    port: '0',
    unixsocket: at.path,
    unixsocketperm: '700',
    dir: at.folder,
    pidfile: at.pidFile,
    daemonize: 'no',
    appendonly: 'yes',
    appendfsync: 'everysec',
    save: '',
    maxmemory: '0',
    'maxmemory-policy': 'noeviction',
  }).flatMap(([name, value]) => [`--${name}`, value]);
}

function findProgram(programs: readonly string[]): string {
  const found = programs.find((name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0);
  if (found !== undefined) return found;
  throw new Failure(
    'redis_missing',
    `No Redis is configured and no program for a private one is on PATH (looked for ${programs.join(', ')}). ` +
      'Install it (apt-get install redis-server, dnf install valkey, apk add valkey, brew install redis; in a ' +
      'clone `npm run setup` does), or set REDIS_URL or REDIS_HOST to a Redis of your own, or run `docker compose up`.',
  );
}

async function endLeftOver(
  pidFile: string,
  folder: string,
  programs: readonly string[],
  log: Log,
): Promise<void> {
  const pid = readPid(pidFile);
  if (pid !== undefined && (await worksOn(pid, programs, folder))) {
    log.warn({ pid }, 'stopping the embedded Redis left behind by a killed daemon');
    await end(pid, STOP, STOP_PATIENCE);
  }
  rmSync(pidFile, { force: true });
}

function readPid(pidFile: string): number | undefined {
  try {
    const pid = Number(readFileSync(pidFile, 'utf8'));
    return Number.isInteger(pid) && pid > 1 ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** Whether it answers PING with PONG; while it loads its data, it answers `-LOADING`. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const done = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('error', () => done(false));
    socket.once('close', () => done(false));
    socket.once('data', (data) => done(data.toString().startsWith('+PONG')));
    socket.write('PING\r\n');
  });
}
