import { expect, it } from 'vitest';
import { RecentKeys, WATCHED_BATCHES } from '../../../src/pipeline/target/recentKeys.js';

const KEYS = 5_000;
/** Two different numbers for each key of a batch. */
const hashOf = (batch: number, at: number) => Math.imul(batch * KEYS + at + 1, 0x9e3779b1);

/** Adds the keys of a batch; returns how many of them were met before. */
function addBatch(recent: RecentKeys, batch: number): number {
  let met = 0;
  for (let at = 0; at < KEYS; at++) if (recent.add(hashOf(batch, at), at)) met++;
  return met;
}

it('remembers the keys of the last batches, and forgets those before, also in memory that it uses again', () => {
  const recent = new RecentKeys();
  // Enough batches for each of its sets to be used more than once.
  for (let batch = 0; batch < 10 * WATCHED_BATCHES; batch++) {
    expect(addBatch(recent, batch)).toBe(0);
    recent.endBatch();
    for (let before = 0; before < WATCHED_BATCHES && before <= batch; before++)
      expect(recent.add(hashOf(batch - before, 7), 7)).toBe(true);
    const old = batch - 2 * WATCHED_BATCHES;
    if (old >= 0) expect(recent.add(hashOf(old, 11), 11)).toBe(false);
  }
});
