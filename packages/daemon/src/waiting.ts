/** What a start needs of a server, waited for while that is not there. */
import { setTimeout } from 'node:timers/promises';
import { asFailure } from './failure.js';
import type { Log } from './log.js';

/** How often a start looks again whether it is there yet. */
const START_PAUSE_MS = 1_000;

/**
 * Does a piece of work, and where the server that it needs (`what`) is not there yet says so and tries again until it is.
 * @throws the reason of `giveUp` when that is aborted meanwhile; errors of `work` that waiting does not help
 */
export async function whenDatabaseAnswers<T>(
  work: () => Promise<T>,
  log: Log,
  giveUp: AbortSignal,
  what = 'PostgreSQL',
): Promise<T> {
  for (let told = false; ; told = true) {
    giveUp.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      const failure = asFailure(error);
      if (!failure.retryable) throw error;
      if (!told) log.warn({ err: failure }, `${what} is not available yet; waiting`);
      await setTimeout(START_PAUSE_MS, undefined, { signal: giveUp }).catch(() => {});
    }
  }
}
