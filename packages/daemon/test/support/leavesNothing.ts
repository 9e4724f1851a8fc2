/**
 * Files that share a process (vitest.projects.ts) leave it as they found it: its environment, its folder, its listeners and its
 * clock. One that does not fails, and not the one after it.
 */
import { afterAll, expect, vi } from 'vitest';

const before = state();
afterAll(() => {
  expect(state(), 'the process is as it was before this file').toEqual(before);
});

function state() {
  return {
    environment: { ...process.env },
    folder: process.cwd(),
    umask: process.umask(),
    // But for those that wait for its end: they concern no other file.
    listeners: Object.fromEntries(
      process
        .eventNames()
        .filter((name) => name !== 'exit')
        .map((name) => [name, process.listenerCount(name)]),
    ),
    timers: vi.isFakeTimers(),
  };
}
