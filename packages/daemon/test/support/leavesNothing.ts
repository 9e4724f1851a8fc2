/**
 * Files that share a process (vitest.projects.ts) must leave it unchanged: its environment, folder, listeners and
 * clock. Otherwise that file fails, and not the next one.
 */
import { afterAll, expect, vi } from 'vitest';

const before = state();
afterAll(() => {
  const after = state();
  const names = [...new Set([...before.keys(), ...after.keys()])];
  // Only names: some values of the environment are secret.
  const changed = names.filter((name) => before.get(name) !== after.get(name));
  expect(changed, 'what a file that shares a process has changed of it').toEqual([]);
});

/** The state of the process, by name. */
function state(): Map<string, unknown> {
  const listeners = process
    .eventNames()
    // But for those that wait for its end: they concern no other file.
    .filter((event) => event !== 'exit')
    .map((event) => [`listeners for ${String(event)}`, process.listenerCount(event)] as const);
  return new Map<string, unknown>([
    ...Object.entries(process.env).map(([name, value]) => [`the variable ${name}`, value] as const),
    ...listeners,
    ['the working folder', process.cwd()],
    ['the umask', process.umask()],
    ['the timers of vitest', vi.isFakeTimers()],
  ]);
}
