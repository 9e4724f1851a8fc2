import { expect, it } from 'vitest';
import { countsText, goodText } from '../../src/text/counts.js';

const none = { inserted: 0, updated: 0, unchanged: 0, skipped: 0 };

it('reports row outcomes other than good', () => {
  expect(countsText(1000, 3, undefined)).toBe('1,000 good, 3 rejected');
  const counts = { inserted: 1000, updated: 500, unchanged: 998_500, skipped: 0 };
  expect(countsText(1_000_000, 0, counts)).toBe('1,000 inserted, 500 updated, 998,500 unchanged, 0 rejected');
  expect(countsText(0, 0, { ...none, skipped: 7 })).toBe('7 skipped, 0 rejected');
  expect(countsText(0, 2, none)).toBe('0 good, 2 rejected');
  expect(goodText(5, { ...none, unchanged: 5 })).toBe('5 (5 unchanged)');
});
