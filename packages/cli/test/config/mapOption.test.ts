import { alternativeFields, shownAlternatives } from '@csvjobs/shared';
import { describe, expect, test } from 'vitest';
import { readMap } from '../../src/config/mapOption.js';
import { type SpecFlags, withOptions } from '../../src/config/specOptions.js';

describe('--map', () => {
  test.each([
    ['company=Account Name', 'firstOf', ['Account Name']],
    ['name=First Name + Last Name', 'combine', ['First Name', 'Last Name']],
    ['phone=Phone | Mobile|Home', 'firstOf', ['Phone', 'Mobile', 'Home']],
    ['a="x + y" + "p|q" + "say ""hi"""', 'combine', ['x + y', 'p|q', 'say "hi"']],
    ['a=C++', 'firstOf', ['C++']],
    ['a= Umsatz (€)=x ', 'firstOf', ['Umsatz (€)=x']],
    ['a=1+1', 'firstOf', ['1+1']],
    ['name=First + Last | Company', 'firstOf', [{ combine: ['First', 'Last'] }, 'Company']],
    ['name=Company|First + Last', 'firstOf', ['Company', { combine: ['First', 'Last'] }]],
    ['a=A + B|C + "D|E"|F', 'firstOf', [{ combine: ['A', 'B'] }, { combine: ['C', 'D|E'] }, 'F']],
    ['a="x +" | y', 'firstOf', ['x +', 'y']],
    ['a=#3 + #4 | #2', 'firstOf', [{ combine: ['#3', '#4'] }, '#2']],
  ])('%s', (text, key, fields) => {
    const mapped = readMap(text);
    expect(mapped).toMatchObject({ key, fields });
    const groups = mapped.key === 'combine' ? [mapped.fields] : mapped.fields.map(alternativeFields);
    expect(readMap(`a=${shownAlternatives(groups)}`)).toMatchObject({ key, fields });
  });

  test.each([
    ['', 'a column of the table, an equals sign'],
    ['a', 'a column of the table, an equals sign'],
    ['=x', 'a column of the table, an equals sign'],
    ['a=', 'a column of the table, an equals sign'],
    ['a=x |', 'a field is missing after "|"'],
    ['a=x + ', 'a field is missing after "+"'],
    ['a=x +', 'a field is missing after "+"'],
    ['a=| x', 'a field is missing before "|"'],
    ['a=x + | z', 'a field is missing between "+" and "|"'],
    ['a=x | + z', 'a field is missing between "|" and "+"'],
    ['a=x || z', 'a field is missing between "|" and "|"'],
    ['a="x', 'must be in double quotes'],
    ['a=x "y"', 'must be in double quotes'],
    ['a=""', 'must be in double quotes'],
  ])('%j is invalid: %s', (text, why) => {
    expect(() => readMap(text)).toThrow(
      expect.objectContaining({
        message: expect.stringContaining('is not understood'),
        why: expect.stringContaining(why),
        next: expect.stringContaining("--map 'name=First Name + Last Name | Company'"),
      }),
    );
  });
});

test('an option replaces all sources of its column in the spec', () => {
  const spec = {
    csvjobs: { constant: { Name: 'x', other: 'y' }, combine: { NAME: ['a', 'b'] }, default: { name: '-' } },
  };
  const merged = withOptions(
    { bytes: Buffer.alloc(0), spec },
    { map: ['name=First + Last'], default: ['Name=?'] },
  );
  expect(merged?.spec?.csvjobs).toEqual({
    constant: { other: 'y' },
    combine: { name: ['First', 'Last'] },
    default: { Name: '?' },
  });
  expect(JSON.parse(String(merged?.bytes))).toEqual(merged?.spec);
});

test('a constant replaces the default in the spec, but not the one beside it, which the daemon refuses', () => {
  const file = { bytes: Buffer.alloc(0), spec: { csvjobs: { default: { Name: '-', other: '-' } } } };
  const block = (flags: SpecFlags) => withOptions(file, flags)?.spec?.csvjobs;
  const constant = { constant: ['name=x'] };
  expect(block(constant)).toEqual({ constant: { name: 'x' }, default: { other: '-' } });
  expect(block({ ...constant, default: ['name=y'] })).toEqual({
    constant: { name: 'x' },
    default: { other: '-', name: 'y' },
  });
});

test.each([
  [{ map: ['company=A', 'Company=B'] }, '--map is used twice for Company', /'Company=First \| Second'/],
  [{ default: ['company=A', 'company=B'] }, '--default is used twice for company', /leave one/],
  [{ constant: ['source=A', 'source=A'] }, '--constant is used twice for source', /leave one/],
])('one column has one source: %o', (flags, message, next) => {
  expect(() => withOptions(undefined, flags)).toThrow(
    expect.objectContaining({ message, next: expect.stringMatching(next) }),
  );
});
