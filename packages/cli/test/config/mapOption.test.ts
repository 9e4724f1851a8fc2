import { writeFieldName } from '@csvjobs/shared';
import { describe, expect, test } from 'vitest';
import { readMap } from '../../src/config/mapOption.js';
import { withOptions } from '../../src/config/specOptions.js';

describe('--map', () => {
  test.each([
    ['company=Account Name', 'firstOf', ['Account Name']],
    ['name=First Name + Last Name', 'combine', ['First Name', 'Last Name']],
    ['phone=Phone | Mobile|Home', 'firstOf', ['Phone', 'Mobile', 'Home']],
    ['a="x + y" + "p|q" + "say ""hi"""', 'combine', ['x + y', 'p|q', 'say "hi"']],
    ['a=C++', 'firstOf', ['C++']],
    ['a= Umsatz (€)=x ', 'firstOf', ['Umsatz (€)=x']],
    ['a=1+1', 'firstOf', ['1+1']],
  ])('%s', (text, key, fields) => {
    expect(readMap(text)).toMatchObject({ key, fields });
    expect(readMap(`a=${fields.map(writeFieldName).join(key === 'combine' ? ' + ' : ' | ')}`).fields).toEqual(
      fields,
    );
  });

  test.each(['', 'a', '=x', 'a=', 'a=x |', 'a=x + ', 'a=| x', 'a="x', 'a=x + y | z', 'a=x "y"', 'a=""'])(
    '%j is not understood',
    (text) => expect(() => readMap(text)).toThrow(/is not understood/),
  );
});

test('an option takes the place of all that the spec says of where the column is from', () => {
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

test.each([
  [{ map: ['company=A', 'Company=B'] }, '--map is given twice for Company', /'Company=First \| Second'/],
  [{ default: ['company=A', 'company=B'] }, '--default is given twice for company', /leave one/],
  [{ constant: ['source=A', 'source=A'] }, '--constant is given twice for source', /leave one/],
])('one column has one source: %o', (flags, message, next) => {
  expect(() => withOptions(undefined, flags)).toThrow(
    expect.objectContaining({ message, next: expect.stringMatching(next) }),
  );
});
