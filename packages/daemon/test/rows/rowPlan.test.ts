import { readSpec, type SpecInput } from '@csvjobs/shared';
import { describe, expect, it } from 'vitest';
import { rowPlan, SpecMismatch } from '../../src/rows/rowPlan.js';
import { columnOf, targetOf } from './targets.js';

const orders = targetOf(
  columnOf('id', 'integer', { notNull: true }),
  columnOf('customer_id', 'integer'),
  columnOf('quantity', 'integer', { notNull: true, default: '1' }),
  columnOf('total', 'numeric', { generated: 'stored', insertable: false }),
  columnOf('number', 'bigint', { identity: 'always', notNull: true, insertable: false }),
  columnOf('secret', 'text', { insertable: false }),
);

const plan = (header: string[], spec?: SpecInput, target = orders) =>
  rowPlan(target, spec && readSpec(spec), header);
const sources = (header: string[], spec?: SpecInput) =>
  plan(header, spec).columns.map(({ column, from }) => [column, from]);
const faults = (header: string[], spec?: SpecInput, target = orders) => {
  try {
    plan(header, spec, target);
    return [];
  } catch (error) {
    if (error instanceof SpecMismatch) return error.faults;
    throw error;
  }
};
const field = (position: number) => ({ kind: 'field', position });

it('words about the fields of a column that the table fills itself are refused, with the reason', () => {
  const csvjobs = { blanks: { total: 'null', id: 'reject' }, trim: ['number'] } as const;
  expect(faults(['id'], { csvjobs: { ...csvjobs, trim: [...csvjobs.trim] } })).toEqual([
    'csvjobs.blanks: sales.orders computes total itself (GENERATED), so no field fills it; leave it out',
    'csvjobs.trim: sales.orders numbers number itself (GENERATED ALWAYS), so no field fills it; leave it out',
  ]);
  // For all columns, it is about those that have fields.
  expect(faults(['id'], { csvjobs: { blanks: 'null', trim: true } })).toEqual([]);
  expect(faults(['id'], { csvjobs: { blanks: { '*': 'null', id: 'reject' } } })).toEqual([]);
});

it('two meanings of the empty fields of a column are refused', () => {
  expect(faults(['id'], { csvjobs: { blanks: { '*': 'null', id: 'reject', ID: 'null' } } })).toEqual([
    'csvjobs.blanks: the column id is named twice; keep one',
  ]);
});

it('a column that begins like our own names is not filled', () => {
  const target = targetOf(columnOf('id', 'integer'), columnOf('csvjobs$unreadable', 'integer'));
  const why =
    "csvjobs$unreadable of sales.orders begins like csvjobs' own names (csvjobs$); its owner can rename it";
  expect(faults(['id', 'csvjobs$unreadable'], undefined, target)).toEqual([
    `${why}; remove the field from the file`,
  ]);
  expect(faults(['id'], { csvjobs: { constant: { csvjobs$unreadable: '1' } } }, target)).toEqual([
    `csvjobs.constant: ${why}`,
  ]);
});

it('a column without the right to insert: the statement that grants it', () => {
  const denied = { ...orders, deniedColumns: { names: ['secret'], role: 'lo"ader' } };
  const why = 'this database role may not insert into secret of sales.orders';
  const grant = 'its owner can grant it: grant insert ("secret") on "sales"."orders" to "lo""ader"';
  expect(faults(['id', 'secret'], undefined, denied)).toEqual([
    `${why}; remove the field from the file, or ${grant}`,
  ]);
  expect(faults(['id'], { csvjobs: { constant: { secret: '1' } } }, denied)).toEqual([
    `csvjobs.constant: ${why}; ${grant}`,
  ]);
  expect(faults(['id'], { csvjobs: { default: { secret: '1' } } }, denied)).toEqual([
    `csvjobs.default: ${why}; ${grant}`,
  ]);
  expect(faults(['id'], { csvjobs: { blanks: { secret: 'null' } } }, denied)).toEqual([
    `csvjobs.blanks: ${why}, so no field fills it; leave it out, or ${grant}`,
  ]);
});

it('a column that a view computes is not a matter of rights', () => {
  expect(faults(['id', 'secret'], undefined, { ...orders, kind: 'view' })).toEqual([
    'secret of the view sales.orders accepts no values; remove the field from the file',
  ]);
});

