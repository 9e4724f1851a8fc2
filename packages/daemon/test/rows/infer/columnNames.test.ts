/** Columns get names that a load of the same file maps to its headers. */
import { foldName, isIdentifier, mapHeader, SYSTEM_COLUMNS } from '@csvjobs/shared';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { nameColumns } from '../../../src/rows/infer/columnNames.js';

const name = (cells: string[], exact = false) => nameColumns(cells, [...cells.keys()], { exact });
const names = (...cells: string[]) => name(cells).map((column) => column.name);

test.each([
  ['Order ID', 'order_id'],
  ['Größe (cm)', 'grosse_cm'],
  ["What's your name?", 'whats_your_name'],
  ['E-mail 1 - Value', 'e_mail_1_value'],
  ['2024', '_2024'],
  ['Ålesund', 'alesund'],
  ['ΌΝΟΜΑ', 'ονομα'],
  ['Край', 'край'],
  ['имя', 'имя'],
  ['がく', 'がく'],
  ['नाम', 'नाम'],
  ['한국어', '한국어'],
  ['#', '#'],
  ['ctid', 'ctid_'],
  ['select', 'select'],
  ['  ', 'column_1'],
])('%s → %s', (header, expected) => {
  expect(names(header.trim())).toEqual([expected]);
});

test('each header that matches one column is found; the others are marked', () => {
  const long = 'What is your e-mail address, and how often do you look at it in a week?';
  const columns = name(['Name', 'name', 'a', 'a', 'A b', 'a_b', '', long, 'bell\u0007']);
  expect(columns.map((column) => [column.name, column.found])).toEqual([
    ['Name', true],
    ['name', true],
    ['a', false],
    ['a_2', false],
    ['A b', true],
    ['a_b', true],
    ['column_7', false],
    ['what_is_your_e_mail_address_and_how_often_do_you_look_at_it_in', false],
    ['bell', true],
  ]);
});

test('a numbered name does not collide with another column', () => {
  expect(names('a', 'a', 'a_2', 'a_3', 'a')).toEqual(['a', 'a_4', 'a_2', 'a_3', 'a_5']);
  expect(names('column 2', '')).toEqual(['column_2', 'column_2_2']);
  expect(names('A', 'A 2', 'A')).toEqual(['A', 'a_2', 'A_3']);
});

test('--exact-names keeps the header wherever PostgreSQL allows it', () => {
  const columns = name(['Order ID', 'xmin', 'x'.repeat(64), 'bell\u0007', ''], true);
  expect(columns.map((column) => column.name)).toEqual([
    'Order ID',
    'xmin_',
    'x'.repeat(63),
    'bell',
    'column_5',
  ]);
});

const cell = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      'a',
      'A',
      'ä',
      'Ä b',
      'a_b',
      'a b',
      'a-b',
      '',
      '#',
      'a_2',
      'A 2',
      'xmin',
      'ß',
      'SS',
    ),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 40 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 8 }) },
);

function cannotBe(header: string): boolean {
  return !isIdentifier(header) || SYSTEM_COLUMNS.has(header) || /[\p{C}\p{Zl}\p{Zp}]/u.test(header);
}

describe.each([false, true])('exact names: %s', (exact) => {
  it('are different, short, and mapped back from the header by a load', () => {
    fc.assert(
      fc.property(fc.array(cell, { minLength: 1, maxLength: 8 }), (cells) => {
        const trimmed = cells.map((each) => each.trim().replace(/\p{Cs}/gu, ''));
        const columns = name(trimmed, exact);
        const all = columns.map((column) => column.name);
        expect(new Set(all).size).toBe(all.length);
        for (const each of all) expect(isIdentifier(each) && !SYSTEM_COLUMNS.has(each)).toBe(true);
        const mapping = mapHeader(
          trimmed,
          all.map((each) => ({ name: each, aliases: [], required: false })),
        );
        const doubtful = new Set(mapping.ambiguous.flatMap((each) => each.columns));
        for (const { position, name: column, found, header } of columns) {
          const mapped = mapping.fields.find((field) => field.position === position)?.column;
          expect(found).toBe(mapped === column && !doubtful.has(column));
          // Not found: empty names, duplicates, and names that fold to one that no column may have.
          const rivals = trimmed.filter((each) => foldName(each) === foldName(header));
          const excused =
            header === '' || rivals.filter((each) => each === header).length > 1 || rivals.some(cannotBe);
          if (!found) expect(excused, JSON.stringify([header, column])).toBe(true);
        }
      }),
      { numRuns: 3_000 },
    );
  });
});
