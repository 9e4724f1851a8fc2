/** How many batches a step is left out for. */
import { expect, it } from 'vitest';
import { Pause } from '../../../src/sql/target/upsert/pause.js';

/** The number of batches until the step is tried again, 100 at most. */
function lengthOf(pause: Pause): number {
  let batches = 0;
  while (batches < 100 && pause.includesNext()) batches++;
  return batches;
}

it('is longer each time in a row', () => {
  const pause = new Pause();
  expect(lengthOf(pause)).toBe(0);
  for (const length of [7, 15, 31]) {
    pause.begin();
    expect(lengthOf(pause)).toBe(length);
  }
  pause.reset();
  pause.begin();
  expect(lengthOf(pause)).toBe(7);
});

it('is not made shorter by another lane', () => {
  const pause = new Pause();
  pause.beginForGood();
  pause.begin();
  expect(lengthOf(pause)).toBe(100);
});
