/**
 * What a machine with a load of 15 may take for what is done at once elsewhere. What is not done at all takes much longer:
 * a connection to a silent PostgreSQL is given up after two minutes, a lock of somebody else's never.
 */
export const BUSY_MS = 30_000;

/** Under a load of 20 a job that waits for its lock was seen to take 60 s; the test's own bound is behind this one. */
const PATIENCE_MS = 150_000;

/** Waits for a condition, which is looked at often, or as often as it is worth; the only way in which the suite waits. */
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
