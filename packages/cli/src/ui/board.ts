/** The lanes as a store for the views: updated at any rate, drawn at most four times a second. */

import { type Lane, newLane, step } from './lane.js';
import type { ViewEvent } from './viewEvent.js';

export interface Board {
  handle(event: ViewEvent): void;
  subscribe(listener: () => void): () => void;
  lanes(): readonly Lane[];
  /** The clock of the lanes, in milliseconds. */
  now(): number;
  /** Notifies listeners of pending changes. */
  flush(): void;
}

/**
 * Minimum time between two draws, in milliseconds. The daemon sends progress every 300 ms, and a frame costs 5 to 10 ms
 * of CPU time.
 */
const DRAW_EVERY = 250;

/**
 * @param sizes size of each file in bytes, if known
 * @param paths of the files, if there are any
 */
export function createBoard(
  names: readonly string[],
  now: () => number = () => performance.now(),
  sizes: readonly (number | undefined)[] = [],
  paths: readonly (string | undefined)[] = [],
): Board {
  const listeners = new Set<() => void>();
  let current: readonly Lane[] = names.map((name, place) => ({
    ...newLane(name, now(), place, sizes[place]),
    path: paths[place],
  }));
  let shown = current;
  let timer: NodeJS.Timeout | undefined;

  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    if (shown === current) return;
    shown = current;
    for (const listener of listeners) listener();
  };
  return {
    handle(event) {
      const at = now();
      current = current.map((lane, index) => (index === event.lane ? step(lane, event, at) : lane));
      timer ??= setTimeout(flush, DRAW_EVERY);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    lanes: () => shown,
    now,
    flush,
  };
}
