// vitest's first step (vitest.base.ts): tests keep temporary files in memory if there is enough of it. They create some two
// thousand databases and data folders, and delete them again: to create and drop a database takes the kernel 72 ms of CPU
// time on ext4, 12 on tmpfs. If TMPDIR is set, it stays as it is.
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';

/** Linux's file system in memory. Containers often have one of 64 MB, or one from which no program may be started. */
const SHARED_MEMORY = '/dev/shm';
/** Short, because the path of a Unix socket has at most 107 bytes. */
const PREFIX = 'csvjobs-';
/** More than a whole run has there at a time. */
const NEEDED_BYTES = 8 * 2 ** 30;

/** Sets TMPDIR for this process and the processes it starts, until the function that it returns is called. */
export default function useMemory() {
  if (process.env.TMPDIR !== undefined || !hasRoom()) return () => {};
  removeAbandoned();
  const folder = join(SHARED_MEMORY, `${PREFIX}${process.pid}`);
  mkdirSync(folder);
  // As /tmp: PostgreSQL runs as another user if the tests run as root.
  chmodSync(folder, 0o1777);
  process.env.TMPDIR = folder;
  return () => {
    delete process.env.TMPDIR;
    rmSync(folder, { recursive: true, force: true });
  };
}

/** Whether there is a file system in memory, with enough room, that programs can be started from. */
export function hasRoom() {
  try {
    const { bavail, bsize } = statfsSync(SHARED_MEMORY);
    return startsPrograms() && bavail * bsize >= NEEDED_BYTES && availableMemory() >= NEEDED_BYTES;
  } catch {
    return false;
  }
}

/** proc_pid_mounts(5): device, mount point, type, options. */
function startsPrograms() {
  const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n');
  const [, , type, options] =
    mounts.map((line) => line.split(' ')).find(([, point]) => point === SHARED_MEMORY) ?? [];
  return type === 'tmpfs' && !options.split(',').includes('noexec');
}

/** proc_meminfo(5): memory for new programs without swapping. */
function availableMemory() {
  return Number(readFileSync('/proc/meminfo', 'utf8').match(/^MemAvailable:\s+(\d+) kB$/m)[1]) * 1024;
}

/** A run that was killed has left its folder. */
function removeAbandoned() {
  for (const name of readdirSync(SHARED_MEMORY)) {
    const pid = name.startsWith(PREFIX) && /^\d+$/.exec(name.slice(PREFIX.length))?.[0];
    if (pid && !isRunning(Number(pid))) rmSync(join(SHARED_MEMORY, name), { recursive: true, force: true });
  }
}

function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
