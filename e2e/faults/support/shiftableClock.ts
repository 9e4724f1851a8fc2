/** A wall clock that a scenario sets for a single process, a daemon or the command line. */
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface ShiftableClock {
  /** The environment that gives a Node process this clock. */
  environment: { NODE_OPTIONS: string; CLOCK_SHIFT_FILE: string };
  /** Sets it this many hours ahead of the real time; back if negative. */
  set(hours: number): void;
}

/** A clock that is correct until it is set. It is a file in `folder`. */
export function shiftableClock(folder: string): ShiftableClock {
  const file = join(folder, 'clock');
  const set = (hours: number) => {
    // Renamed into place, because the process reads it all the time.
    writeFileSync(`${file}.new`, String(hours * 3_600_000));
    renameSync(`${file}.new`, file);
  };
  set(0);
  const preload = new URL('shiftedClock.mjs', import.meta.url).href;
  return { environment: { NODE_OPTIONS: `--import ${preload}`, CLOCK_SHIFT_FILE: file }, set };
}
