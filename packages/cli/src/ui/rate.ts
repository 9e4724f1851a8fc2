/** The speed of a file: a rate that stays steady although rows come in bunches. */

/** Measurements of a growing count: rows, or bytes while a file is uploaded. */
export interface Measured {
  /** Units per second, over the last seconds. */
  rate: number;
  /** Earlier values of the count, oldest first; the rate is calculated from them. */
  marks: readonly { at: number; units: number }[];
  /** The latest values of the rate, oldest first. */
  rates: readonly number[];
  /** When the count was last measured, by a monotonic clock in milliseconds, and its value then. */
  seenAt: number;
  seenUnits: number;
}

/**
 * Window of the rate, in milliseconds. Lanes commit side by side, so rows come in bunches of 50,000 with nothing in
 * between, and an average over a few events would jump.
 */
const RATE_WINDOW = 8_000;
/** Maximum number of marks kept; if they come faster, the window is shorter. */
const MARKS_KEPT = 100;
/** Minimum step, in milliseconds: shorter steps say nothing about the rate. */
const SHORTEST_STEP = 100;
const RATES_KEPT = 40;

/** Starts a new measurement. */
export function measureFrom(units: number, now: number): Measured {
  return { rate: 0, marks: [{ at: now, units }], rates: [], seenAt: now, seenUnits: units };
}

/** Measures the rate again. A measurement that comes too soon counts in the next step. */
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
