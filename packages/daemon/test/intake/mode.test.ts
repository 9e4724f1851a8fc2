import type { Spec } from '@csvjobs/shared';
import { expect, test } from 'vitest';
import { modeFor } from '../../src/intake/mode.js';
import { columnOf, targetOf } from '../rows/targets.js';

const ORDERS = targetOf(columnOf('id', 'integer'));
const mode = (csvjobs: Spec['csvjobs'], target = ORDERS) => modeFor({ csvjobs }, target);

test('a spec without a mode, or with the default, has an empty mode', () => {
  expect(modeFor(undefined, ORDERS)).toEqual({});
  expect(mode({ mode: 'reject' })).toEqual({});
});

test('a mode has the settings of the spec', () => {
  expect(mode({ mode: 'skip' })).toEqual({ onConflict: 'skip' });
  expect(mode({ mode: 'update', key: ['id'], updateOnly: true })).toEqual({
    onConflict: 'update',
    key: ['id'],
    updateOnly: true,
  });
});

test('a meaningless setting is refused, never ignored', () => {
  const refused = (word: string) =>
    expect.objectContaining({ code: 'spec_invalid', message: expect.stringContaining(word) });
  expect(() => mode({ key: ['id'] })).toThrow(refused('csvjobs.key needs csvjobs.mode'));
  expect(() => mode({ mode: 'skip', updateOnly: true })).toThrow(refused('needs csvjobs.mode update'));
  expect(() => modeFor({ csvjobs: { mode: 'update' } }, undefined)).toThrow(refused('for customers'));
});
