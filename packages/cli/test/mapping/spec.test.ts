/** A mapping as a spec, which the daemon's rules read back exactly. */
import { readSpec } from '@csvjobs/shared';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Sources } from '../../src/mapping/model.js';
import { specOfMapping } from '../../src/mapping/spec.js';
import { toYaml } from '../../src/text/yaml.js';
import { FOUND, MODEL, sourceOf } from './model.js';

const block = (sources: Sources, base = {}) => specOfMapping(MODEL, sources, base).csvjobs;
const only = (at: number, source: Sources[number]): Sources =>
  MODEL.columns.map((_, place) => (place === at ? source : place === 1 ? FOUND[1] : undefined));

test('omits what a load detects', () => {
  expect(block(only(1, FOUND[1]))).toEqual({});
});

test.each([
  ['one field', sourceOf([[3]]), { firstOf: { company: ['Account'] } }],
  ['several', sourceOf([[0, 1]]), { combine: { company: ['First Name', 'Last Name'] } }],
  ['the first of several', sourceOf([[1], [3]]), { firstOf: { company: ['Last Name', 'Account'] } }],
  [
    'several, with an alternative',
    sourceOf([[0, 1], [3]]),
    { firstOf: { company: [{ combine: ['First Name', 'Last Name'] }, 'Account'] } },
  ],
  ['a constant', sourceOf([], { constant: 'x' }), { constant: { company: 'x' } }],
  [
    'a constant instead of a default',
    sourceOf([], { constant: 'x', default: 'y' }),
    { constant: { company: 'x' } },
  ],
  ['only a default', sourceOf([], { default: 'x' }), { default: { company: 'x' } }],
  [
    'a field with a default',
    sourceOf([[3]], { default: '-' }),
    { firstOf: { company: ['Account'] }, default: { company: '-' } },
  ],
  ['a guess', sourceOf([[3]], { origin: 'guess' }), { firstOf: { company: ['Account'] } }],
])('%s', (_name, source, said) => {
  expect(block(only(2, source))).toEqual(said);
});

describe('a column with a field of the same name', () => {
  test('is excluded explicitly', () => {
    expect(block(only(1, undefined))).toEqual({ ignore: ['email'] });
    expect(block(only(1, sourceOf([], { default: 'x' })))).toEqual({
      ignore: ['email'],
      default: { email: 'x' },
    });
  });

  test('takes another field if the spec says so', () => {
    expect(block(only(1, sourceOf([[3]])))).toEqual({ firstOf: { email: ['Account'] } });
    expect(block(only(1, sourceOf([[2]])))).toEqual({ firstOf: { email: ['email'] } });
  });
});

test('keeps the rest of the given spec; rewrites the sources of columns', () => {
  const base = {
    encoding: 'windows-1252',
    schema: { fields: [{ name: 'joined', format: '%d.%m.%Y' }] },
    csvjobs: { into: 'shop.people', trim: true, combine: { name: ['a', 'b'] }, constant: { note: 'x' } },
  };
  expect(specOfMapping(MODEL, only(0, sourceOf([[0]])), base)).toEqual({
    ...base,
    csvjobs: { into: 'shop.people', trim: true, firstOf: { name: ['First Name'] } },
  });
});

test('hostile names survive YAML, and do not reach a terminal', () => {
  const names = ['a: b', '- x', '\u001b[2J', '\u202eevil', '\'q\' "Q"', 'yes', '1', '世界', '#c', 'a\nb'];
  const model = { ...MODEL, fields: names.map((name) => ({ name, samples: [] })) };
  const spec = specOfMapping(model, only(0, sourceOf([[...names.keys()]])), {
    csvjobs: { into: 'shop.people' },
  });
  const text = toYaml(spec);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what must not be there
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
  expect(readSpec(parse(text)).csvjobs?.combine).toEqual({ name: names });
});
