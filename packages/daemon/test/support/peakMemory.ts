/**
 * The peak memory of a process. Linux has it as VmHWM, which starts at zero with each program. `ru_maxrss`, Node's `maxRSS`,
 * does not: a child inherits its parent's size at its start. A test process of 308 MiB made every child look as large.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';

const PEAK = /^VmHWM:\s+(\d+) kB$/m;

/** The peak of a running process, in bytes. NaN without /proc. */
export function peakBytes(pid: number): number {
  return Number(PEAK.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
}

/** Makes a Node process print its own peak at its exit, in KiB, as the last line of stderr. */
const HOOK = `data:text/javascript,${encodeURIComponent(`
  import { existsSync, readFileSync } from 'node:fs';
  const status = '/proc/self/status';
  process.on('exit', () =>
    console.error(existsSync(status) ? ${PEAK}.exec(readFileSync(status, 'utf8'))[1] : process.resourceUsage().maxRSS));
`)}`;

/** Runs a Node program to its end. @returns its exit code, its output, and its peak in MiB */
export async function runForPeak(args: string[]) {
  const child = spawn(process.execPath, ['--import', HOOK, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const closed = once(child, 'close');
  const [stdout, printed] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = await closed;
  const lines = printed.trimEnd().split('\n');
  const peakMiB = Number(lines.pop()) / 1024;
  return { code: code as number | null, stdout, stderr: lines.join('\n'), peakMiB };
}
