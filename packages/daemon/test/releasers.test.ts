import { expect, test } from 'vitest';
import { Releasers } from '../src/releasers.js';

test('last opened, first closed; one that fails or hangs keeps nothing else open', async () => {
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

test('what may take any time is waited for', async () => {
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
