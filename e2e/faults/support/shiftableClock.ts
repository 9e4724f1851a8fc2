/** A wall clock that a scenario sets: that of one process, a daemon or the command line, and nobody else's. */
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface ShiftableClock {
  /** What gives a Node process this clock. */
  environment: { NODE_OPTIONS: string; CLOCK_SHIFT_FILE: string };
  /** Sets it, so many hours ahead of the true time; back where negative. */
  set(hours: number): void;
}

/** A clock that is right until it is set. It is a file in `folder`. */
export function shiftableClock(folder: string): ShiftableClock {
  const file = join(folder, 'clock');
  const set = (hours: number) => {
    // Renamed into place: the process looks at it all the time.
    writeFileSync(`${file}.new`, String(hours * 3_600_000));
    renameSync(`${file}.new`, file);
  };
  set(0);
  const preload = new URL('shiftedClock.mjs', import.meta.url).href;
  return { environment: { NODE_OPTIONS: `--import ${preload}`, CLOCK_SHIFT_FILE: file }, set };
}
