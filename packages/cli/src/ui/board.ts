/** The lanes as a store for the views: told at any rate, drawn at most four times a second. */
import type { Happening } from './happening.js';
import { type Lane, newLane, step } from './lane.js';

export interface Board {
  tell(happening: Happening): void;
  subscribe(listener: () => void): () => void;
  lanes(): readonly Lane[];
  /** The clock that the lanes are measured by, milliseconds. */
  now(): number;
  /** Tells the listeners what they have not been told. */
  flush(): void;
}

/** Milliseconds between two drawings: the daemon tells every 300, and a frame costs 5 to 10 of a core's. */
const DRAW_EVERY = 250;

/**
 * @param sizes bytes of each file, where they are known
 * @param paths of the files, where there are any
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
    tell(happening) {
      const at = now();
      current = current.map((lane, index) => (index === happening.lane ? step(lane, happening, at) : lane));
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
