/** CPU time of processes, which says more than wall-clock time where others use the machine (Linux). */
import { readdirSync, readFileSync } from 'node:fs';

/** USER_HZ, in which /proc counts: 100 wherever Linux runs Node. */
const TICKS_A_SECOND = 100;

/** Seconds of a process, of all that it has waited for, and of its children that run. */
export function treeSeconds(pid) {
  for (;;) {
    const ended = waitedFor(pid);
    const children = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && parentOf(name) === pid);
    const sum = [String(pid), ...children].reduce((all, each) => all + secondsOf(each), 0);
    // A child that it has waited for meanwhile may be counted twice, or not at all.
    if (waitedFor(pid) === ended) return sum;
  }
}

/** The times of the children that a process has waited for. */
function waitedFor(pid) {
  return statOf(pid)?.slice(13, 15).join();
}

/** Seconds of the programs that this process has run to their ends. */
export function endedChildrenSeconds() {
  const fields = statOf('self');
  return (Number(fields[13]) + Number(fields[14])) / TICKS_A_SECOND;
}

function secondsOf(pid) {
  const fields = statOf(pid);
  const ticks = fields?.slice(11, 15).reduce((sum, each) => sum + Number(each), 0) ?? 0;
  return ticks / TICKS_A_SECOND;
}

function parentOf(pid) {
  return Number(statOf(pid)?.[1]);
}

/** What stands behind the name of a process (proc(5)): its state, its parent, …; undefined where it has ended. */
function statOf(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}
