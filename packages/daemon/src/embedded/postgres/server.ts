/** The private PostgreSQL of a data folder: starts it, waits until it is ready, stops it. */
import { chmodSync, lchownSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { RECOVERY } from '@csvjobs/shared/paths';
import type { Log } from '../../logType.js';
import { lookAtMachine } from '../machine.js';
import { end, pause, worksOn } from '../processes.js';
import { type ServerProcess, startServer, untilReady } from '../serverProcess.js';
import { findBinaries } from './binaries.js';
import { checkVersion, DATABASE, makeCluster, SUPERUSER, writeSettings } from './cluster.js';
import { asOwner, chooseRunAs, type Owner, type RunAs } from './privileges.js';
import { settingsFor } from './settings.js';

/** How to connect, for node-postgres; `host` is the folder of the Unix socket. */
export interface PostgresConnection {
  host: string;
  port: number;
  user: string;
  database: string;
}

export interface EmbeddedPostgres {
  connection: PostgresConnection;
  process: ServerProcess;
  close(): Promise<void>;
}

/**
 * Fast shutdown (SIGINT: closes the connections, writes a checkpoint) and, after this time, immediate
 * shutdown (SIGQUIT: recovers at the next start). A checkpoint of 4 GB may take half a minute on a slow disk.
 */
const STOP = { first: 'SIGINT', last: 'SIGQUIT' } as const;
const STOP_PATIENCE = 120_000;
/**
 * A server that is not ready yet is stopped at once: its data is in its WAL and is recovered at the next
 * start. It would ignore SIGINT while it flushes the data folder before a recovery (minutes, with much data).
 * On SIGQUIT the postmaster kills its children after 5 s (SIGKILL_CHILDREN_AFTER_SECS in postmaster.c).
 */
const BREAK_OFF = { first: 'SIGQUIT', last: 'SIGKILL' } as const;
const BREAK_OFF_PATIENCE = 30_000;
/** Named after the port. */
const SOCKET = '.s.PGSQL.5432';
/** How long to wait for orphaned backends. */
const ORPHANS_PATIENCE = 60_000;

/** Folders under DATA_DIR/postgres. */
export function postgresFolders(dataDir: string): { above: string; data: string; log: string } {
  const above = join(dataDir, 'postgres');
  return { above, data: join(above, 'data'), log: join(above, 'server.log') };
}

/**
 * Starts PostgreSQL on DATA_DIR/postgres/data, which is created at the first start. A server that a killed
 * daemon left behind is stopped first: it may run with other settings or another version, and what it held in
 * memory is in its WAL. Waits until it accepts connections. The caller must hold the lock of the data folder.
 */
export async function startPostgres(
  dataDir: string,
  runFolder: string,
  owner: Owner | undefined,
  log: Log,
  signal: AbortSignal | undefined,
): Promise<EmbeddedPostgres> {
  const { above, data, log: logFile } = postgresFolders(dataDir);
  checkVersion(data);
  const binaries = findBinaries();
  mkdirSync(above, { recursive: true, mode: 0o700 });
  if (owner !== undefined) keepOurs(above);
  const as = chooseRunAs(owner, binaries.postgres, [above, runFolder]);

  await endLeftOver(data, as, log);
  // The socket has its own lock file, with the same problem; no server is left that could own them.
  for (const name of [SOCKET, `${SOCKET}.lock`]) rmSync(join(runFolder, name), { force: true });
  await makeCluster(data, binaries, as, log, signal);
  writeSettings(data, settingsFor(lookAtMachine(dataDir), runFolder), as);

  const server = await untilMemoryIsFree(async () => {
    const child = await startServer(as.command(binaries.postgres, ['-D', data]), as.options, logFile);
    try {
      await untilReady('PostgreSQL', child, () => isReady(data, child.pid), logFile, signal);
      return child;
    } catch (error) {
      await end(child.pid, BREAK_OFF, BREAK_OFF_PATIENCE);
      throw error;
    }
  });
  return {
    connection: { host: runFolder, port: 5432, user: SUPERUSER, database: DATABASE },
    process: server,
    close: async () => {
      if (!server.hasEnded()) await end(server.pid, STOP, STOP_PATIENCE);
    },
  };
}

/**
 * The folder above PostgreSQL's own belongs to the daemon, which writes the log there; earlier versions gave
 * it away.
 */
function keepOurs(above: string): void {
  lchownSync(above, process.getuid!(), process.getgid!());
  chmodSync(above, 0o711);
}

/** Stops a server of a daemon that was killed. */
async function endLeftOver(data: string, as: RunAs, log: Log): Promise<void> {
  const { pid, status } = readPidFile(data);
  if (pid === undefined) return;
  if (await worksOn(pid, ['postgres'], data)) {
    log.warn({ pid, status }, 'stopping the embedded PostgreSQL left behind by a killed daemon');
    if (status === 'starting') await end(pid, BREAK_OFF, BREAK_OFF_PATIENCE);
    else await end(pid, STOP, STOP_PATIENCE);
  } else {
    log.warn({ data }, RECOVERY);
    // The id may by now belong to another process, or to a zombie that was never reaped (both are common in
    // containers), and PostgreSQL would refuse to start. It ignores its parent's id, so the file gets that id
    // instead. The file must stay: its other lines let PostgreSQL find orphaned backends that may still write
    // to the data.
    const script = '{ echo "$2"; tail -n +2 "$1"; } > "$1.new"; mv -f "$1.new" "$1"';
    asOwner(as, script, [join(data, 'postmaster.pid'), String(process.pid)]);
  }
}

/**
 * Retries while backends, orphaned by the death of their postmaster, still use the shared memory: they exit
 * with their statement, or 5 s after they lost their client (client_connection_check_interval).
 */
async function untilMemoryIsFree<T>(start: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + ORPHANS_PATIENCE;
  for (;;) {
    try {
      return await start();
    } catch (error) {
      const inUse = (error as Error).message.includes('shared memory block');
      if (!inUse || performance.now() > deadline) throw error;
      await pause(250);
    }
  }
}

/** The file of a server that was killed may still say that it is ready. */
function isReady(data: string, pid: number): boolean {
  const found = readPidFile(data);
  return found.pid === pid && found.status === 'ready';
}

/**
 * postmaster.pid: the process id is on its first line, the state on its eighth (miscadmin.h,
 * LOCK_FILE_LINE_*).
 */
function readPidFile(data: string): { pid?: number; status?: string } {
  try {
    const lines = readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n');
    const pid = Number(lines[0]);
    if (!Number.isInteger(pid) || pid <= 1) return {};
    return { pid, ...(lines[7] === undefined ? {} : { status: lines[7].trim() }) };
  } catch {
    return {};
  }
}
