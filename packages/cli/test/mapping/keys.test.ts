/** Keys as Ink reports them, one at a time. */
import { expect, test } from 'vitest';
import { type InkKey, keysOf } from '../../src/mapping/keys.js';

const NONE: InkKey = {
  upArrow: false,
  downArrow: false,
  leftArrow: false,
  rightArrow: false,
  pageUp: false,
  pageDown: false,
  home: false,
  end: false,
  return: false,
  escape: false,
  backspace: false,
  delete: false,
  tab: false,
  ctrl: false,
  meta: false,
};

test('named keys', () => {
  expect(keysOf('', { ...NONE, upArrow: true })).toEqual([{ name: 'up' }]);
  expect(keysOf('', { ...NONE, escape: true, meta: true })).toEqual([{ name: 'escape' }]);
  expect(keysOf('\u007f', { ...NONE, delete: true })).toEqual([{ name: 'backspace' }]);
  expect(keysOf('c', { ...NONE, ctrl: true })).toEqual([{ name: 'interrupt' }]);
  expect(keysOf('x', { ...NONE, ctrl: true })).toEqual([]);
  expect(keysOf('x', { ...NONE, meta: true })).toEqual([]);
});

test('pasted text is typed one by one, line ends are Enter, and control characters are dropped', () => {
  expect(keysOf('jj', NONE)).toEqual([{ typed: 'j' }, { typed: 'j' }]);
  expect(keysOf('dé👩‍👧\r', NONE)).toEqual([
    { typed: 'd' },
    { typed: 'é' },
    { typed: '👩‍👧' },
    { name: 'enter' },
  ]);
  expect(keysOf('a\u007f\u0007b', NONE)).toEqual([{ typed: 'a' }, { name: 'backspace' }, { typed: 'b' }]);
  expect(keysOf('x\u0003', NONE)).toEqual([{ typed: 'x' }, { name: 'interrupt' }]);
});
