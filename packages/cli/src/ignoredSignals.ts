/** Signals that whoever started this program wants ignored. */
import { readFileSync, readlinkSync } from 'node:fs';
import { startedAs } from './config/environment.js';

/** SIGHUP's bit in the masks of proc_pid_status(5). */
const HANGUP = 1n;

/**
 * Whether SIGHUP is to be ignored, as nohup(1) has it. Node sets every signal back at its start (ResetSignalHandlers in
 * node.cc) and does not say what it was, so that it is read from what is left: the shell's `_`, which names the program that
 * it started; the file that nohup makes of a terminal; and a parent that ignores the signal, as a script under nohup does.
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
