/**
 * Files that share a process (vitest.projects.ts) leave it as they found it: its environment, its folder, its listeners and its
 * clock. One that does not fails, and not the one after it.
 */
import { afterAll, expect, vi } from 'vitest';

const before = state();
afterAll(() => {
  const after = state();
  const names = [...new Set([...before.keys(), ...after.keys()])];
  // Names only: of values of the environment some are secret.
  const changed = names.filter((name) => before.get(name) !== after.get(name));
  expect(changed, 'what a file that shares a process has changed of it').toEqual([]);
});

/** What belongs to the process, by name. */
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
