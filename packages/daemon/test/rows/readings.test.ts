/** How a spec reads the text of one column: the text in PostgreSQL's form, or the code of the fault. */
import { adviceOf, headingOf, readSpec, type SpecInput, sentenceOf } from '@csvjobs/shared';
import { describe, expect, it } from 'vitest';
import { rowPlan } from '../../src/rows/rowPlan.js';
import { createRowReader } from '../../src/rows/rowReader.js';
import { fieldsOf } from './fields.js';
import { type Field, planOf } from './readingPlan.js';
import { columnOf, targetOf } from './targets.js';

/** The stored text, `null`, or the codes of the faults. Also compares the fast path with the full check. */
function read(type: string, field: Field, text: string, rest: SpecInput = {}) {
  const reader = createRowReader(planOf(type, field, rest));
  const record = fieldsOf(text);
  const { values, faults } = reader.judge(record);
  const straight = reader.write(record);
  if (faults) expect({ text, straight }).toEqual({ text, straight: false });
  return faults ? faults.map(({ code }) => code).join(' ') : values[0];
}

const table = (type: string, field: Field, cases: [text: string, expected: string | null][]) =>
  it.each(cases)(`${type} ${JSON.stringify(field)} %j`, (text, expected) =>
    expect(read(type, field, text)).toBe(expected),
  );

describe('numbers', () => {
  table('numeric(10,2)', { type: 'number', decimalChar: ',', groupChar: '.' }, [
    ['1,5', '1.5'],
    ['-1,50', '-1.50'],
    ['+7', '+7'],
    ['1.234,56', '1234.56'],
    ['1.234.567,8', '1234567.8'],
    ['1234,56', '1234.56'],
    ['1.234', '1234'],
    [' 12 ', '12'],
    [',5', '.5'],
    ['5,', '5.'],
    ['1,5e2', '1.5e2'],
    ['', null],
    ['1,239', 'too_many_decimals'],
    ['1.2.3', 'not_in_number_format'],
    ['1.23', 'not_in_number_format'],
    ['1.23,4', 'not_in_number_format'],
    ['1234.567', 'not_in_number_format'],
    ['.123', 'not_in_number_format'],
    ['1..234', 'not_in_number_format'],
    ['1.2345', 'not_in_number_format'],
    ['1.234.56', 'not_in_number_format'],
    ['1,2,3', 'not_in_number_format'],
    ['1,234.5', 'not_in_number_format'],
    [',', 'not_in_number_format'],
    ['-', 'not_in_number_format'],
    ['1,5 €', 'not_in_number_format'],
    ['1e', 'not_in_number_format'],
    ['1e+', 'not_in_number_format'],
    ['NaN', 'not_in_number_format'],
  ]);
  table('integer', { type: 'integer', groupChar: "'" }, [
    ["1'234'567", '1234567'],
    ["1'234.0", 'not_an_integer'],
    ["9'999'999'999", 'out_of_range'],
  ]);
  table('numeric', { type: 'number', groupChar: '\u202f', decimalChar: ',' }, [
    ['12\u202f345,6', '12345.6'],
    ['12 345,6', 'not_in_number_format'],
  ]);
  table('numeric', { type: 'number', decimalChar: '٫' }, [['1٫5', '1.5']]);
  table('numeric(10,2)', { type: 'number', bareNumber: false, groupChar: ',' }, [
    ['12 %', '12'],
    ['12%', '12'],
    ['$1,234.50', '1234.50'],
    ['-$5', '-5'],
    ['$-5', '-5'],
    ['€ 5', '5'],
    ['5\u00a0€', '5'],
    ['CHF 1,000', '1000'],
    ['Rs. 500', '500'],
    ['5 Fr.', '5'],
    ['.5 %', '.5'],
    ['12', '12'],
    ['1,23 $', 'not_in_number_format'],
    ['Rs.5', 'not_in_number_format'],
    ['(5)', 'not_in_number_format'],
    ['5-', 'not_in_number_format'],
    ['−5', 'not_in_number_format'],
    ['5 1', 'not_in_number_format'],
    ['$', 'not_in_number_format'],
    [`${'a'.repeat(100_000)} 5`, 'not_in_number_format'],
    ['1.239 €', 'too_many_decimals'],
  ]);
  table('text', { type: 'number' }, [
    ['1.50', '1.50'],
    ['1,5', 'not_a_number'],
  ]);
  table('numeric', { type: 'integer' }, [
    ['12', '12'],
    ['1.5', 'not_an_integer'],
  ]);
  table('text', { type: 'year' }, [
    ['2024', '2024'],
    ['24', 'not_in_format'],
  ]);
  table('text', { type: 'yearmonth' }, [
    ['2024-02', '2024-02'],
    ['2024-13', 'not_in_format'],
  ]);

  it('a fault shows the file’s text', () => {
    const reader = createRowReader(planOf('numeric(10,2)', { type: 'number', decimalChar: ',' }));
    expect(reader.judge(fieldsOf('1,239')).faults).toEqual([
      { code: 'too_many_decimals', column: 'c', params: { value: '1,239', scale: 2 } },
    ]);
  });
});

