/**
 * When a delivery is retried: after the delays that Standard Webhooks 1.0 gives as an example
 * ("Deliverability and reliability"), up to 24 hours after the first attempt.
 */

const [SECOND, MINUTE, HOUR] = [1_000, 60_000, 3_600_000];

/** Milliseconds to wait after the 1st, 2nd, … failed attempt; together 24 hours. */
export const RETRY_DELAYS: readonly number[] = [
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  6 * HOUR + 24 * MINUTE + 55 * SECOND,
];

/** A tenth, earlier or later: deliveries that failed together are not retried together. */
const JITTER = 0.1;

/** The longest delay that a receiver can ask for (Retry-After). */
const MOST_ASKED = 6 * HOUR;

/**
 * Milliseconds until the next attempt; undefined after the last one.
 * @param attempts number of attempts so far, all failed
 * @param askedMs the delay that the receiver has asked for
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
