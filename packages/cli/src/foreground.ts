/**
 * Whether this process may read and set its terminal. If a background process does (`csvjobs … &`, or under timeout(1),
 * which makes its own process group), SIGTTIN or SIGTTOU stops it (POSIX, 11.1.4), and it hangs.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Checked on every call, because `fg` and `bg` change it. Returns true if it cannot be determined. */
export function inForeground(): boolean {
  try {
    const [group, foreground] = process.platform === 'linux' ? fromProc() : fromPs();
    // Without a controlling terminal (-1, or 0) nothing is stopped.
    return foreground === undefined || foreground <= 0 || group === foreground;
  } catch {
    return true;
  }
}

/**
 * proc_pid_stat(5): the name (field 2) may have spaces and brackets; after it come state, ppid, pgrp, session, tty_nr,
 * tpgid.
 */
function fromProc(): (number | undefined)[] {
  const stat = readFileSync('/proc/self/stat', 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return [Number(fields[2]), Number(fields[5])];
}

function fromPs(): number[] {
  const line = execFileSync('ps', ['-o', 'pgid=,tpgid=', '-p', String(process.pid)], { encoding: 'utf8' });
  return line.trim().split(/\s+/).map(Number);
}