describe('e-mail addresses', () => {
  table('text', { type: 'string', format: 'email' }, [
    ['ann@x.example', 'ann@x.example'],
    ['Ann@MÜNCHEN.de', 'Ann@MÜNCHEN.de'],
    ['', null],
    ['ann', 'email_invalid'],
    ['ann@x', 'email_invalid'],
    [' ann@x.example', 'email_invalid'],
    ['ann@x.example; bob@x.example', 'email_invalid'],
  ]);
  table('text', { type: 'string', format: 'email', constraints: { pattern: '.*e' } }, [
    ['ann@x.example', 'ann@x.example'],
    ['ann@x.exampl', 'pattern_mismatch'],
  ]);

  it('reports what is wrong with an address, and counts rows without one', () => {
    const plan = planOf('text', { type: 'string', format: 'email' });
    const { faults } = createRowReader(plan).judge(fieldsOf('ann@x'));
    expect(faults!.map(sentenceOf)).toEqual([
      'c: "ann@x" is not a valid address: the domain has no ending such as .com',
    ]);
    expect(faults!.map(headingOf)).toEqual(['c: not a valid address: the domain has no ending such as .com']);
  });
});

describe('dates and times', () => {
  table('date', { type: 'date', format: '%d/%m/%Y' }, [
    ['29/02/2024', '2024-02-29'],
    ['3/4/2024', '2024-04-03'],
    ['29/02/2023', 'no_such_date'],
    ['04/13/2024', 'no_such_date'],
    ['2024-04-03', 'not_in_format'],
    ['3/4/24', 'not_in_format'],
    ['3/4/20245', 'not_in_format'],
    ['003/4/2024', 'not_in_format'],
    ['3-4-2024', 'not_in_format'],
    ['03/04/2024 ', '2024-04-03'],
    ['01/01/0000', 'no_such_date'],
  ]);
  table('date', { type: 'date', format: '%d.%m.%y' }, [
    ['01.02.68', '2068-02-01'],
    ['01.02.69', '1969-02-01'],
    ['01.02.2024', 'not_in_format'],
  ]);
  table('date', { format: '%d %b %Y' }, [
    ['5 Mar 2024', '2024-03-05'],
    ['5  MAR 2024', '2024-03-05'],
    ['5 March 2024', 'not_in_format'],
    ['5 Mrz 2024', 'not_in_format'],
  ]);
  table('date', { type: 'date', format: '%A, %B %d, %Y' }, [
    ['Thursday, February 29, 2024', '2024-02-29'],
    ['Friday, February 29, 2024', 'no_such_date'],
  ]);
  table('date', { type: 'date', format: '%Y%m%d' }, [
    ['20240229', '2024-02-29'],
    ['2024229', 'not_in_format'],
    ['2024112', 'not_in_format'],
  ]);
  table('date', { type: 'date', format: '%Y-%j' }, [
    ['2024-060', '2024-02-29'],
    ['2023-060', '2023-03-01'],
    ['2024-366', '2024-12-31'],
    ['2023-366', 'no_such_date'],
    ['2023-000', 'no_such_date'],
  ]);
  table('date', { type: 'date', format: '%D' }, [['02/29/24', '2024-02-29']]);
  table('date', { type: 'datetime', format: '%d.%m.%Y %H:%M' }, [
    ['1.2.2024 00:00', '2024-02-01 00:00:00'],
    ['1.2.2024 10:20', 'time_ignored'],
  ]);
  table('timestamp', { type: 'datetime', format: '%m/%d/%Y %I:%M %p' }, [
    ['2/29/2024 12:05 AM', '2024-02-29 00:05:00'],
    ['2/29/2024 12:05 PM', '2024-02-29 12:05:00'],
    ['2/29/2024 1:05 pm', '2024-02-29 13:05:00'],
    ['2/29/2024 13:05 pm', 'no_such_time'],
    ['2/29/2024 0:05 pm', 'no_such_time'],
  ]);
  table('timestamp', { type: 'datetime', format: '%Y-%m-%dT%H:%M:%S.%f' }, [
    ['2024-02-29T10:20:30.5', '2024-02-29 10:20:30.5'],
    ['2024-02-29T10:20:30.000001', '2024-02-29 10:20:30.000001'],
    ['2024-02-29T10:20:30.1234567', 'not_in_format'],
    ['2024-02-29T24:00:00.0', 'no_such_time'],
    ['2024-02-29T10:20:60.0', 'no_such_time'],
  ]);
  table('timestamptz', { type: 'datetime', format: '%d.%m.%Y %H:%M:%S %z' }, [
    ['29.02.2024 10:20:30 +0130', '2024-02-29 10:20:30+01:30'],
    ['29.02.2024 10:20:30 -01', '2024-02-29 10:20:30-01:00'],
    ['29.02.2024 10:20:30 Z', '2024-02-29 10:20:30+00:00'],
    ['29.02.2024 10:20:30 +99:00', 'not_in_format'],
    ['29.02.2024 10:20:30', 'not_in_format'],
  ]);
  table('timestamptz', { type: 'datetime', format: '%Y-%m-%d %H:%M:%SZ' }, [
    ['2024-02-29 10:20:30Z', '2024-02-29 10:20:30+00:00'],
  ]);
  table('timestamptz', { type: 'datetime', format: '%Y-%m-%d %H:%M %Z' }, [
    ['2024-02-29 10:20 UTC', '2024-02-29 10:20:00+00:00'],
    ['2024-02-29 10:20 CET', 'not_in_format'],
  ]);
  table('time', { type: 'time', format: '%Hh%M' }, [
    ['9h05', '09:05:00'],
    ['24h00', 'no_such_time'],
  ]);
  table('text', { type: 'date', format: '%d/%m/%Y' }, [['3/4/2024', '2024-04-03']]);
  table('text', { type: 'date' }, [
    ['2024-04-03', '2024-04-03'],
    ['3/4/2024', 'date_format_unknown'],
  ]);
  table('date', {}, [
    ['2024-04-03', '2024-04-03'],
    ['3/4/2024', 'date_format_unknown'],
  ]);
  table('date', { type: 'date', format: 'any' }, [['3/4/2024', 'date_format_unknown']]);

  it('states how two-digit years are read', () => {
    expect(planOf('date', { format: '%d.%m.%y' }).notices).toEqual([
      'c: years of two digits are read as 1969 to 2068',
    ]);
  });
});

