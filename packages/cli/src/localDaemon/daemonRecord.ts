/** Records of background daemons, one per address: process and log. */
import { execFileSync } from 'node:child_process';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stateFolder } from '../config/environment.js';

export interface DaemonRecord {
  pid: number;
  /** The process's start time from the system, because the PID may have been reused. */
  start: string;
  url: string;
  log: string;
}

/** Paths of the record and log of the daemon at an address, and the prefix of claims to start or stop it. */
export function recordPaths(url: URL): { record: string; log: string; claim: string } {
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  const base = join(stateFolder(), `daemon-${url.hostname.replace(/[^\w.-]/g, '_')}-${port}`);
  return { record: `${base}.json`, log: `${base}.log`, claim: `${base}.claim-` };
}

/**
 * Returns the record of the daemon at an address, if that same process still runs. Leaves a stale record in place:
 * without the lock, this call might remove a record that another call is writing.
 */
export function readRecord(url: URL): DaemonRecord | undefined {
  const record = parse(recordPaths(url).record);
  return record && runs(record) ? record : undefined;
}

/** Requires the lock (daemonLock.ts), like `removeRecord`. */
export function writeRecord(record: DaemonRecord): void {
  const { record: file } = recordPaths(new URL(record.url));
  writeFileSync(`${file}.new`, `${JSON.stringify(record)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

export function removeRecord(url: URL): void {
  rmSync(recordPaths(url).record, { force: true });
}

/** Whether the process of a record still runs. */
export function runs({ pid, start }: Pick<DaemonRecord, 'pid' | 'start'>): boolean {
  return processStart(pid) === start;
}

/** Returns when a process started, from the system; undefined if it does not exist or is a zombie. */
export function processStart(pid: number): string | undefined {
  if (process.platform !== 'linux') return startByPs(pid);
  try {
    // proc_pid_stat(5): the name (field 2) may have spaces and brackets, so fields count from the last bracket.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

function startByPs(pid: number): string | undefined {
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined;
  } catch {
    return undefined;
  }
}

function parse(file: string): DaemonRecord | undefined {
  try {
    const value = JSON.parse(readFileSync(file, 'utf8')) as Partial<DaemonRecord>;
    const { pid, start, url, log } = value;
    if (
      typeof pid !== 'number' ||
      typeof start !== 'string' ||
      typeof url !== 'string' ||
      typeof log !== 'string'
    )
      return undefined;
    return { pid, start, url, log };
  } catch {
    return undefined;
  }
}
