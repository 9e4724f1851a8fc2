/** Abort signals with many listeners. */
import { setMaxListeners } from 'node:events';

/**
 * Returns a signal that aborts with the first of these. Each file of a command listens to it: node's warning about
 * eleven listeners is for leaks.
 */
export function anySignal(signals: readonly AbortSignal[]): AbortSignal {
  return unbounded(AbortSignal.any([...signals]));
}

/** Returns the signal, without node's warning about many listeners. */
export function unbounded(signal: AbortSignal): AbortSignal {
  setMaxListeners(0, signal);
  return signal;
}
