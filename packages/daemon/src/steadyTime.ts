/** Time that nobody can set: for judging what the clock of the wall says. */
import { randomUUID } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';

/** Milliseconds by the machine's own clock (CLOCK_MONOTONIC): the same for all processes of one `machineRun`. */
export function steadyMs(): number {
  return Number(process.hrtime.bigint() / 1_000_000n);
}

/**
 * The run of the machine within which `steadyMs` of two processes can be compared: from its start to its end, in the same
 * time namespace (time_namespaces(7)). Where the system does not say, each process is a run of its own.
 */
export const machineRun = ((): string => {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
    return `${boot} ${readlinkSync('/proc/self/ns/time')}`;
  } catch {
    return randomUUID();
  }
})();
