import type { Spec } from '@csvjobs/shared';
import { expect, test } from 'vitest';
import { modeFor } from '../../src/intake/mode.js';

const mode = (csvjobs: Spec['csvjobs']) => modeFor({ csvjobs });

test('a spec that says nothing of it, or the default, has an empty mode', () => {
  expect(modeFor(undefined)).toEqual({});
  expect(mode({ mode: 'reject' })).toEqual({});
});

test('what is not done is refused, never passed over', () => {
  expect(() => mode({ mode: 'update', key: ['id'] })).toThrow(
    expect.objectContaining({ code: 'spec_invalid', message: expect.stringContaining('csvjobs.mode') }),
  );
  expect(() => mode({ key: ['id'] })).toThrow(expect.objectContaining({ code: 'spec_invalid' }));
});
