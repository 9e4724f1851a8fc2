/** Facts about other processes: whether a process id still means the same process, and what that works on. */
import { execFile } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** How often to check whether a process has exited, in milliseconds. */
const POLL = 20;

/**
 * Returns a string that distinguishes processes with the same id, even across a reboot: the start time in
 * clock ticks since boot (field 22 of /proc/<pid>/stat, proc(5)) with the boot's id; on other systems, the
 * output of `ps`. Undefined if there is no such process.
 */
export async function processIdentity(pid: number): Promise<string | undefined> {
  if (process.platform !== 'linux') return ps(pid, 'lstart=');
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field is the program's name in parentheses and may itself contain parentheses and spaces.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A zombie has exited; it only waits for its parent.
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
    return `${fields[19]}@${boot}`;
  } catch {
    return undefined;
  }
}

/**
 * Whether a process is one of the named programs at work on a folder: its working directory is the folder, or
 * its command line names it. A process id alone proves nothing, because ids are reused.
 */
export async function worksOn(pid: number, programs: readonly string[], folder: string): Promise<boolean> {
  if ((await processIdentity(pid)) === undefined) return false;
  if (process.platform !== 'linux') {
    const command = (await ps(pid, 'command=')) ?? '';
    if (!programs.some((program) => command.includes(program))) return false;
    return command.includes(folder) || (await workingFolder(pid)) === folder;
  }
  const command = read(`/proc/${pid}/cmdline`)?.split('\0') ?? [];
  const name = read(`/proc/${pid}/comm`)?.trim() ?? '';
  if (!programs.some((program) => name === program || command[0]?.includes(program))) return false;
  // The link of another user's process cannot be read in a container without CAP_SYS_PTRACE.
  return command.includes(folder) || (await workingFolder(pid)) === folder;
}

/**
 * Sends a signal and waits until the process is gone; after `patience` milliseconds sends the harder signal.
 */
export async function end(
  pid: number,
  signals: { first: NodeJS.Signals; last: NodeJS.Signals },
  patience: number,
): Promise<void> {
  const self = await processIdentity(pid);
  if (self === undefined) return;
  const send = (signal: NodeJS.Signals) => {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  };
  send(signals.first);
  let deadline = performance.now() + patience;
  while ((await processIdentity(pid)) === self) {
    if (performance.now() > deadline) {
      send(signals.last);
      deadline = Number.POSITIVE_INFINITY;
    }
    await pause(POLL);
  }
}

/** Resolves after this many milliseconds. */
export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

async function workingFolder(pid: number): Promise<string | undefined> {
  try {
    if (process.platform === 'linux') return readlinkSync(`/proc/${pid}/cwd`);
    const { stdout } = await run('lsof', ['-a', '-p', String(pid), '-d', 'cwd', '-Fn']);
    return /^n(.*)$/m.exec(stdout)?.[1];
  } catch {
    return undefined;
  }
}

async function ps(pid: number, format: string): Promise<string | undefined> {
  try {
    const { stdout } = await run('ps', ['-ww', '-o', format, '-p', String(pid)]);
    return stdout.trim() || undefined;
  } catch {
    return undefined;
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
