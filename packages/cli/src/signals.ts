/** Signals that many wait for. */
import { setMaxListeners } from 'node:events';

/** Aborts with the first of these. Each file of a call listens to it: node's warning of eleven listeners is for leaks. */
export function anySignal(signals: readonly AbortSignal[]): AbortSignal {
  return unbounded(AbortSignal.any([...signals]));
}

/** The signal, without a word of node's however many listen to it. */
export function unbounded(signal: AbortSignal): AbortSignal {
  setMaxListeners(0, signal);
  return signal;
}
