/** CPU seconds of single threads of this process (Linux): Node 20 has none of its own for them. */
import { readdirSync, readFileSync } from 'node:fs';

/** USER_HZ, in which /proc counts. */
const TICKS_A_SECOND = 100;

/** Each thread that runs now, by its id. */
export function threadSeconds() {
  return new Map(readdirSync('/proc/self/task').flatMap((id) => secondsOf(id)));
}

function secondsOf(id) {
  try {
    const text = readFileSync(`/proc/self/task/${id}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return [[id, (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND]];
  } catch {
    return [];
  }
}

/**
 * Follows the busiest of the threads that were not there `before`, from now on: the one that reads. Returns its seconds, as far as
 * they were seen before it ended: to within 50 ms.
 */
export function followBusiest(before) {
  const start = threadSeconds();
  let most = 0;
  const look = () => {
    for (const [id, seconds] of threadSeconds())
      if (!before.has(id)) most = Math.max(most, seconds - (start.get(id) ?? 0));
  };
  const timer = setInterval(look, 50).unref();
  return () => {
    clearInterval(timer);
    return most;
  };
}
