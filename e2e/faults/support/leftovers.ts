/**
 * The oracle's last check: no file, lock, process, connection or descriptor is left. What an idle daemon
 * holds is checked while it runs; everything else once all daemons have stopped.
 */
import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { expect } from 'vitest';
import type { Pool } from '../../../packages/daemon/src/sql/pool.js';
import type { FaultProxy } from './proxy.js';
import { until } from './until.js';

export interface Looked {
  folder: string;
  uploads: string;
  pool: Pool;
  database: FaultProxy;
  redis: FaultProxy;
  /** The Unix socket of Redis, and the prefix of the daemons' keys; undefined if Redis stopped with its daemon. */
  queue: { path: string; prefix: string } | undefined;
}

/**
 * A daemon without work has no job file open, no loading connection, and no more descriptors
 * (except sockets, which others may have opened) than when it started to listen.
 */
export async function nothingHeld(
  { pool, folder }: Looked,
  daemons: readonly { pid: number; descriptorsAtFirst(): number | undefined }[],
): Promise<void> {
  const { rows } = await pool.query(`select from jobs where status in ('pending', 'processing')`);
  if (rows.length > 0) return;
  await until('no connection that loads is left', async () => {
    const loaders = await pool.query(
      `select from pg_stat_activity where datname = current_database() and application_name like 'csvjobs %/%'`,
    );
    return loaders.rowCount === 0;
  });
  for (const { pid, descriptorsAtFirst } of daemons) {
    await until('no file of a job is open', () => openFiles(pid, folder).length === 0);
    const first = descriptorsAtFirst();
    if (first !== undefined)
      await until(`no descriptor is left but the ${first} of the start`, () => descriptors(pid) <= first);
  }
}

/** Once all daemons have stopped. */
export async function nothingLeft(bench: Looked): Promise<void> {
  const { pool, folder, uploads } = bench;
  await until('no connection of a daemon is left in PostgreSQL', async () => {
    const { rowCount } = await pool.query(
      `select from pg_stat_activity where datname = current_database() and application_name like 'csvjobs %'`,
    );
    return rowCount === 0;
  });
  await until('no connection is left in the proxies', () => bench.database.open() + bench.redis.open() === 0);
  const { rows: locks } = await pool.query(
    `select l.locktype, l.relation::regclass, l.mode, a.application_name
     from pg_locks l join pg_stat_activity a using (pid)
     where a.datname = current_database() and a.backend_type = 'client backend' and pid <> pg_backend_pid()`,
  );
  expect(locks, 'locks in PostgreSQL').toEqual([]);
  const { rows: prepared } = await pool.query(
    'select from pg_prepared_xacts where database = current_database()',
  );
  expect(prepared, 'prepared transactions').toEqual([]);
  if (bench.queue) await noLockInRedis(bench.queue);
  expect(namesIn(join(uploads, 'incoming')), 'parts of uploads').toEqual([]);
  const { rows: jobs } = await pool.query<{ id: string; status: string }>('select id, status from jobs');
  // The working files of a run are removed when the job is completed.
  const theirs = new Set(
    jobs.flatMap(({ id, status }) => (status === 'completed' ? [id] : [id, `${id}.emails`])),
  );
  expect(
    storedIn(uploads).filter((name) => name !== 'incoming' && !theirs.has(name)),
    'files without a job',
  ).toEqual([]);
  await until('no process is left in the folder', () => processesIn(folder).length === 0);
  const held = namesIn(join(folder, 'data')).filter((name) => name === 'run' || name.startsWith('daemon-'));
  expect(held, 'locks and sockets in DATA_DIR').toEqual([]);
}

/** A daemon that died, or could not reach Redis at its end, leaves its lock to expire: 6 s. */
async function noLockInRedis({ path, prefix }: { path: string; prefix: string }): Promise<void> {
  const redis = new Redis({ path });
  redis.on('error', () => {});
  try {
    await until(
      'no lock is left in Redis',
      async () => (await redis.keys(`${prefix}:*:lock`)).length === 0,
      10_000,
    );
  } finally {
    redis.disconnect();
  }
}

/** None if a daemon did not get as far as creating the folder. */
/** The files of uploads in their folder, sorted; the daemon's own files there start with a dot. */
export function storedIn(uploads: string): string[] {
  return namesIn(uploads)
    .filter((name) => !name.startsWith('.'))
    .sort();
}

function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

/** Processes whose working folder is inside a folder. */
export function processesIn(folder: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      return readlinkSync(`/proc/${pid}/cwd`).startsWith(folder);
    } catch {
      return false;
    }
  });
}

/** Files in a folder that a process has open, including ones removed since. */
export function openFiles(pid: number, folder: string): string[] {
  return targets(pid).filter((target) => target.startsWith(folder));
}

/** Descriptors of a process other than sockets: files, pipes, those of each thread's event loop. */
export function descriptors(pid: number): number {
  return targets(pid).filter((target) => !target.startsWith('socket:')).length;
}

function targets(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/${pid}/fd/${fd}`)];
    } catch {
      return [];
    }
  });
}