describe('words', () => {
  it('that are wrong have advice that names where the spec has the right ones', () => {
    const advice = (type: string, field: Field) =>
      createRowReader(planOf(type, field)).judge(fieldsOf('vrai')).faults?.map(adviceOf);
    expect(advice('boolean', { trueValues: ['ja'] })).toEqual([
      'Use one of the words listed, to the letter, or add the word to trueValues or falseValues in the spec.',
    ]);
    expect(advice('text', { categories: ['ja', 'nein'] })).toEqual([
      'Use one of the words listed, to the letter, or declare categories in the spec.',
    ]);
  });

  table('boolean', { type: 'boolean', trueValues: ['ja'], falseValues: ['nein', '-'] }, [
    ['ja', 'true'],
    ['-', 'false'],
    ['Ja', 'not_in_list'],
    ['true', 'not_in_list'],
  ]);
  table('boolean', { trueValues: ['x'] }, [
    ['x', 'true'],
    ['0', 'false'],
    ['no', 'not_in_list'],
  ]);
  const states = [
    { value: 'o', label: 'open' },
    { value: 'c', label: 'closed' },
  ];
  table('enum(open,closed)', { categories: states }, [
    ['o', 'open'],
    ['open', 'open'],
    ['Open', 'not_in_list'],
  ]);
  table('enum(o,c)', { categories: states }, [['open', 'o']]);
  table('text', { categories: states }, [
    ['c', 'c'],
    ['closed', 'c'],
  ]);
  table(
    'integer',
    {
      type: 'integer',
      categories: [
        { value: 0, label: 'apple' },
        { value: 1, label: 'pear' },
      ],
    },
    [
      ['apple', '0'],
      ['1', '1'],
      ['2', 'not_in_list'],
    ],
  );
});

