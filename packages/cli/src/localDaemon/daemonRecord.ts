/** What is kept about a background daemon: its process and its log, a record for each address. */
import { execFileSync } from 'node:child_process';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stateFolder } from '../config/environment.js';

export interface DaemonRecord {
  pid: number;
  /** The process's start as the system tells it: a pid alone may long be another process's. */
  start: string;
  url: string;
  log: string;
}

/** Where record and log of the daemon at an address are, and how the claims to start or stop it begin. */
export function recordPaths(url: URL): { record: string; log: string; claim: string } {
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  const base = join(stateFolder(), `daemon-${url.hostname.replace(/[^\w.-]/g, '_')}-${port}`);
  return { record: `${base}.json`, log: `${base}.log`, claim: `${base}.claim-` };
}

/**
 * The record of the daemon at an address, if that very process still runs. A stale one stays: whoever does not hold
 * the lock might take away the one that another call writes at this moment.
 */
export function readRecord(url: URL): DaemonRecord | undefined {
  const record = parse(recordPaths(url).record);
  return record && runs(record) ? record : undefined;
}

/** Only for who has the lock (daemonLock.ts), as is `removeRecord`. */
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

/** When a process started, as the system tells it; undefined when there is none (or only its remains, a zombie). */
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
