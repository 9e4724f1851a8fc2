/**
 * When a delivery is tried again: after the delays that Standard Webhooks 1.0 gives as an example ("Deliverability and
 * reliability"), up to 24 hours after the first attempt.
 */

const [SECOND, MINUTE, HOUR] = [1_000, 60_000, 3_600_000];

/** Milliseconds after the 1st, 2nd, … attempt that has failed; together 24 hours. */
export const RETRY_DELAYS: readonly number[] = [
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  6 * HOUR + 24 * MINUTE + 55 * SECOND,
];

/** A tenth, earlier or later: what failed together does not come back together. */
const JITTER = 0.1;

/** A receiver cannot ask for more time than this (Retry-After). */
const MOST_ASKED = 6 * HOUR;

/**
 * Milliseconds until the next attempt; undefined where the last one was made.
 * @param attempts how many were made, and have failed
 * @param askedMs what the receiver has asked for
 * @param random from 0 up to 1
 */
export function retryAfter(
  attempts: number,
  askedMs: number | undefined,
  random: number,
): number | undefined {
  const delay = RETRY_DELAYS[attempts - 1];
  if (delay === undefined) return undefined;
  const jittered = delay * (1 - JITTER + 2 * JITTER * random);
  return Math.round(Math.max(jittered, Math.min(askedMs ?? 0, MOST_ASKED)));
}
