/** Waits at startup until PostgreSQL is available. */
import { setTimeout } from 'node:timers/promises';
import { asFailure, refusesDaemon } from './failure.js';
import type { Log } from './log.js';

/** How often a start checks whether it is available. */
const START_PAUSE_MS = 1_000;

/**
 * Does a piece of work; if PostgreSQL, which it needs, is not available yet, logs that and retries until it is.
 * @throws the reason of `abortSignal` if that is aborted meanwhile; errors of `work` that waiting does not fix
 */
export async function whenDatabaseAnswers<T>(
  work: () => Promise<T>,
  log: Log,
  abortSignal: AbortSignal,
): Promise<T> {
  for (let logged = false; ; logged = true) {
    abortSignal.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      const failure = asFailure(error);
      if (!failure.retryable || refusesDaemon(failure.code)) throw error;
      if (!logged) log.warn({ err: failure }, 'PostgreSQL is not available yet; waiting');
      await setTimeout(START_PAUSE_MS, undefined, { signal: abortSignal }).catch(() => {});
    }
  }
}