describe('lists', () => {
  table('text[]', { type: 'list' }, [
    ['a,b', '{"a","b"}'],
    ['a, b', '{"a"," b"}'],
    ['NULL', '{"NULL"}'],
    ['"{\\', '{"\\"{\\\\"}'],
    ['', null],
  ]);
  table('integer[]', { type: 'list', delimiter: ';' }, [
    ['1;2', '{"1","2"}'],
    ['1; 2', '{"1"," 2"}'],
    ['1;x', 'not_an_integer'],
    ['1;;2', 'not_an_integer'],
  ]);
});

describe('missing values', () => {
  const words = { missingValues: ['', 'n/a', { value: '-', label: 'none' }] };
  it('of the field override those of the schema', () => {
    const schema = { fields: [{ name: 'c' }, { name: 'd', missingValues: ['?'] }], missingValues: ['n/a'] };
    const target = targetOf(columnOf('c', 'text'), columnOf('d', 'integer'));
    const reader = createRowReader(rowPlan(target, readSpec({ schema }), ['c', 'd']));
    expect(reader.judge(fieldsOf('n/a', '?')).values).toEqual([null, null]);
    expect(reader.judge(fieldsOf('', 'n/a')).faults?.map(({ code }) => code)).toEqual(['not_an_integer']);
    expect(reader.write(fieldsOf('n/a', '?'))).toBe(true);
    expect(reader.write(fieldsOf('', ' ? '))).toBe(true);
    expect(reader.write(fieldsOf('', ''))).toBe(false);
  });
  table('text', words, [
    ['n/a', null],
    ['-', null],
    [' - ', ' - '],
    ['N/A', 'N/A'],
  ]);
  table('integer', words, [
    [' - ', null],
    ['-1', '-1'],
  ]);
  table('text', { missingValues: [] }, [['', '']]);
  table('integer', { missingValues: [] }, [['', 'not_an_integer']]);
  table('text', { ...words, constraints: { required: true } }, [['-', 'required']]);

  it('an empty text that is a value is stored as one', () => {
    const reader = createRowReader(planOf('text', { missingValues: [], constraints: { required: true } }));
    expect(reader.write(fieldsOf(''))).toBe(true);
    expect([...reader.rows]).toEqual([0, 1, 0, 0, 0, 0]);
  });

  it('a default replaces each of them, but not the parts of a combined text', () => {
    const spec = readSpec({
      schema: { fields: [{ name: 'c', missingValues: ['', 'NA'] }] },
      csvjobs: { combine: { c: ['a', 'b'] }, default: { c: 'x' } },
    });
    const reader = createRowReader(rowPlan(targetOf(columnOf('c', 'text')), spec, ['a', 'b']));
    const values = [
      ['NA', ' NA '],
      ['NA', 'y'],
      ['', 'NA'],
    ].map((record) => {
      expect(reader.write(fieldsOf(...record))).toBe(true);
      return reader.judge(fieldsOf(...record)).values;
    });
    expect(values).toEqual([['x'], ['y'], ['x']]);
    const row = (text: string) => [0, 1, 0, 0, 0, 1, text.charCodeAt(0)];
    expect([...reader.rows]).toEqual([...row('x'), ...row('y'), ...row('x')]);
  });

  it.each([
    ['date', { type: 'date', format: '%d.%m.%Y' }, {}, '01.02.2024', '2024-02-01'],
    ['date', {}, { dateFormat: '%d.%m.%Y' }, '2024-02-01', '2024-02-01'],
    ['boolean', { trueValues: ['ja'], falseValues: ['nein'] }, {}, 'ja', 'true'],
    ['boolean', { trueValues: ['0'], falseValues: ['1'] }, {}, '0', 'true'],
    ['timestamptz', {}, { timeZone: 'Europe/Berlin' }, '2024-01-01 10:00', '2024-01-01 10:00+01:00'],
    ['money', {}, { decimalChar: ',' }, '12,34', '12.34'],
    ['numeric', {}, { decimalChar: ',' }, '1.5', '1.5'],
    ['integer[]', { type: 'list', delimiter: ';' }, {}, '1;2', '{"1","2"}'],
    ['integer[]', { type: 'list', delimiter: ';' }, {}, '{1,2}', '{1,2}'],
  ] as const)('%s: a default in the form of the file, %j %j', (type, field, block, text, stored) => {
    const plan = planOf(type, field as Field, { csvjobs: { ...block, default: { c: text } } });
    expect(createRowReader(plan).judge(fieldsOf('')).values).toEqual([stored]);
  });

  it('a default that PostgreSQL would guess is refused', () => {
    expect(() => planOf('money', {}, { csvjobs: { default: { c: '12,34' } } })).toThrow(
      '"12,34" is not a number',
    );
  });

  it('a default in doubt is not NULL on the fast path', () => {
    const reader = createRowReader(planOf('numeric', {}, { csvjobs: { default: { c: '1e2' } } }));
    expect(reader.write(fieldsOf(''))).toBe(false);
    expect(reader.judge(fieldsOf('')).values).toEqual(['1e2']);
  });
});

