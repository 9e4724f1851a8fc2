import { describe, expect, it, test } from 'vitest';
import {
  createTableStatement,
  type NewColumnType,
  readNewTableName,
  writeIdentifier,
  writeNewTableName,
} from '../../src/index.js';

test.each([
  ['orders', { schema: undefined, name: 'orders' }, 'orders'],
  ['Sales.Orders', { schema: 'sales', name: 'orders' }, 'sales.orders'],
  ['"Sales"."Order ""Lines"""', { schema: 'Sales', name: 'Order "Lines"' }, '"Sales"."Order ""Lines"""'],
  ['Sales."My Orders"', { schema: 'sales', name: 'My Orders' }, 'sales."My Orders"'],
  ['order', { schema: undefined, name: 'order' }, '"order"'],
  ['größe', { schema: undefined, name: 'größe' }, '"größe"'],
])('%s is folded as in SQL, and reads back as written', (text, name, written) => {
  expect(readNewTableName(text)).toEqual(name);
  expect(writeNewTableName(name)).toBe(written);
  expect(readNewTableName(written)).toEqual(name);
});

test.each(['', 'a.b.c', 'a.', '"', 'x'.repeat(64), `s.${'ü'.repeat(32)}`, `${'x'.repeat(64)}.t`])(
  '%j is not a table name',
  (text) => {
    expect(readNewTableName(text)).toBeUndefined();
  },
);

test('an identifier is quoted only if necessary', () => {
  expect(['id', '_1', 'a1', '1a', 'A', 'a b', 'a"b', 'select', 'time', ''].map(writeIdentifier)).toEqual([
    'id',
    '_1',
    'a1',
    '"1a"',
    '"A"',
    '"a b"',
    '"a""b"',
    '"select"',
    '"time"',
    '""',
  ]);
  expect(() => writeIdentifier('a\0')).toThrow(TypeError);
});

describe('the statement', () => {
  it('has a line for each column and the key', () => {
    const columns = [
      { name: 'id', type: 'bigint' },
      { name: 'a"); drop table t; --', type: 'double precision' },
    ] as const;
    const table = { schema: 'sales', name: 'order' };
    expect(createTableStatement({ table, columns, key: ['id'] })).toBe(
      'create table sales."order" (\n  id bigint not null,\n  "a""); drop table t; --" double precision,\n  primary key (id)\n);\n',
    );
    expect(createTableStatement({ table, columns, key: [] })).not.toContain('key');
  });

  it('has only types on the list', () => {
    const columns = [{ name: 'a', type: 'text); drop table t; --' as NewColumnType }];
    expect(() =>
      createTableStatement({ table: { schema: undefined, name: 't' }, columns, key: [] }),
    ).toThrow();
  });
});
