import { expect, it } from 'vitest';
import { editDistance, isMisspelt } from '../src/misspelt.js';

it('editDistance counts insertions, deletions, substitutions and adjacent swaps', () => {
  expect(editDistance('email', 'emial')).toBe(1);
  expect(editDistance('kitten', 'sitting')).toBe(3);
  expect(editDistance('', 'abc')).toBe(3);
  expect(editDistance('abc', 'abc')).toBe(0);
});

it.each([
  ['fone', 'phone', true],
  ['emial', 'email', true],
  ['compnay', 'company', true],
  ['organistaion', 'organisation', true],
  ['pra', 'par', true],
  ['zpi', 'zip', true],
  ['aprts', 'parts', true],
  ['hpone', 'phone', true],
  ['zone', 'phone', false],
  ['di', 'id', false],
  ['rap', 'par', false],
  ['abcd', 'badc', false],
  ['title', 'tel', false],
  ['notes', 'name', false],
  ['customers', 'customer', true],
  ['customerid', 'customer', false],
  ['mycompany', 'company', false],
  ['companyno', 'company', false],
])('%s may be a typo for %s: %s', (written, meant, expected) => {
  expect(isMisspelt(written, meant)).toBe(expected);
});