describe('trim', () => {
  const trim = { csvjobs: { trim: true } };
  it.each([
    [' a b ', 'a b'],
    ['  ', null],
  ])('%j', (text, expected) => expect(read('text', {}, text, trim)).toBe(expected));
  it('of some columns', () => {
    expect(read('text', {}, ' a ', { csvjobs: { trim: ['c'] } })).toBe('a');
    expect(read('varchar(3)', {}, ' abc ', { csvjobs: { trim: ['c'] } })).toBe('abc');
    expect(read('varchar(3)', {}, ' abc ')).toBe('too_long');
  });
});

describe('constraints', () => {
  table(
    'text',
    { constraints: { minLength: 2, maxLength: 3, pattern: '[a-zäöü]+', enum: ['äö', 'ab1', 'abcd', 'a'] } },
    [
      ['äö', 'äö'],
      ['ab1', 'pattern_mismatch'],
      ['abc', 'not_in_list'],
      ['abcd', 'too_long'],
      ['A', 'too_short pattern_mismatch not_in_list'],
      ['', null],
    ],
  );
  table(
    'numeric',
    { type: 'number', decimalChar: ',', constraints: { minimum: '1,5', exclusiveMaximum: 10 } },
    [
      ['1,5', '1.5'],
      ['1,50', '1.50'],
      ['1,49', 'too_small'],
      ['-2', 'too_small'],
      ['9,99', '9.99'],
      ['10,0', 'not_below'],
      ['1e1', 'not_below'],
    ],
  );
  table('bigint', { constraints: { exclusiveMinimum: -5, maximum: '9007199254740993' } }, [
    ['-5', 'not_above'],
    ['-4', '-4'],
    ['9007199254740993', '9007199254740993'],
    ['9007199254740994', 'too_large'],
  ]);
  table(
    'date',
    { type: 'date', format: '%d.%m.%Y', constraints: { minimum: '1.2.2024', maximum: '29.02.2024' } },
    [
      ['31.01.2024', 'too_small'],
      ['01.02.2024', '2024-02-01'],
      ['01.03.2024', 'too_large'],
    ],
  );
  table('date', { constraints: { minimum: '2024-02-01' } }, [
    ['20240301', 'not_comparable'],
    ['2024-03-01', '2024-03-01'],
  ]);
  table('timestamptz', { constraints: { minimum: '2024-02-01T00:00Z' } }, [
    ['2024-02-01T01:00+01', '2024-02-01T01:00+01'],
    ['2024-02-01T00:59+01', 'too_small'],
  ]);
  table('integer', { constraints: { enum: [1, 2] } }, [
    ['1', '1'],
    ['02', '02'],
    ['3', 'not_in_list'],
  ]);
  table('text[]', { type: 'list', constraints: { maxLength: 2 } }, [
    ['a,bbbb', '{"a","bbbb"}'],
    ['a,b,c', 'too_many_items'],
    ['abc', '{"abc"}'],
  ]);
});
