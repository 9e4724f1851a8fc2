import { expect, test } from 'vitest';
import { withNoun } from '../src/withNoun.js';

test('one of a kind is singular; none and several are plural', () => {
  expect([0, 1, 2, 1000].map((count) => withNoun(count, 'row'))).toEqual([
    '0 rows',
    '1 row',
    '2 rows',
    '1000 rows',
  ]);
});
