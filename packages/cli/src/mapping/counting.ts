/** Counts how many of a file's first records a load would accept: again for each mapping, in the background. */
import { setTimeout as wait } from 'node:timers/promises';
import { type CheckProgramOptions, checkEvents } from '../localDaemon/checkProgram.js';
import { digester } from '../report/digest.js';
import { asUserError } from '../userError.js';

/** Number of records to count. */
export const COUNTED = 10_000;
/** Delay before a count starts, in milliseconds: keys that come faster are one change. */
const SETTLED = 150;
/** Number of reasons to keep for the screen. */
const REASONS = 3;

export type Count =
  | { state: 'none' }
  | { state: 'counting' }
  | { state: 'counted'; good: number; bad: number; reasons: { message: string; rows: number }[] }
  /** An upload would be refused for this reason, or nothing could be counted. */
  | { state: 'refused'; why: string };

export interface Counter {
  subscribe(listener: () => void): () => void;
  count(): Count;
  /** Counts with this spec instead of the previous one; without a spec, there is nothing to count. */
  start(spec: Uint8Array | undefined): void;
  /** Stops a running count. */
  close(): Promise<void>;
}

/** Creates a counter for one file. */
export function createCounter(path: string, options: CheckProgramOptions): Counter {
  const listeners = new Set<() => void>();
  let count: Count = { state: 'none' };
  let running: { abort: AbortController; ended: Promise<void> } | undefined;

  function show(found: Count): void {
    count = found;
    for (const listener of listeners) listener();
  }

  async function run(spec: Uint8Array, before: Promise<void> | undefined, signal: AbortSignal) {
    try {
      await wait(SETTLED, undefined, { signal });
      await before;
      signal.throwIfAborted();
      show(await counted(path, { ...options, spec, first: COUNTED }, signal));
    } catch (error) {
      if (!signal.aborted) show({ state: 'refused', why: reasonOf(error) });
    }
  }

  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    count: () => count,
    start(spec) {
      running?.abort.abort();
      const before = running?.ended;
      running = undefined;
      show({ state: spec ? 'counting' : 'none' });
      if (!spec) return;
      const abort = new AbortController();
      running = { abort, ended: run(spec, before, abort.signal) };
    },
    async close() {
      running?.abort.abort();
      await running?.ended;
    },
  };
}

async function counted(path: string, options: CheckProgramOptions, signal: AbortSignal): Promise<Count> {
  const { add, result } = digester();
  for await (const event of checkEvents(path, options, signal)) {
    if (event.type === 'rejected') add(event);
    if (event.type === 'refused' || event.type === 'failed') return { state: 'refused', why: event.message };
    if (event.type === 'checked') {
      const reasons = result().reasons.slice(0, REASONS);
      return {
        state: 'counted',
        good: event.successCount,
        bad: event.failedCount,
        reasons: reasons.map(({ message, rows }) => ({ message, rows })),
      };
    }
  }
  throw new Error('the count ended without a result');
}

function reasonOf(error: unknown): string {
  const { message, why } = asUserError(error);
  return why === undefined ? message : `${message}: ${why}`;
}
