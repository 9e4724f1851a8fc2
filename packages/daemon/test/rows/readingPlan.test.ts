/** Which specs a column's type takes, and what a plan keeps of them. */
import { readSpec, type SpecInput } from '@csvjobs/shared';
import { describe, expect, it } from 'vitest';
import { rowPlan, SpecMismatch } from '../../src/rows/rowPlan.js';
import { createRowReader } from '../../src/rows/rowReader.js';
import { fieldsOf } from './fields.js';
import { type Field, planOf, type Schema } from './readingPlan.js';
import { columnOf, targetOf } from './targets.js';

function mismatch(type: string, field: Field, rest: SpecInput = {}): readonly string[] {
  try {
    planOf(type, field, rest);
    return [];
  } catch (error) {
    if (error instanceof SpecMismatch) return error.faults;
    throw error;
  }
}

describe('a spec that contradicts the table, or itself', () => {
  it.each<[string, Field, SpecInput, string[]]>([
    ['integer', { type: 'date' }, {}, ['schema.fields: c: a date cannot be stored in c, which is integer']],
    [
      'timestamptz',
      { type: 'date' },
      {},
      ['schema.fields: c: a date cannot be stored in c, which is timestamptz'],
    ],
    ['integer', { trueValues: ['x'] }, {}, ['schema.fields: c: trueValues and falseValues are for booleans']],
    ['boolean', { trueValues: ['0'] }, {}, ['schema.fields: c: "0" stands for two values']],
    [
      'text',
      { decimalChar: ',' },
      {},
      ['schema.fields: c: decimalChar, groupChar and bareNumber are for numbers'],
    ],
    [
      'numeric',
      { decimalChar: ',', groupChar: ',' },
      {},
      ['schema.fields: c: "," cannot be both decimalChar and groupChar'],
    ],
    ['numeric', { groupChar: '1' }, {}, ['schema.fields: c: "1" cannot be a mark in a number']],
    [
      'date',
      { format: '%U' },
      {},
      [expect.stringMatching(/^schema.fields: c: the format "%U": %U is not supported/)],
    ],
    [
      'date',
      { format: '%m/%Y' },
      {},
      ['schema.fields: c: the format "%m/%Y": a date needs a year, a month and a day'],
    ],
    [
      'date',
      { format: '%d %m %b %Y' },
      {},
      ['schema.fields: c: the format "%d %m %b %Y": it has %m and %b; keep one'],
    ],
    [
      'time',
      { format: '%I:%M' },
      {},
      ['schema.fields: c: the format "%I:%M": %I and %p need each other; use %H for 24 hours'],
    ],
    [
      'time',
      { format: '%F %T' },
      {},
      ['schema.fields: c: the column keeps a time alone, the format "%F %T" has a date'],
    ],
    ['date', { format: '%T' }, {}, ['schema.fields: c: the column keeps a date, the format "%T" has none']],
    [
      'date',
      { format: 'dd.mm.yyyy' },
      {},
      ['schema.fields: c: the format "dd.mm.yyyy": it has no part of a date or time'],
    ],
    [
      'timestamptz',
      { format: '%F %T' },
      {},
      [
        'schema.fields: c: the column keeps a time zone, the format "%F %T" names none; add %z, or declare the zone: --time-zone Europe/Berlin (csvjobs.timeZone)',
      ],
    ],
    [
      'timestamp',
      { format: '%F %T%z' },
      {},
      ['schema.fields: c: the column keeps no time zone, the format "%F %T%z" names one'],
    ],
    [
      'integer',
      { format: '%Y' },
      {},
      ['schema.fields: c: the format "%Y" is for dates and times; declare the type of the field'],
    ],
    ['enum(a,b)', { categories: ['a', 'c'] }, {}, ['schema.fields: c: the column has no label c']],
    [
      'text',
      { constraints: { minimum: 1 } },
      {},
      ['schema.fields: c: constraints.minimum is for numbers, dates and times; c is text'],
    ],
    [
      'integer',
      { constraints: { minLength: 1 } },
      {},
      ['schema.fields: c: constraints.minLength and maxLength are for text and lists'],
    ],
    [
      'date',
      { constraints: { minimum: '1.2.2024' } },
      {},
      ['schema.fields: c: constraints.minimum: "1.2.2024" is no value of the field'],
    ],
    ['integer', {}, { csvjobs: { default: { c: 'x' } } }, ['csvjobs.default: c: "x" is not an integer']],
    [
      'integer',
      {},
      { csvjobs: { constant: { c: '' } } },
      ['csvjobs.constant: c: "" is not an integer', expect.anything()],
    ],
    ['text', { type: 'list', delimiter: ';' }, {}, []],
    ['text', { delimiter: ';' }, {}, ['schema.fields: c: a delimiter is for lists; declare the type list']],
  ])('%s %j', (type, field, rest, expected) => {
    const found = mismatch(type, field, rest);
    expect([...found].sort()).toEqual(expect.arrayContaining(expected));
    expect(found).toHaveLength(expected.length);
  });

  it.each<[Schema['fieldsMatch'], string[], string[]]>([
    ['exact', ['a', 'b'], []],
    [
      'exact',
      ['b', 'a'],
      ['fieldsMatch is "exact", but the fields of the file are in another order; use "equal"'],
    ],
    ['equal', ['b', 'a'], []],
    ['equal', ['a'], ['fieldsMatch is "equal", but the file has no field b']],
    ['equal', ['a', 'b', 'x'], ['fieldsMatch is "equal", but the schema has no field x']],
    ['subset', ['a', 'b', 'x'], []],
    ['subset', ['a'], ['fieldsMatch is "subset", but the file has no field b']],
    ['superset', ['a'], []],
    ['superset', ['a', 'x'], ['fieldsMatch is "superset", but the schema has no field x']],
    ['partial', ['a', 'x'], []],
  ])('fieldsMatch %s %j', (fieldsMatch, header, expected) => {
    const target = targetOf(columnOf('a', 'text'), columnOf('b', 'text'));
    const spec = readSpec({ schema: { fields: [{ name: 'a' }, { name: 'b' }], fieldsMatch } });
    const plan = () => rowPlan(target, spec, header);
    if (expected.length === 0) expect(plan).not.toThrow();
    else expect(plan).toThrow(new SpecMismatch(expected));
  });

  it('missing keys of the table are reported', () => {
    const key = { name: 'k', primary: true, parts: [], columns: ['a'], predicate: null };
    const target = {
      ...targetOf(columnOf('a', 'text'), columnOf('b', 'text')),
      keys: [{ ...key, nullsNotDistinct: false, deferrable: false }],
    };
    const fields = [{ name: 'A' }, { name: 'b', constraints: { unique: true } }];
    const spec = readSpec({ schema: { fields, primaryKey: 'A', uniqueKeys: [['a', 'b']] } });
    expect(rowPlan(target, spec, ['a', 'b']).notices).toEqual([
      'a, b: the table has no unique key on it, so duplicates are not looked for',
      'b: the table has no unique key on it, so duplicates are not looked for',
    ]);
  });
});

