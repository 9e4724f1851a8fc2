import { FULL } from './figures.js';

/**
 * At a load of 20 a job that waits for its lock took 60 s, and with other suites beside the whole one even more than 120. The
 * test's own timeout is longer than this one.
 */
const PATIENCE_MS = FULL ? 600_000 : 150_000;

/** Waits for a condition, checked often, or as often as sensible; the suite's only way to wait. */
export async function until<T>(
  what: string,
  look: () => T | undefined | false | null | Promise<T | undefined | false | null>,
  patienceMs = PATIENCE_MS,
  pauseMs = 15,
): Promise<T> {
  const deadline = performance.now() + patienceMs;
  let last: unknown;
  for (;;) {
    try {
      const seen = await look();
      if (seen) return seen;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (performance.now() > deadline) {
      throw new Error(`waited ${patienceMs} ms in vain: ${what}`, last === undefined ? {} : { cause: last });
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}
