/** Settings for a machine: fast for bulk loading, without giving up any durability. */
import type { Machine } from '../machine.js';

const MB = 2 ** 20;
const GB = 2 ** 30;

/** Connections for the daemon, its lanes and a person with psql. */
const MAX_CONNECTIONS = 50;

/**
 * Returns the lines of the configuration file, which is rewritten at every start. fsync, synchronous_commit
 * and full_page_writes are listed so that readers can see that they are on.
 */
export function settingsFor(machine: Machine, socketFolder: string): string {
  const { memory, cores, freeDisk, sharedMemory } = machine;
  const settings: Record<string, string> = {
    listen_addresses: quote(''),
    port: '5432',
    unix_socket_directories: quote(listed(socketFolder)),
    unix_socket_permissions: '0700',
    max_connections: String(MAX_CONNECTIONS),

    fsync: 'on',
    synchronous_commit: 'on',
    full_page_writes: 'on',

    // A quarter of the memory is the manual's advice (19.4); above 4 GB, loading gets no faster.
    shared_buffers: megabytes(clamp(memory / 4, 64 * MB, 4 * GB)),
    effective_cache_size: megabytes(clamp(memory / 2, 128 * MB, 64 * GB)),
    maintenance_work_mem: megabytes(clamp(memory / 16, 32 * MB, GB)),
    work_mem: megabytes(clamp(memory / (MAX_CONNECTIONS * 8), 4 * MB, 64 * MB)),
    // At most what the default takes (19.5). Each backend faults in what it writes: with 64 MB, 30,000 pages for 500,000 updated rows.
    wal_buffers: megabytes(clamp(memory / 128, 4 * MB, 16 * MB)),

    // A checkpoint in the middle of a load writes every touched page twice (once to the WAL in full), so they
    // are rare. More WAL means a longer recovery after a crash: about a second for each 200 MB in the worst
    // case.
    max_wal_size: megabytes(clamp(freeDisk / 8, 256 * MB, 8 * GB)),
    min_wal_size: megabytes(clamp(freeDisk / 64, 80 * MB, GB)),
    checkpoint_timeout: '15min',
    checkpoint_completion_target: '0.9',
    // There is no replica; the WAL serves recovery only.
    wal_level: 'minimal',
    max_wal_senders: '0',

    random_page_cost: '1.1',
    max_parallel_workers: String(cores),
    max_parallel_workers_per_gather: String(Math.floor(cores / 2)),
    // Compiling a statement costs more than the daemon's statements could gain.
    jit: 'off',
    // Parallel queries fail if /dev/shm is small, as it is by default in a container.
    dynamic_shared_memory_type: sharedMemory >= 256 * MB ? 'posix' : 'mmap',
    // The statement of a daemon that was killed stops soon, which releases its locks.
    client_connection_check_interval: '5s',

    timezone: quote('UTC'),
    log_timezone: quote('UTC'),
    log_line_prefix: quote('%m [%p] '),
    log_checkpoints: 'off',
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`);
  return `# Written by csvjobs at every start. Your own settings: at the end of postgresql.conf.\n${lines.join('\n')}\n`;
}

/** Quotes a value for postgresql.conf, where a backslash starts an escape (guc-file.l). */
function quote(value: string): string {
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}

/**
 * Quotes a folder as a list of one; otherwise commas would split it and blanks at its ends would be trimmed.
 */
function listed(folder: string): string {
  return `"${folder.replaceAll('"', '""')}"`;
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value));
}

function megabytes(bytes: number): string {
  return `${Math.floor(bytes / MB)}MB`;
}
