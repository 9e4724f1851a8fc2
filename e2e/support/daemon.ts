/** The real daemon as a child process, with its own database and Redis, or with its embedded default. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createPool } from '../../packages/daemon/src/sql/pool.js';
import { DAEMON } from '../../packages/daemon/test/support/programs.js';
import { keepRowsSecret, keepSecret, recording, watchLog } from '../../packages/daemon/test/watch/watched.js';

export interface RunningDaemon {
  url: string;
  process: ChildProcess;
  /** The lines of its log so far. */
  log: string[];
  /** Sends SIGTERM and waits for the exit. Returns the exit code. */
  stop(): Promise<number | null>;
}

/** Test databases need no password, so any works; this one must not appear in any log. */
const PASSWORD = 'planted-password-of-the-database';

/** Starts `csvjobsd` with these variables on a free port; ready when it listens. */
export function startDaemon(given: Record<string, string>, ...args: string[]): Promise<RunningDaemon> {
  return startDaemonBy([process.execPath, DAEMON, ...args], given);
}

/** Likewise, in a network namespace of this machine (ip-netns(8)). */
export function startDaemonIn(netns: string, given: Record<string, string>): Promise<RunningDaemon> {
  return startDaemonBy(['ip', 'netns', 'exec', netns, process.execPath, DAEMON], given);
}

async function startDaemonBy(
  [command = '', ...args]: string[],
  given: Record<string, string>,
): Promise<RunningDaemon> {
  // All of its log is checked.
  const environment = { DB_PASSWORD: PASSWORD, LOG_LEVEL: 'trace', ...given };
  const child = spawn(command, args, {
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      API_PORT: '0',
      ...environment,
      ...recording(environment),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const log: string[] = [];
  watchLog(() => log);
  keepSecret(environment.DB_PASSWORD, given.API_TOKEN, given.DATABASE_URL, given.REDIS_URL);
  let rest = '';
  const url = await new Promise<string>((resolve, reject) => {
    child.stderr.on('data', (text) => log.push(String(text)));
    child.stdout.on('data', (text) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        log.push(line);
        const entry = JSON.parse(line) as { msg: string; url?: string };
        if (entry.msg === 'listening' && entry.url) resolve(entry.url);
      }
    });
    // Not its exit, because its last output may come later.
    child.once('close', (code) => reject(new Error(`the daemon ended with ${code}:\n${log.join('\n')}`)));
  });
  const token = join(given.DATA_DIR ?? '/nowhere', 'token');
  if (existsSync(token)) keepSecret(readFileSync(token, 'utf8').trim());
  return {
    url,
    process: child,
    log,
    async stop() {
      if (child.exitCode === null && child.signalCode === null) {
        await keepRowsOf(given);
        child.kill('SIGTERM');
        await once(child, 'close');
      }
      return child.exitCode;
    },
  };
}

/** Values in a daemon's tables must not be in its log. */
async function keepRowsOf(given: Record<string, string>): Promise<void> {
  const address = given.DB_HOST ? configured(given) : embedded(given);
  if (!address) return;
  const pool = createPool(address, () => {});
  try {
    await keepRowsSecret(pool);
  } finally {
    await pool.end();
  }
}

function configured({ DB_HOST: host = '', DB_PORT, DB_USER, DB_NAME: database }: Record<string, string>) {
  return database && { host, port: Number(DB_PORT ?? 5432), user: DB_USER ?? 'postgres', database };
}

/** A private PostgreSQL has its socket's folder in the fifth line of postmaster.pid. */
function embedded({ DATA_DIR }: Record<string, string>) {
  const file = join(DATA_DIR ?? '/nowhere', 'postgres', 'data', 'postmaster.pid');
  const host = existsSync(file) ? readFileSync(file, 'utf8').split('\n')[4] : undefined;
  return host && { host, port: 5432, user: 'postgres', database: 'csv_app' };
}
