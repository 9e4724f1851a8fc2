import { afterEach, expect, test, vi } from 'vitest';
import { createFitness, type Fitness } from '../src/fitness.js';

let fitness: Fitness;
let calls: string[];
afterEach(() => fitness.close());

/** A check that needs one thing, whose presence is read from `there`. */
function open(there: () => boolean, reach?: () => Promise<unknown>) {
  calls = [];
  const look = async () => {
    if (!there()) throw new Error('away');
  };
  fitness = createFitness({
    needs: { PostgreSQL: { look, ...(reach && { reach }) } },
    pause: () => void calls.push('pause'),
    resume: () => void calls.push('resume'),
    log: {
      info: (_fields, message) => void calls.push(message),
      warn: (_fields, message) => void calls.push(message),
    },
    everyMs: 5,
  });
}

test('a host that lacks something is paused once, says why, and is resumed when it is back', async () => {
  let there = true;
  open(() => there);
  expect(await fitness.isFit()).toBe(true);
  there = false;
  expect(await Promise.all([fitness.isFit(), fitness.isFit(), fitness.isFit()])).toEqual([
    false,
    false,
    false,
  ]);
  expect(calls).toEqual(['this host takes no jobs until it has PostgreSQL again', 'pause']);
  // Unfit until the next check, even if it is back already.
  there = true;
  await vi.waitFor(() => expect(calls.slice(2)).toEqual(['this host accepts jobs again', 'resume']));
  expect(await fitness.isFit()).toBe(true);
});

test('each missing thing has its own check', async () => {
  let reached = 0;
  open(
    () => false,
    async () => {
      if (++reached < 3) throw new Error('still away');
    },
  );
  expect(await fitness.isFit()).toBe(false);
  await vi.waitFor(() => expect(calls).toContain('resume'));
  expect(reached).toBe(3);
});
