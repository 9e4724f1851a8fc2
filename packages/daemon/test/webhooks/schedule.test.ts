import { expect, test } from 'vitest';
import { RETRY_DELAYS, retryAfter } from '../../src/webhooks/schedule.js';

const HOUR = 3_600_000;

test('attempts continue for 24 hours with growing delays, and then stop', () => {
  expect(RETRY_DELAYS.reduce((sum, delay) => sum + delay)).toBe(24 * HOUR);
  expect(RETRY_DELAYS.map((_, at) => retryAfter(at + 1, undefined, 0.5))).toEqual(RETRY_DELAYS);
  expect(retryAfter(RETRY_DELAYS.length + 1, undefined, 0.5)).toBeUndefined();
  // Attempts of killed daemons count too, beyond the last.
  expect(retryAfter(50, 1_000, 0.5)).toBeUndefined();
});

test('the random deviation of each is a tenth at most', () => {
  for (const [at, delay] of RETRY_DELAYS.entries()) {
    expect(retryAfter(at + 1, undefined, 0)).toBe(Math.round(delay * 0.9));
    expect(retryAfter(at + 1, undefined, 1)).toBe(Math.round(delay * 1.1));
  }
});

test('a receiver may ask for more time, not for less, and for 6 hours at most', () => {
  expect(retryAfter(1, 60_000, 0.5)).toBe(60_000);
  expect(retryAfter(3, 60_000, 0.5)).toBe(RETRY_DELAYS[2]);
  expect(retryAfter(1, 1e12, 0.5)).toBe(6 * HOUR);
});
