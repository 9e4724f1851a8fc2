/** Waiting for a daemon that is away for a while. */
import { setTimeout as sleep } from 'node:timers/promises';
import { EXIT } from '../exitCodes.js';
import { UserError } from '../userError.js';
import { networkCode } from './networkError.js';

const ASK_EVERY = 1_000;

/** Whether waiting may help: the daemon is away or busy, or had an internal error. */
export function isAway(error: unknown): error is UserError {
  return error instanceof UserError && (error.exitCode === EXIT.unreachable || error.code === 'internal');
}

/**
 * Returns the daemon's answer. While the connection breaks during the answer, asks again every second for up to
 * `patience` milliseconds. If nothing listens, or the daemon itself refuses, throws at once.
 */
export async function unlessBroken<T>(
  ask: () => Promise<T>,
  { patience, signal }: { patience: number; signal: AbortSignal },
): Promise<T> {
  const until = performance.now() + patience;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      const code = isAway(error) ? networkCode(error.cause) : undefined;
      if (code === undefined || code === 'ECONNREFUSED' || performance.now() >= until) throw error;
      await sleep(ASK_EVERY, undefined, { signal }).catch(() => {
        throw signal.reason;
      });
    }
  }
}

/** Returns the daemon's answer, or undefined while the daemon is away. Throws errors that waiting cannot cure. */
export async function unlessAway<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (isAway(error)) return undefined;
    throw error;
  }
}

/** Exit 6: the daemon was away for too long. */
export function goneError({ url }: { url: URL }, patience: number, next: string): UserError {
  return new UserError({
    code: 'daemon_unreachable',
    exitCode: EXIT.unreachable,
    what: `The daemon at ${url.origin} has been unavailable for ${Math.round(patience / 1000)} s`,
    why: 'the job continues when the daemon is back',
    next,
  });
}
