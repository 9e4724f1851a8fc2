import { expect, test } from 'vitest';
import { Releasers } from '../src/releasers.js';

test('resources close in reverse order; one that fails or hangs keeps no other open', async () => {
  const releasers = new Releasers(20);
  const closed: string[] = [];
  releasers.add('first', () => void closed.push('first'));
  releasers.add('hanging', () => new Promise(() => {}));
  releasers.add('failing', () => Promise.reject(new Error('no')));
  releasers.add('last', async () => void closed.push('last'));
  await expect(releasers.releaseAll()).rejects.toThrow('failing was not closed; hanging was not closed');
  expect(closed).toEqual(['last', 'first']);
  await releasers.releaseAll();
});

test('all releasers share a deadline, but each is started', async () => {
  // Without the deadline, the test would end by its own time limit.
  const releasers = new Releasers(3_600_000);
  const begun: string[] = [];
  for (const name of ['first', 'second', 'third']) {
    releasers.add(name, () => {
      begun.push(name);
      return new Promise(() => {});
    });
  }
  await expect(releasers.releaseAll(performance.now() + 20)).rejects.toThrow(
    'third was not closed; second was not closed; first was not closed',
  );
  expect(begun).toEqual(['third', 'second', 'first']);
});

test('a releaser without a time limit is waited for', async () => {
  const releasers = new Releasers(1);
  let closed = false;
  releasers.add(
    'slow',
    async () => {
      for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve, 1));
      closed = true;
    },
    Number.POSITIVE_INFINITY,
  );
  await releasers.releaseAll();
  expect(closed).toBe(true);
});
