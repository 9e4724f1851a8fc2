/** Names that are too long are cut so that they still differ. */
import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import { cutApart } from '../../src/text/cut.js';

test.each<[number, string[], string[]]>([
  [9, ['short.csv', 'short.tsv'], ['short.csv', 'short.tsv']],
  [12, ['one-long-name.csv', 'another-long-name.csv'], ['one-lo…e.csv', 'anothe…e.csv']],
  [
    16,
    ['export-2024-01-north.csv', 'export-2024-02-north.csv', 'other.csv'],
    ['export…01…th.csv', 'export…02…th.csv', 'other.csv'],
  ],
  [12, ['顧客データ一月分の全部.csv', '顧客データ二月分の全部.csv'], ['顧客…一….csv', '顧客…二….csv']],
  [
    16,
    ['the-same-name-in-two-folders.csv', 'the-same-name-in-two-folders.csv'],
    ['the-same…ers.csv', 'the-same…ers.csv'],
  ],
])('in %i cells: %j', (room, names, expected) => {
  const cut = cutApart(names, room, stringWidth);
  for (const name of cut) expect(stringWidth(name)).toBeLessThanOrEqual(room);
  expect(cut).toEqual(expected);
});

test.each([8, 10, 19, 40])('thirty files of one kind differ in %i cells', (room) => {
  const names = Array.from(
    { length: 30 },
    (_, at) => `a-long-name-of-a-file-part-${String(at).padStart(3, '0')}-of-many.csv`,
  );
  const cut = cutApart(names, room, stringWidth);
  expect(new Set(cut).size).toBe(30);
  expect(Math.max(...cut.map((name) => stringWidth(name)))).toBeLessThanOrEqual(room);
});
