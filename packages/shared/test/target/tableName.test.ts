import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quoteIdentifier, readTableName, writeTableName } from '../../src/target/tableName.js';

const plain = (text: string) => ({ text, quoted: false });
const quoted = (text: string) => ({ text, quoted: true });

describe('readTableName', () => {
  it.each([
    ['orders', { schema: undefined, name: plain('orders') }],
    ['sales.orders', { schema: plain('sales'), name: plain('orders') }],
    ['Sales.Orders', { schema: plain('Sales'), name: plain('Orders') }],
    ['"Order Lines"', { schema: undefined, name: quoted('Order Lines') }],
    ['"a.b"."c""d"', { schema: quoted('a.b'), name: quoted('c"d') }],
    ['sales."Größe"', { schema: plain('sales'), name: quoted('Größe') }],
    ['Order Lines', { schema: undefined, name: plain('Order Lines') }],
  ])('%s', (text, expected) => {
    expect(readTableName(text)).toEqual(expected);
  });

  it.each(['', '.', 'a.', '.a', 'a.b.c', '"a', 'a"b', '"a"b', '""', ' ', 'a."b"c', 'a\0b'])(
    'rejects %j',
    (text) => {
      expect(readTableName(text)).toBeUndefined();
    },
  );

  it('reads back the output of writeTableName', () => {
    const part = fc
      .string({ minLength: 1, unit: 'grapheme' })
      .filter((text) => text.trim() === text && !text.includes('\0'));
    fc.assert(
      fc.property(part, part, (schema, name) => {
        const read = readTableName(writeTableName({ schema, name }));
        expect([read?.schema?.text, read?.name.text]).toEqual([schema, name]);
      }),
    );
  });
});

describe('quoteIdentifier', () => {
  it('doubles quotes', () => expect(quoteIdentifier('a"; drop table x; --')).toBe('"a""; drop table x; --"'));
  it('refuses NUL', () => expect(() => quoteIdentifier('a\0')).toThrow(TypeError));
});
