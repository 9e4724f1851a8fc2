/** Process names for use in file names, to check whether the process that left a file still runs. */
import { processStart } from './daemonRecord.js';

/** Names a process by its PID and start time, because a PID may be reused. */
export function processName(pid: number): string {
  return `${pid}-${(processStart(pid) ?? 'gone').replace(/\W+/g, '-')}`;
}

/** Whether the named process still runs; only for names made on this machine. */
export function isRunning(name: string): boolean {
  const pid = Number.parseInt(name, 10);
  return processStart(pid) !== undefined && processName(pid) === name;
}
