import { describe, expect, it } from 'vitest';
import { readSpec, SpecInvalid } from '../../src/target/readSpec.js';

const faultsOf = (document: unknown) => {
  try {
    readSpec(document);
    return [];
  } catch (error) {
    if (error instanceof SpecInvalid) return error.faults;
    throw error;
  }
};

it('reads a resource made for other tools', () => {
  const spec = readSpec({
    $schema: 'https://datapackage.org/profiles/2.0/dataresource.json',
    name: 'orders',
    path: 'orders.csv',
    format: 'csv',
    mediatype: 'text/csv',
    licenses: [{ name: 'CC0-1.0' }],
    dialect: { delimiter: ';', quoteChar: "'", headerRows: [1, 2], commentChar: '#' },
    schema: {
      fields: [
        { name: 'id', type: 'integer', constraints: { required: true, minimum: 1 } },
        { name: 'ordered', type: 'date', format: '%d/%m/%Y' },
        { name: 'price', type: 'number', decimalChar: ',', groupChar: '.', bareNumber: false },
        { name: 'paid', type: 'boolean', trueValues: ['ja'], falseValues: ['nein'] },
        { name: 'state', type: 'string', categories: [{ value: 'o', label: 'open' }] },
      ],
      primaryKey: 'id',
      missingValues: ['', { value: 'n/a', label: 'not available' }],
    },
  });
  expect(spec.schema?.primaryKey).toEqual(['id']);
  expect(spec.schema?.fieldsMatch).toBe('partial');
});

it('reads the csvjobs extensions', () => {
  const csvjobs = {
    into: 'sales.orders',
    mode: 'update' as const,
    key: 'id',
    blanks: { price: 'default' as const },
    aliases: { id: ['Order No.'] },
    combine: { contact: ['First Name', 'Last Name'] },
    firstOf: { phone: ['Phone', 'Mobile'], name: [{ combine: ['First', 'Last'] }, 'Company'] },
    default: { company: 'Unknown' },
    constant: { source: 'hubspot' },
    lookup: { customer_id: { table: 'customers', value: 'id', by: { email: 'Customer Email' } } },
    maxErrors: '1%',
  };
  expect(readSpec({ csvjobs }).csvjobs).toEqual({ ...csvjobs, key: ['id'] });
});

describe('reports every mistake with its path', () => {
  it.each([
    [
      { schema: { fields: [{ name: 'a', typ: 'integer' }] } },
      ['schema.fields[0].typ: unknown property, did you mean "type"?'],
    ],
    [
      { csvjobs: { inot: 't', colour: 1 } },
      ['csvjobs.inot: unknown property, did you mean "into"?', 'csvjobs.colour: unknown property'],
    ],
    [{ shcema: {} }, ['shcema: unknown property, did you mean "schema"?']],
    [{ dialect: { delimeter: ';' } }, ['dialect.delimeter: unknown property, did you mean "delimiter"?']],
    [
      { schema: { fields: [{ name: 'a', constraints: { requierd: true } }] } },
      ['schema.fields[0].constraints.requierd: unknown property, did you mean "required"?'],
    ],
    [
      { csvjobs: { lookup: { c: { table: 't', value: 'id', by: {}, whree: 1 } } } },
      ['csvjobs.lookup.c.whree: unknown property'],
    ],
    [
      { schema: { fields: [{ name: 'a', constraints: { pattern: '(' } }] } },
      ['schema.fields[0].constraints.pattern: is not a regular expression'],
    ],
    [
      { csvjobs: { constant: { note: 'a\0' }, aliases: { id: ['a', '\ud800'] }, default: { '\0': 'x' } } },
      [
        'csvjobs.constant.note: has a character that cannot be stored (NUL, or half of a pair)',
        'csvjobs.aliases.id[1]: has a character that cannot be stored (NUL, or half of a pair)',
        'csvjobs.default: a name has a character that cannot be stored (NUL, or half of a pair)',
      ],
    ],
    [
      JSON.parse(
        '{"csvjobs":{"constant":{"__proto__":["y"]},"lookup":{"__proto__":{"table":"t","value":"v","bye":{}}}}}',
      ),
      [
        'csvjobs.constant.__proto__: must be text, and is ["y"]',
        'csvjobs.lookup.__proto__.by: is missing',
        'csvjobs.lookup.__proto__.bye: unknown property, did you mean "by"?',
      ],
    ],
    [{ csvjobs: { constant: { note: '\ud83e\udd84' } } }, []],
    [{ dialect: { quoteChar: '""' } }, ['dialect.quoteChar: must be one character']],
    [
      { csvjobs: { firstOf: { name: [{ combnie: ['A', 'B'] }, 'C'] } } },
      [
        'csvjobs.firstOf.name[0]: must be a field, or {"combine":["First","Last"]}, and is {"combnie":["A","B"]}',
      ],
    ],
    [
      { csvjobs: { firstOf: { name: ['C', ['A', 'B']] } } },
      ['csvjobs.firstOf.name[1]: must be a field, or {"combine":["First","Last"]}, and is ["A","B"]'],
    ],
    [
      { csvjobs: { firstOf: { name: [{ combine: [] }] } } },
      ['csvjobs.firstOf.name[0].combine: must not be empty'],
    ],
  ])('%j', (document, faults) => expect(faultsOf(document)).toEqual(faults));

  it.each([null, [], 'into: t', 7])('%j is not a spec', (document) =>
    expect(faultsOf(document)).toHaveLength(1),
  );
});

