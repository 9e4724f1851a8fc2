/**
 * Whether PostgreSQL's clock, by which jobs expire, can be trusted. Set ahead by a year, it makes every job
 * look old; a single look cannot detect that. So it must have run in step with the machine's monotonic clock
 * for a while.
 */
import { z } from 'zod';
import { machineRun, steadyMs } from './steadyTime.js';

const moment = z.object({ wall: z.number(), steady: z.number() });
const noted = z.object({ run: z.string(), since: moment, mark: moment });
type Moment = z.infer<typeof moment>;

/** A running clock is adjusted by seconds; a clock that was set is off by more. */
const TOLERANCE_MS = 60_000;
/** Fraction of the time between two looks, for gradual adjustment (adjtime(3) slews by at most 0.05 %). */
const SLEW = 0.001;

export interface ClockNotes {
  read(): Promise<unknown>;
  write(value: unknown): Promise<void>;
}

/**
 * Reports at each look whether the clock has been steady for `neededMs`. Observations are noted, so that
 * daemons that run only briefly inherit them from each other, as long as the machine runs.
 */
export function createSteadyClock(neededMs: number, notes: ClockNotes) {
  let known: z.infer<typeof noted> | undefined;
  return async (wall: number, steady = steadyMs()): Promise<boolean> => {
    const now = { wall, steady };
    known ??= noted.safeParse(await notes.read()).data;
    if (known?.run !== machineRun || differ(known.since, now) || differ(known.mark, now)) {
      known = { run: machineRun, since: now, mark: now };
    } else if (steady - known.mark.steady >= neededMs) {
      // Moves along with the time: otherwise the tolerance for slewing would grow without limit.
      known = { ...known, since: known.mark, mark: now };
    }
    await notes.write(known);
    return steady - known.since.steady >= neededMs;
  };
}

function differ(before: Moment, now: Moment): boolean {
  const passed = now.steady - before.steady;
  return passed < 0 || Math.abs(now.wall - before.wall - passed) > TOLERANCE_MS + passed * SLEW;
}
