/**
 * Whether this process may read and set its terminal. One in the background (`csvjobs … &`, or under timeout(1), which makes
 * a process group of its own) is stopped by SIGTTIN or SIGTTOU when it does (POSIX, 11.1.4), and waits for ever.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Looked at each time that it is asked: `fg` and `bg` change it. Where it cannot be found out it is true. */
export function inForeground(): boolean {
  try {
    const [group, foreground] = process.platform === 'linux' ? fromProc() : fromPs();
    // Without a controlling terminal (-1, or 0) nothing is stopped.
    return foreground === undefined || foreground <= 0 || group === foreground;
  } catch {
    return true;
  }
}

/** proc_pid_stat(5): the name (field 2) may have spaces and brackets; behind it state, ppid, pgrp, session, tty_nr, tpgid. */
function fromProc(): (number | undefined)[] {
  const stat = readFileSync('/proc/self/stat', 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return [Number(fields[2]), Number(fields[5])];
}

function fromPs(): number[] {
  const line = execFileSync('ps', ['-o', 'pgid=,tpgid=', '-p', String(process.pid)], { encoding: 'utf8' });
  return line.trim().split(/\s+/).map(Number);
}