describe('explains mistakes in plain words', () => {
  const field = (more: object) => ({ schema: { fields: [{ name: 'a', ...more }] } });
  const at = 'schema.fields[0]';
  const TYPES =
    'string, number, integer, boolean, date, time, datetime, year, yearmonth, duration, list, array, object, any';
  it.each([
    [field({ type: 'integr' }), `${at}.type: "integr" is no type; did you mean "integer"?`],
    [field({ type: 'int' }), `${at}.type: "int" is no type; did you mean "integer"?`],
    [field({ type: 'text' }), `${at}.type: "text" is no type; the types are ${TYPES}`],
    [field({ type: 7 }), `${at}.type: 7 is no type; the types are ${TYPES}`],
    [
      { csvjobs: { mode: 'updat' } },
      'csvjobs.mode: "updat" is not one of reject, skip, update; did you mean "update"?',
    ],
    [{ csvjobs: { quotes: 'loose' } }, 'csvjobs.quotes: "loose" is not one of strict, lenient, none'],
    [{ schema: { fields: [{}] } }, `${at}.name: is missing`],
    [{ schema: {} }, 'schema.fields: is missing'],
    [{ schema: { fields: [{ name: '' }] } }, `${at}.name: must not be empty`],
    [{ schema: { fields: { a: 1 } } }, 'schema.fields: must be a list, and is {"a":1}'],
    [field({ bareNumber: 'no' }), `${at}.bareNumber: must be true or false, and is "no"`],
    [field({ trueValues: [] }), `${at}.trueValues: must not be empty`],
    [field({ constraints: { minLength: -1 } }), `${at}.constraints.minLength: must be 0 or more, and is -1`],
    [
      field({ constraints: { minLength: 1.5 } }),
      `${at}.constraints.minLength: must be a whole number, and is 1.5`,
    ],
    [{ dialect: { headerRows: [0] } }, 'dialect.headerRows[0]: must be 1 or more, and is 0'],
    [{ csvjobs: { key: 7 } }, 'csvjobs.key: must be text or a list, and is 7'],
    [{ csvjobs: { trim: 7 } }, 'csvjobs.trim: must be true or false or a list, and is 7'],
    [
      { csvjobs: { timeZone: 'Europe/Berln' } },
      'csvjobs.timeZone: "Europe/Berln" is no time zone; did you mean "Europe/Berlin"?',
    ],
    [
      { csvjobs: { timeZone: 'new york' } },
      'csvjobs.timeZone: "new york" is no time zone; did you mean "America/New_York"?',
    ],
    // India, Ireland or Israel.
    [
      { csvjobs: { timeZone: { placed: 'IST' } } },
      'csvjobs.timeZone.placed: "IST" is no time zone; use one as "Europe/Berlin", "UTC" or "+02:00"',
    ],
    [
      { csvjobs: { timeZone: '+16:00' } },
      'csvjobs.timeZone: "+16:00" is no time zone; use one as "Europe/Berlin", "UTC" or "+02:00"',
    ],
    [{ csvjobs: { timeZone: 7 } }, 'csvjobs.timeZone: must be text or an object, and is 7'],
    ['into: t', 'the spec: must be an object, and is "into: t"'],
  ])('%j', (document, fault) => expect(faultsOf(document)).toEqual([fault]));
});
