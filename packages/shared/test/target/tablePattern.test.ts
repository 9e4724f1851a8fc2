import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  matchesTable,
  parseTablePattern,
  parseTablePatterns,
  TablePatternInvalid,
  tableRegex,
  writeTablePattern,
} from '../../src/target/tablePattern.js';

const matches = (pattern: string, schema: string, name: string) =>
  matchesTable([parseTablePattern(pattern)], { schema, name });

describe('a pattern matches', () => {
  it.each([
    ['public.*', 'public', 'orders'],
    ['public.*', 'public', 'Order "Lines"'],
    ['sales.orders', 'sales', 'orders'],
    ['Sales.ORDERS', 'sales', 'orders'],
    ['"Sales"."Orders"', 'Sales', 'Orders'],
    ['shop_*.*', 'shop_de', 'x'],
    ['shop_*.*', 'shop_', 'x'],
    ['shop_*.*', 'shop_DE', 'x'],
    ['*.*', '"', '\n'],
    ['*.*_log', 'a', 'b.c_log'],
    ['a.*b*c', 'a', 'xbyc'],
    ['a."x*"', 'a', 'x*'],
    ['größe.*', 'größe', 'x'],
    ['GRÖSSE.*', 'grÖsse', 'x'],
    ['a."b\\c$d"', 'a', 'b\\c$d'],
  ])('%s: %j.%j', (pattern, schema, name) => {
    expect(matches(pattern, schema, name)).toBe(true);
  });
});

describe('a pattern does not match', () => {
  it.each([
    ['public.*', 'publicx', 'orders'],
    ['public.*', 'xpublic', 'orders'],
    ['public.*', 'Public', 'orders'],
    ['public.*', 'public.a', 'orders'],
    ['sales.orders', 'sales', 'orders2'],
    ['sales.orders', 'sales', 'ORDERS'],
    ['Sales.Orders', 'Sales', 'Orders'],
    ['a.b_c', 'a', 'bxc'],
    ['a.*', 'x".a', 'b'],
    ['a.*', 'x"."a', 'b'],
    ['"a.b".*', 'a', 'b'],
    ['a."x*"', 'a', 'xy'],
    ['a.b*', 'a', 'xb'],
    ['a.*_log', 'a', 'b_log\n'],
  ])('%s: %j.%j', (pattern, schema, name) => {
    expect(matches(pattern, schema, name)).toBe(false);
  });
});

it('a star matches any characters within one name', () => {
  const part = fc
    .string({ minLength: 1, maxLength: 20, unit: 'binary' })
    .filter((text) => !text.includes('\0'));
  const literal = fc.stringMatching(/^[a-z_]{0,3}$/);
  fc.assert(
    fc.property(literal, part, literal, part, (before, middle, after, other) => {
      const pattern = parseTablePattern(`s.${before}*${after}`);
      const is = (name: string) => matchesTable([pattern], { schema: 's', name });
      expect(is(before + middle + after)).toBe(true);
      expect(is(other)).toBe(
        other.startsWith(before) && other.endsWith(after) && other.length >= before.length + after.length,
      );
    }),
  );
});

it('a double-quoted name matches only itself, and round-trips', () => {
  const part = fc
    .string({ minLength: 1, maxLength: 20, unit: 'binary' })
    .filter((text) => !text.includes('\0'));
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
  fc.assert(
    fc.property(part, part, part, (schema, name, other) => {
      const pattern = parseTablePattern(`${quoted(schema)}.${quoted(name)}`);
      expect(parseTablePattern(writeTablePattern(pattern))).toEqual(pattern);
      expect(matchesTable([pattern], { schema, name })).toBe(true);
      expect(matchesTable([pattern], { schema, name: other })).toBe(name === other);
    }),
  );
});

it('parses a list with blanks, empty items and commas in names', () => {
  const list = parseTablePatterns(' public.* ,, Sales.orders,"a,b"."c ""d""" ');
  expect(list.map(writeTablePattern)).toEqual(['public.*', 'sales.orders', '"a,b"."c ""d"""']);
});

describe('explains what is wrong with', () => {
  it.each([
    ['', 'there is no pattern; write schema.table, as in public.*'],
    [',', 'there is no pattern; write schema.table, as in public.*'],
    ['orders', '"orders" names no schema; write schema.table, as in public.orders'],
    ['*', '"*" names no schema; write schema.table, as in public.*'],
    ['a.b.c', '"a.b.c" has more than two parts; write schema.table'],
    ['a.', '"a." has an empty name; write schema.table'],
    ['.a', '".a" has an empty name; write schema.table'],
    ['a.""', '"a.\\"\\"" has an empty name'],
    ['a."b', '"a.\\"b" has a quote that is not closed, or stands inside of a name'],
    ['a.b"c"', '"a.b\\"c\\"" has a quote that is not closed, or stands inside of a name'],
    ['a b.c', '"a b.c" has " " in a name; put such a name in double quotes'],
    ['a.b;drop table c', '"a.b;drop table c" has ";" in a name; put such a name in double quotes'],
    ['a.1b', '"a.1b" has "1" in a name; put such a name in double quotes'],
    ['a."\0"', '"a.\\"\\u0000\\"" has a NUL, which no name has'],
    ['a.*b*c*d*e', '"a.*b*c*d*e" has more than 3 stars in a name'],
  ])('%j', (list, message) => {
    expect(() => parseTablePatterns(list)).toThrow(new TablePatternInvalid(message));
  });
});

it('redundant stars are dropped', () => {
  expect(writeTablePattern(parseTablePattern('a.**b****'))).toBe('a.*b*');
});

it('an empty list matches nothing', () => {
  expect(new RegExp(tableRegex([])).test('public.orders')).toBe(false);
});
