/** Signals that the caller of this program wants ignored. */
import { readFileSync, readlinkSync } from 'node:fs';
import { startedAs } from './config/environment.js';

/** SIGHUP's bit in the masks of proc_pid_status(5). */
const HANGUP = 1n;

/**
 * Whether to ignore SIGHUP, as nohup(1) requests. Node resets every signal at startup (ResetSignalHandlers in node.cc)
 * and does not expose the previous state, so this looks for other traces: the shell's `_`, which names the program it
 * started; the file that nohup substitutes for a terminal; and a parent that ignores the signal, like a script under
 * nohup.
 */
export function ignoresHangup(): boolean {
  if (/(^|\/)nohup$/.test(startedAs() ?? '')) return true;
  return [1, 2].some(isNohupFile) || parentIgnoresHangup();
}

function isNohupFile(fd: number): boolean {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`).endsWith('/nohup.out');
  } catch {
    return false;
  }
}

function parentIgnoresHangup(): boolean {
  try {
    const [, mask = '0'] =
      /^SigIgn:\s*([\da-f]+)$/m.exec(readFileSync(`/proc/${process.ppid}/status`, 'utf8')) ?? [];
    return (BigInt(`0x${mask}`) & HANGUP) !== 0n;
  } catch {
    return false;
  }
}
