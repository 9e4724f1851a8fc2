/** How fast a file goes: a rate that stays calm while rows come in bunches. */

/** What is known of a count that grows: rows, or bytes while a file is uploaded. */
export interface Measured {
  /** Units a second, over the last seconds. */
  rate: number;
  /** Where the count was, oldest first: what the rate is made of. */
  marks: readonly { at: number; units: number }[];
  /** The rate's last values, oldest first. */
  rates: readonly number[];
  /** When the count was looked at last, by a monotonic clock in milliseconds, and what it was. */
  seenAt: number;
  seenUnits: number;
}

/**
 * The rate is that of so many milliseconds: lanes commit side by side, so that rows come in bunches of 50,000 with
 * nothing in between, and an average over a few events leaps.
 */
const RATE_WINDOW = 8_000;
/** Signs that are kept for it at most; the window is shorter where they come faster. */
const MARKS_KEPT = 100;
/** Shorter steps say nothing about the rate. */
const SHORTEST_STEP = 100;
const RATES_KEPT = 40;

/** A new measurement, from this state on. */
export function measureFrom(units: number, now: number): Measured {
  return { rate: 0, marks: [{ at: now, units }], rates: [], seenAt: now, seenUnits: units };
}

/** The rate after another look; one that comes too soon counts in the next step. */
export function measure(last: Measured, units: number, now: number): Measured {
  const elapsed = now - last.seenAt;
  if (elapsed < SHORTEST_STEP) {
    const { rate, marks, rates, seenAt, seenUnits } = last;
    return { rate, marks, rates, seenAt, seenUnits };
  }
  const newest = ((units - last.seenUnits) / elapsed) * 1000;
  const marks = [...last.marks, { at: now, units }].slice(-MARKS_KEPT);
  while (marks[1] && marks[1].at <= now - RATE_WINDOW) marks.shift();
  const [first] = marks;
  const rate = first && now > first.at ? ((units - first.units) / (now - first.at)) * 1000 : newest;
  return { rate, marks, rates: [...last.rates, newest].slice(-RATES_KEPT), seenAt: now, seenUnits: units };
}
