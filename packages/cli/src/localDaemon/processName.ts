/** Names for processes that can stand in names of files: whether the one that left a file is still there. */
import { processStart } from './daemonRecord.js';

/** A process by its number and its start: a number alone may long be another process's. */
export function processName(pid: number): string {
  return `${pid}-${(processStart(pid) ?? 'gone').replace(/\W+/g, '-')}`;
}

/** Whether the process of a name still runs; only for names that were made on this machine. */
export function isRunning(name: string): boolean {
  const pid = Number.parseInt(name, 10);
  return processStart(pid) !== undefined && processName(pid) === name;
}
