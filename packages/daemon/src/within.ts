/** A wait with an end. */
import pTimeout from 'p-timeout';

/** Waits for a promise, but at most this many milliseconds. */
export function within(ms: number, promise: Promise<unknown>): Promise<unknown> {
  return pTimeout(promise, { milliseconds: ms, fallback: () => {} });
}
