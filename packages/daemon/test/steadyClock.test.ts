/** The system clock is trusted once it has run in step with the machine's monotonic clock for long enough. */
import { expect, test } from 'vitest';
import { createSteadyClock } from '../src/steadyClock.js';

const MINUTE = 60_000;
const YEAR = 365 * 24 * 60 * MINUTE;

/** Stores state as in a file. */
function notes(text?: string) {
  const kept = { text };
  return {
    kept,
    read: async () => (kept.text === undefined ? undefined : JSON.parse(kept.text)),
    write: async (value: unknown) => {
      kept.text = JSON.stringify(value);
    },
  };
}

test('a clock is not trusted at once, but after ten steady minutes', async () => {
  const steady = createSteadyClock(10 * MINUTE, notes());
  expect(await steady(5_000, 0)).toBe(false);
  expect(await steady(5_000 + 9 * MINUTE, 9 * MINUTE)).toBe(false);
  expect(await steady(5_000 + 10 * MINUTE, 10 * MINUTE)).toBe(true);
  expect(await steady(5_000 + 500 * MINUTE, 500 * MINUTE)).toBe(true);
});

test.each([
  ['ahead by a year', YEAR],
  ['back by an hour', -60 * MINUTE],
])('a clock set %s, or set right again, is not trusted for another ten minutes', async (_, jump) => {
  const steady = createSteadyClock(10 * MINUTE, notes());
  await steady(0, 0);
  expect(await steady(10 * MINUTE, 10 * MINUTE)).toBe(true);
  expect(await steady(jump + 20 * MINUTE, 20 * MINUTE)).toBe(false);
  expect(await steady(jump + 25 * MINUTE, 25 * MINUTE)).toBe(false);
  expect(await steady(29 * MINUTE, 29 * MINUTE)).toBe(false);
  expect(await steady(38 * MINUTE, 38 * MINUTE)).toBe(false);
  expect(await steady(39 * MINUTE, 39 * MINUTE)).toBe(true);
});

test('a jump by an hour is noticed even after a year of trust', async () => {
  const steady = createSteadyClock(10 * MINUTE, notes());
  await steady(0, 0);
  await steady(YEAR / 2, YEAR / 2);
  expect(await steady(YEAR, YEAR)).toBe(true);
  expect(await steady(YEAR + 70 * MINUTE, YEAR + 10 * MINUTE)).toBe(false);
});

test('short-lived daemons pass on the state, within one boot of the machine', async () => {
  const shared = notes();
  const daemon = () => createSteadyClock(10 * MINUTE, shared);
  expect(await daemon()(0, 0)).toBe(false);
  expect(await daemon()(10 * MINUTE, 10 * MINUTE)).toBe(true);
  shared.kept.text = shared.kept.text!.replace(/"run":"[^"]*"/, '"run":"earlier"');
  expect(await daemon()(20 * MINUTE, 20 * MINUTE)).toBe(false);
  shared.kept.text = '{}';
  expect(await daemon()(30 * MINUTE, 30 * MINUTE)).toBe(false);
});
