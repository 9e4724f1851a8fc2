import { expect, it } from 'vitest';
import { byName, ownValue } from '../src/byName.js';

const NAMES = ['__proto__', 'constructor', 'toString', 'plain'];

it('keeps every name as a key of its own', () => {
  const made = byName(NAMES.map((name, at) => [name, at] as const));
  expect(Object.entries(made)).toEqual(NAMES.map((name, at) => [name, at]));
  const written = byName<number>();
  for (const name of NAMES) written[name] = 1;
  expect(Object.keys(written)).toEqual(NAMES);
});

it('reads a name that an object does not have as undefined, whatever its prototype has', () => {
  for (const name of NAMES) expect(ownValue({}, name)).toBeUndefined();
  expect(ownValue(undefined, 'plain')).toBeUndefined();
  expect(ownValue(JSON.parse('{"__proto__": 7}'), '__proto__')).toBe(7);
});
