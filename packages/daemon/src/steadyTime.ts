/** Time that cannot be set: for checking the wall clock. */
import { randomUUID } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';

/** Milliseconds by the machine's own clock (CLOCK_MONOTONIC): the same for all processes of one `machineRun`. */
export function steadyMs(): number {
  return Number(process.hrtime.bigint() / 1_000_000n);
}

/**
 * The run of the machine within which `steadyMs` of two processes can be compared: from boot to shutdown, in
 * the same time namespace (time_namespaces(7)). If the system does not say, each process is its own run.
 */
export const machineRun = ((): string => {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
    return `${boot} ${readlinkSync('/proc/self/ns/time')}`;
  } catch {
    return randomUUID();
  }
})();