describe('the source of each column', () => {
  it('fields by name, in table order; columns missing from the file are not in the plan', () => {
    expect(sources(['Customer ID', 'id'])).toEqual([
      ['id', field(1)],
      ['customer_id', field(0)],
    ]);
  });

  it('NOT NULL of the table, of its domains and of the spec', () => {
    const domain = { ...columnOf('d', 'text').type, domain: { notNull: true, checks: [] } };
    const target = targetOf(columnOf('a', 'text'), columnOf('b', 'text'), {
      ...columnOf('d', 'text'),
      type: domain,
    });
    const spec = { schema: { fields: [{ name: 'b', constraints: { required: true } }] } };
    expect(plan(['a', 'b', 'd'], spec, target).columns.map(({ nullable }) => nullable)).toEqual([
      true,
      false,
      false,
    ]);
    const blanks = { csvjobs: { blanks: { a: 'reject' as const } } };
    expect(plan(['a', 'd'], blanks, target).columns.map(({ nullable }) => nullable)).toEqual([false, false]);
  });

  it('no field that the spec ignores, unless it names it; such fields are not reported', () => {
    const spec = { csvjobs: { ignore: ['Customer ID', 'quantity', 'not there'] } };
    expect(sources(['id', 'Customer ID', 'quantity'], spec)).toEqual([['id', field(0)]]);
    expect(plan(['id', 'Customer ID', 'quantity'], spec).notices).toEqual([]);
    const another = { csvjobs: { ignore: ['quantity'], combine: { customer_id: ['quantity'] } } };
    expect(sources(['id', 'quantity'], another)).toEqual([
      ['id', field(0)],
      ['customer_id', { kind: 'fields', positions: [1], join: 'blank' }],
    ]);
    expect(faults(['id'], { csvjobs: { ignore: ['id'] } }).join()).toContain('missing column: id');
  });

  it('aliases, names of a table schema, constants and combined fields', () => {
    const spec = {
      schema: { fields: [{ name: 'ID' }] },
      csvjobs: {
        aliases: { customer_id: ['Client'] },
        constant: { quantity: '2' },
      },
    };
    expect(sources(['client', 'Id'], spec)).toEqual([
      ['id', field(1)],
      ['customer_id', field(0)],
      ['quantity', { kind: 'constant', text: '2' }],
    ]);
    const several = { csvjobs: { firstOf: { customer_id: ['Account', 'Client'] }, combine: { id: ['A'] } } };
    expect(sources(['A', 'client', 'ACCOUNT'], several)).toEqual([
      ['id', { kind: 'fields', positions: [0], join: 'blank' }],
      ['customer_id', { kind: 'fields', positions: [2, 1], join: 'first' }],
    ]);
  });

  it('a looked-up column: the fields of its natural key, as text', () => {
    const spec: SpecInput = {
      schema: { fields: [], missingValues: ['', '-'] },
      csvjobs: {
        lookup: { customer_id: { table: 'crm.people', value: 'id', by: { email: 'Mail', region: 'R' } } },
      },
    };
    const { columns, lookups } = plan(['R', 'id', 'mail'], spec);
    expect(columns.slice(1)).toMatchObject([
      { column: 'csvjobs_lookup_0_0', lookup: 'customer_id', type: { sql: 'text' }, from: field(2) },
      {
        column: 'csvjobs_lookup_0_1',
        lookup: 'customer_id',
        reading: { missing: ['', '-'] },
        from: field(0),
      },
    ]);
    expect(lookups).toEqual([
      {
        column: 'customer_id',
        table: 'crm.people',
        value: 'id',
        by: [
          { column: 'email', input: 'csvjobs_lookup_0_0' },
          { column: 'region', input: 'csvjobs_lookup_0_1' },
        ],
      },
    ]);
  });

  it('constants come after all fields, whatever the table order', () => {
    expect(sources(['quantity'], { csvjobs: { constant: { id: '1' } } }).map(([name]) => name)).toEqual([
      'quantity',
      'id',
    ]);
  });
});

it('ignored fields are reported', () => {
  const header = ['id', 'total', 'number', 'notes', '', 'quantitty', 'Quantity', 'quantity'];
  expect(plan(header).notices).toEqual([
    'ignored field "total": sales.orders computes total itself (GENERATED)',
    'ignored field "number": sales.orders numbers number itself (GENERATED ALWAYS)',
    'ignored field "Quantity": another field matches quantity better',
    'ignored fields: notes, field 5 (without a name), quantitty',
  ]);
  expect(plan(['id', 'quantitty']).notices).toEqual(['ignored field: quantitty (did you mean quantity?)']);
  expect(plan(['id', 'quantity'], { csvjobs: { constant: { quantity: '2' } } }).notices).toEqual([
    { note: 'ignored field "quantity": the spec fills quantity' },
  ]);
});

it('PostgreSQL reads times without an offset inside a composite value as UTC, which is reported', () => {
  const span = columnOf('span', 'public.span');
  const target = targetOf(columnOf('id', 'integer'), { ...span, type: { ...span.type, timesInside: true } });
  expect(plan(['id', 'span'], undefined, target).notices).toEqual([
    {
      note: 'span: PostgreSQL reads the values of public.span, and a time without an offset in them as UTC',
    },
  ]);
  expect(plan(['id'], undefined, target).notices).toEqual([]);
});

