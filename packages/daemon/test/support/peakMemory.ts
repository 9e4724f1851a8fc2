/**
 * The most memory that a process has had. Linux counts it as VmHWM, which starts at zero with each program. `ru_maxrss`, which Node calls
 * `maxRSS`, does not: a child takes over what its parent had when it started it. A test process of 308 MiB made every child look as large.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';

const PEAK = /^VmHWM:\s+(\d+) kB$/m;

/** Of a process that runs, in bytes. NaN where there is no /proc. */
export function peakBytes(pid: number): number {
  return Number(PEAK.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
}

/** Makes a Node process say its own peak as it ends, in KiB, as the last line of its standard error. */
const HOOK = `data:text/javascript,${encodeURIComponent(`
  import { existsSync, readFileSync } from 'node:fs';
  const status = '/proc/self/status';
  process.on('exit', () =>
    console.error(existsSync(status) ? ${PEAK}.exec(readFileSync(status, 'utf8'))[1] : process.resourceUsage().maxRSS));
`)}`;

/** Runs a program of Node to its end. @returns its exit code, what it printed, and its peak in MiB */
export async function runForPeak(args: string[]) {
  const child = spawn(process.execPath, ['--import', HOOK, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const closed = once(child, 'close');
  const [stdout, printed] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = await closed;
  const lines = printed.trimEnd().split('\n');
  const peakMiB = Number(lines.pop()) / 1024;
  return { code: code as number | null, stdout, stderr: lines.join('\n'), peakMiB };
}
