import { expect, test } from 'vitest';
import { rowCount, withNoun } from '../src/withNoun.js';

test('one of a kind is singular; none and several are plural', () => {
  const words = [0, 1, 2, 1000].map((count) => withNoun(count, 'byte'));
  expect(words).toEqual(['0 bytes', '1 byte', '2 bytes', '1000 bytes']);
});

test('numbers of rows and records have separators', () => {
  expect([0, 1, 2, 6250].map((count) => rowCount(count))).toEqual([
    '0 rows',
    '1 row',
    '2 rows',
    '6,250 rows',
  ]);
  expect(rowCount(1_000_000, 'record')).toBe('1,000,000 records');
});