describe('all mismatches are named', () => {
  it.each<[string, string[], SpecInput | undefined, string[]]>([
    ['a missing column', ['quantity'], undefined, ['missing column: id']],
    [
      'no column at all',
      ['x', 'y'],
      { csvjobs: { constant: { id: '1' } } },
      ['no field of the file is a column of sales.orders (id, customer_id, quantity)'],
    ],
    [
      'two fields for one column',
      ['id', 'Customer ID', 'customer id'],
      undefined,
      ['the fields "Customer ID" and "customer id" all match the column customer_id; rename all but one'],
    ],
    [
      'no right on a column',
      ['id', 'secret'],
      undefined,
      ['this database role may not insert into secret of sales.orders; remove the field from the file'],
    ],
    [
      'unknown columns',
      ['id'],
      {
        schema: { fields: [{ name: 'quantitty' }, { name: 'zzz' }] },
        csvjobs: { constant: { custommer_id: '1' }, trim: ['ids'], blanks: { x: 'null' } },
      },
      [
        'csvjobs.constant: the table has no column "custommer_id"; did you mean "customer_id"?',
        'csvjobs.blanks: the table has no column "x"',
        'csvjobs.trim: the table has no column "ids"',
        'schema.fields[0]: the table has no column "quantitty"; did you mean "quantity"?',
        'schema.fields[1]: the table has no column "zzz"',
      ],
    ],
    [
      'values for read-only columns',
      ['id'],
      { csvjobs: { constant: { total: '1' }, combine: { number: ['id'] } } },
      [
        'csvjobs.constant: sales.orders computes total itself (GENERATED)',
        'csvjobs.combine: sales.orders numbers number itself (GENERATED ALWAYS)',
      ],
    ],
    [
      'a column that is filled or described twice',
      ['id', 'a'],
      {
        schema: { fields: [{ name: 'id' }, { name: 'ID' }] },
        csvjobs: { constant: { quantity: '1' }, firstOf: { quantity: ['a'] } },
      },
      [
        'schema.fields[1]: the column id is described twice; keep one',
        'csvjobs.constant and csvjobs.firstOf both fill the column quantity; keep one',
      ],
    ],
    [
      'a default that no row would get, and a rejection that no row would get',
      ['id', 'customer_id'],
      {
        csvjobs: {
          constant: { quantity: '2' },
          default: { quantity: '1', customer_id: '7' },
          blanks: { customer_id: 'reject', id: 'reject' },
        },
      },
      [
        'csvjobs.blanks rejects an empty field of customer_id, and csvjobs.default fills it; keep one',
        'csvjobs.constant and csvjobs.default both fill the column quantity; keep one',
      ],
    ],
    [
      'lookups',
      ['id', 'a'],
      {
        csvjobs: {
          lookup: {
            customer_id: { table: 't', value: 'id', by: { email: 'Email' } },
            quantity: { table: 'sales.orders', value: 'id', by: { email: 'a' } },
            id: { table: 't', value: 'id', by: {} },
          },
          default: { quantity: '1' },
        },
      },
      [
        'csvjobs.lookup: the file has no field "Email"',
        'csvjobs.lookup and csvjobs.default both fill the column quantity; keep one',
        'csvjobs.lookup: id says by no column; name one at least: by: {email: Customer Email}',
        'csvjobs.lookup: quantity looks into the table that is loaded, which depends on the order; load the file twice',
      ],
    ],
    [
      'missing or duplicate fields',
      ['id', 'a', 'a'],
      { csvjobs: { firstOf: { quantity: ['b'] }, combine: { customer_id: ['a'] } } },
      [
        'csvjobs.combine: the file has 2 fields "a"; name one by its number: #2 or #3',
        'csvjobs.firstOf: the file has no field "b"',
      ],
    ],
  ])('%s', (_, header, spec, expected) => expect(faults(header, spec)).toEqual(expected));

  it.each<[string[], SpecInput | undefined, string]>([
    [['quantity'], undefined, 'missing column: id; found: quantity'],
    [
      ['a', 'b c'],
      { csvjobs: { combine: { customer_id: ['x'] }, firstOf: { quantity: ['y'] } } },
      'csvjobs.combine: the file has no field "x"; csvjobs.firstOf: the file has no field "y"; missing column: id; found: a, b c',
    ],
    [['id', 'a'], { csvjobs: { constant: { x: '1' } } }, 'csvjobs.constant: the table has no column "x"'],
  ])(
    'the fields of the file are listed once, after all faults about them: %j %j',
    (header, spec, message) => {
      expect(() => plan(header, spec)).toThrow(expect.objectContaining({ message }));
    },
  );

  it('column names that differ in case only', () => {
    const target = targetOf(columnOf('Id', 'text'), columnOf('id', 'text'));
    expect(faults(['id'], { csvjobs: { default: { ID: '1' } } }, target)).toEqual([
      'csvjobs.default: "ID" may be Id and id; write the column’s name to the letter',
    ]);
  });
});
