/**
 * Whether PostgreSQL's clock, by which jobs expire, can be believed. Set ahead by a year, it makes every job look old;
 * one look cannot tell. So it must have run for a while as the machine's own clock did, which nobody sets.
 */
import { z } from 'zod';
import { machineRun, steadyMs } from './steadyTime.js';

const moment = z.object({ wall: z.number(), steady: z.number() });
const noted = z.object({ run: z.string(), since: moment, mark: moment });
type Moment = z.infer<typeof moment>;

/** Clocks are adjusted by seconds while they run; a set clock is off by more. */
const TOLERANCE_MS = 60_000;
/** Of the time between two looks, for the adjusting (adjtime(3) slews by at most 0.05 %). */
const SLEW = 0.001;

export interface ClockNotes {
  read(): Promise<unknown>;
  write(value: unknown): Promise<void>;
}

/**
 * Tells at each look whether the clock has been steady for `neededMs`. What was seen is noted, so that daemons that run for
 * a moment only have it from each other, as long as the machine runs.
 */
export function createSteadyClock(neededMs: number, notes: ClockNotes) {
  let known: z.infer<typeof noted> | undefined;
  return async (wall: number, steady = steadyMs()): Promise<boolean> => {
    const now = { wall, steady };
    known ??= noted.safeParse(await notes.read()).data;
    if (known?.run !== machineRun || differ(known.since, now) || differ(known.mark, now)) {
      known = { run: machineRun, since: now, mark: now };
    } else if (steady - known.mark.steady >= neededMs) {
      // Moved on with the time: else the tolerance for slewing would grow without end.
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
