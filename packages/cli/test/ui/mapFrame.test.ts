/** The screen of `csvjobs map` as lines, at every size, for any file and table name. */
import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import type { Count } from '../../src/mapping/counting.js';
import type { ScreenState } from '../../src/mapping/state.js';
import { paintWith } from '../../src/text/paint.js';
import { frame } from '../../src/ui/map/frame.js';
import { columnOf, FOUND, MODEL, press, screen, sourceOf } from '../mapping/model.js';
import { controls } from '../spawn.js';

const paint = paintWith(false);
const NONE: Count = { state: 'none' };
const WHOLE = [sourceOf([[0, 1]]), FOUND[1], FOUND[2], undefined, undefined];
const draw = (state: ScreenState, columns = 100, rows = 24, count: Count = NONE) =>
  frame(state, count, { columns, rows }, paint);
const text = (...args: Parameters<typeof draw>) => draw(...args).join('\n');

test('columns with type, requirement and source on one side, fields with values on the other', () => {
  const lines = draw(screen());
  expect(lines[0]).toBe('people.csv → shop.people  7 fields, 5 columns');
  expect(lines[1]).toMatch(/COLUMN +TYPE +NEED +FROM .*│ +IN THE FILE +VALUES/);
  expect(lines[2]).toMatch(/^› ✗ name +text +required .*│ +First Name +Ada, Grace/);
  expect(lines[3]).toMatch(/^ {2}✓ email +text +required +email .*│ +Last Name +Lovelace, Hopper/);
  expect(lines[4]).toMatch(/^ {2}\? company +text +required +Account .*│ +○ email/);
  expect(lines[5]).toMatch(/^ {2}· joined +date +default /);
  expect(text(screen())).toContain('✗ nothing fills name');
});

test('the fields of the current column are marked, and visible', () => {
  expect(text(press(screen(), 'jj'))).toMatch(/● Account +ACME/);
  const wide = {
    ...MODEL,
    fields: Array.from({ length: 1_600 }, (_, at) => ({ name: `f${at}`, samples: [] })),
  };
  expect(text(screen(wide, [sourceOf([[1_555]]), ...FOUND.slice(1)]))).toContain('● f1555');
});

test.each([
  [sourceOf([[0, 1]]), 'First Name + Last Name'],
  [sourceOf([[3], [0, 1]]), 'Account | First Name + Last Name'],
  [sourceOf([[0], [3]], { default: 'x' }), 'First Name | Account, else "x"'],
  [sourceOf([], { constant: 'hubspot' }), '= "hubspot"'],
  [sourceOf([], { default: 'none' }), '= "none"'],
])('%j: %s', (source, words) => {
  expect(text(screen(MODEL, [source, ...FOUND.slice(1)]), 120)).toContain(words);
});

test('the count, and its first reasons', () => {
  const counted: Count = {
    state: 'counted',
    good: 9_700,
    bad: 300,
    reasons: [{ message: 'joined: not a date', rows: 299 }],
  };
  expect(text(screen(MODEL, WHOLE), 80, 24, counted)).toContain(
    '✗ 9,700 good · 300 bad of the first 10,000 records\n  299 joined: not a date',
  );
  const few: Count = { state: 'counted', good: 3, bad: 0, reasons: [] };
  expect(text(screen(MODEL, WHOLE), 80, 24, few)).toContain('✓ 3 good · 0 bad of 3 records');
  expect(text(screen(MODEL, WHOLE), 80, 24, { state: 'counting' })).toContain('… counting');
  expect(text(screen(MODEL, WHOLE), 80, 24, { state: 'refused', why: 'no' })).toContain('✗ no');
});

test('a narrow terminal shows one list, and the other while choosing a field', () => {
  expect(text(screen(), 40)).not.toContain('│');
  expect(text(screen(), 40)).not.toContain('IN THE FILE');
  expect(text(press(screen(), '<enter>'), 40)).toContain('IN THE FILE');
  expect(text(press(screen(), '<enter>/L'), 40)).toContain('IN THE FILE');
});

describe('every size, every mode', () => {
  const evil = '\u001b]0;t\u0007\u202e\u200b世界'.repeat(40);
  const hostile = {
    file: evil,
    table: evil,
    fields: [{ name: evil, samples: [evil, evil] }, ...MODEL.fields],
    columns: [columnOf(evil, { type: evil, need: 'required' }), ...MODEL.columns],
  };
  const states: [string, ScreenState][] = [
    '',
    '<enter>',
    '?',
    'd',
    's',
    `c${'wide 世界 '.repeat(30)}`,
    'j<backspace>q',
  ].flatMap((keys): [string, ScreenState][] => [
    [`hostile ${keys}`, press(screen(hostile, [undefined, ...FOUND]), keys)],
    [`plain ${keys}`, press(screen(), keys)],
  ]);
  const refused: Count = { state: 'refused', why: evil };
  const reasons = Array.from({ length: 3 }, () => ({ message: evil, rows: 1_000 }));
  const counted: Count = { state: 'counted', good: 1, bad: 3_000, reasons };

  test.each(states)('%s: no line too wide, not too many lines, no control characters', (_name, state) => {
    for (const columns of [20, 40, 60, 80, 120])
      for (const rows of [2, 12, 24])
        for (const count of [NONE, refused, counted]) {
          const lines = draw(state, columns, rows, count);
          expect(lines.length).toBeLessThanOrEqual(rows - 1);
          expect(Math.max(...lines.map((line) => stringWidth(line)))).toBeLessThanOrEqual(columns);
          expect(controls(lines.join(''))).toEqual([]);
        }
  });

  test.each(states)('%s: the last line is the prompt or the keys', (_name, state) => {
    for (const rows of [2, 5, 24]) expect(draw(state, 80, rows).at(-1)).not.toBe('');
  });
});

test('the help has every key', () => {
  for (const key of ['Enter', '+', '|', 'Backspace', 'Esc', 's', 'd', 'c', 'u', '/'])
    expect(text(press(screen(), '?'), 80)).toContain(key);
  expect(draw(press(screen(), '?'), 80).length).toBeLessThanOrEqual(23);
});

test('1,600 columns and fields are drawn quickly', () => {
  const many = Array.from({ length: 1_600 }, (_, at) => at);
  const wide = {
    ...MODEL,
    fields: many.map((at) => ({ name: `field ${at}`, samples: ['a', 'b'] })),
    columns: many.map((at) => columnOf(`column_${at}`, { need: 'required' })),
  };
  let state = screen(
    wide,
    many.map((at) => sourceOf([[at]])),
  );
  const before = process.cpuUsage();
  for (let key = 0; key < 100; key++) {
    state = press(state, 'j');
    draw(state, 120, 50);
  }
  const { user, system } = process.cpuUsage(before);
  // CPU time, so that a busy machine does not matter. A frame takes 3 ms.
  expect((user + system) / 1_000).toBeLessThan(10_000);
});
