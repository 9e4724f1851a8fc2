import { expect, test } from 'vitest';
import { createPlaces } from '../../src/http/places.js';
import { createTurns } from '../../src/http/turns.js';

/** Takes all the places that a caller can get. */
function takeAll(places: ReturnType<typeof createPlaces>, caller: string): (() => void)[] {
  const taken = [];
  for (let leave = places.take(caller); leave && taken.length < 1_000; leave = places.take(caller))
    taken.push(leave);
  return taken;
}

test('one caller gets three quarters; the rest is for callers that have none', () => {
  const places = createPlaces(100);
  expect(takeAll(places, 'a')).toHaveLength(75);
  for (let n = 0; n < 25; n++) {
    expect(takeAll(places, `other ${n}`)).toHaveLength(1);
    expect(places.take('a')).toBeUndefined();
  }
  expect(places.take('one too many')).toBeUndefined();
});

test('a place is freed only once', () => {
  const places = createPlaces(4);
  const taken = takeAll(places, 'a');
  expect(taken).toHaveLength(3);
  taken[0]!();
  taken[0]!();
  expect(takeAll(places, 'a')).toHaveLength(1);
  expect(takeAll(places, 'b')).toHaveLength(1);
});

test('few places are shared without a reserve, and without a limit there is always one', () => {
  expect(takeAll(createPlaces(1), 'a')).toHaveLength(1);
  expect(takeAll(createPlaces(3), 'a')).toHaveLength(3);
  expect(takeAll(createPlaces(Number.POSITIVE_INFINITY), 'a')).toHaveLength(1_000);
});

test('a request larger than the limit gets in alone', () => {
  const places = createPlaces(100);
  const leave = places.take('a', 1_000);
  expect(leave).toBeDefined();
  expect(places.take('b', 1)).toBeUndefined();
  leave!();
  expect(places.take('b', 1)).toBeDefined();
});

test('turns are taken in the order of requests, up to the limit at a time, even after a failure', async () => {
  const inTurn = createTurns(2);
  const begun: number[] = [];
  const ends: ((error?: Error) => void)[] = [];
  const all = [0, 1, 2, 3, 4].map((n) =>
    inTurn(async () => {
      begun.push(n);
      await new Promise<void>((resolve, reject) => ends.push((error) => (error ? reject(error) : resolve())));
      return n;
    }),
  );
  all[1]!.catch(() => {});
  expect(begun).toEqual([0, 1]);
  ends[1]!(new Error('failed'));
  await expect(all[1]).rejects.toThrow('failed');
  expect(begun).toEqual([0, 1, 2]);
  ends[0]!();
  expect(await all[0]).toBe(0);
  expect(begun).toEqual([0, 1, 2, 3]);
  ends[2]!();
  ends[3]!();
  await Promise.all([all[2], all[3]]);
  ends[4]!();
  expect(await Promise.all([all[2], all[3], all[4]])).toEqual([2, 3, 4]);
  expect(await inTurn(async () => 'free again')).toBe('free again');
});
