/**
 * The cost of each test file, for `npm run test:cpu` (scripts/testCpu.mjs): at its end a line of JSON with the CPU seconds of
 * the worker and of its child processes that have ended. The first of the setup files, so that it measures last.
 */
import { appendFileSync, readFileSync } from 'node:fs';
import { afterAll, expect } from 'vitest';

const file = process.env.TEST_CPU;
if (file !== undefined) {
  const at = globalThis as { cpuBefore?: number };
  afterAll(() => {
    const now = cpuSeconds();
    // A worker without isolation has run other files before.
    const seconds = now - (at.cpuBefore ?? 0);
    at.cpuBefore = now;
    appendFileSync(file, `${JSON.stringify({ path: expect.getState().testPath, seconds })}\n`);
  });
}

/** User and system time of this process and its reaped children, proc_pid_stat(5); a tick is a hundredth of a second. */
function cpuSeconds(): number {
  const fields = readFileSync('/proc/self/stat', 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / 100;
}