it('a spec that adds nothing to the table makes the same plan as none', () => {
  const types = [
    'text',
    'varchar(3)',
    'integer',
    'numeric',
    'date',
    'timestamp',
    'timestamptz',
    'time',
    'boolean',
    'uuid',
  ];
  const fieldTypes: Record<string, Field['type']> = {
    integer: 'integer',
    numeric: 'number',
    date: 'date',
    timestamp: 'datetime',
    timestamptz: 'datetime',
    time: 'time',
    boolean: 'boolean',
  };
  const target = targetOf(...types.map((type) => columnOf(type, type)));
  const fields = types.map((name) => ({
    name,
    type: fieldTypes[name] ?? ('string' as const),
    format: 'default',
  }));
  const spec = readSpec({ schema: { fields, missingValues: [''] } });
  expect(rowPlan(target, spec, types)).toEqual(rowPlan(target, undefined, types));
});

it('a plan survives JSON and a structured clone', () => {
  const plan = planOf('date', {
    format: '%d.%m.%y',
    missingValues: ['-'],
    constraints: { minimum: '01.01.24' },
  });
  expect(JSON.parse(JSON.stringify(plan))).toEqual(structuredClone(plan));
  const reader = createRowReader(JSON.parse(JSON.stringify(plan)));
  expect(reader.judge(fieldsOf('02.01.24')).values).toEqual(['2024-01-02']);
});
