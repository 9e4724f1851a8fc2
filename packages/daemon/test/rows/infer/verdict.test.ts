/** A column's type follows from all of its values: never from most of them, and never from their order. */
import { describe, expect, it, test } from 'vitest';
import { groupedSentence, whyTextSentence } from '../../../src/rows/infer/sentences.js';
import { type ColumnVerdict, verdictOn } from '../../../src/rows/infer/verdict.js';
import { surveyOf } from './surveyed.js';

const verdict = (...values: string[]): ColumnVerdict => verdictOn(surveyOf(values));
const typeOf = (...values: string[]) => verdict(...values).type;

function sentence(...values: string[]): string | undefined {
  const { reason } = verdict(...values);
  return reason && reason.why !== 'no_values' ? whyTextSentence('c', reason) : undefined;
}

test.each([
  ['integer', ['1', '-2', '0', '2147483647']],
  ['integer', ['-2147483647', '', ' 7 ']],
  ['bigint', ['1', '2147483648']],
  ['bigint', ['99999999999999', '-99999999999999']],
  ['numeric', ['1', '1.50']],
  ['numeric', ['.5', '1.', '-0']],
  ['numeric', ['12345678901234567890.123456789', '1.5']],
  ['numeric', ['1.5e-05', '12345678901234567890.5']],
  ['numeric', ['1.23456789012345678e+01', '1']],
  ['double precision', ['1.5e-05', '2', '0.25']],
  ['double precision', ['1.5e-05', '1.000']],
  ['double precision', ['1e-07', '1.0E10', '-2.5e+300']],
  ['boolean', ['true', 'FALSE']],
  ['boolean', ['true', 'true']],
  ['boolean', ['yes', 'no', '']],
  ['boolean', ['T', 'F']],
  ['date', ['2024-02-29', '0001-01-01']],
  ['time', ['10:20', '10:20:30.25']],
  ['timestamp', ['2024-02-29 10:20', '2024-02-29T10:20:30.123456']],
  ['timestamptz', ['2024-02-29 10:20Z', '2024-02-29T10:20:30+02:00']],
  ['uuid', ['a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A12']],
  ['jsonb', ['{"a": [1, null, "x"]}', '[]', ' {} ']],
] as const)('%s: %j', (type, values) => {
  expect(typeOf(...values)).toBe(type);
  expect(typeOf(...[...values].reverse())).toBe(type);
  expect(typeOf(...values, 'n/a')).toBe('text');
  expect(typeOf('n/a', ...values)).toBe('text');
});

describe('values that a type would change or guess stay text', () => {
  it.each([
    ['leading zeros', ['01234', '12345']],
    ['a leading zero before a point', ['00.5']],
    ['plus signs', ['+491701', '5']],
    ['IDs of 15 digits', ['123456789012345']],
    ['an ID among decimals', ['1.5', '1234567890123456']],
    ['codes that look like floats', ['1E5', '2E10']],
    ['numbers beyond numeric', ['1e999999', '1.5']],
    ['grouped numbers', ['1,000', '1_000']],
    ['hexadecimal', ['0x1F']],
    ['NaN and infinity', ['NaN', 'Infinity']],
    ['dates in another order', ['03/04/2024']],
    ['dates that do not exist', ['2023-02-29']],
    ['dates and timestamps', ['2024-01-01', '2024-01-01 10:00']],
    ['times of several kinds', ['2024-01-01 10:00', '2024-01-01 10:00Z']],
    ['words and numbers', ['true', '1']],
    ['Norway alone', ['NO', 'no']],
    ['yes only', ['yes', 'y']],
    ['words for dates', ['today', 'infinity']],
    ['UUIDs in another form', ['{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}']],
    ['JSON other than objects', ['"a"', '{}']],
    ['incomplete JSON', ['{"a":1']],
    ['JSON with a duplicate key, which jsonb drops', ['{"a":1,"b":{"x":1,"x":2}}']],
    ['JSON with NUL', ['{"a":"\\u0000"}']],
    ['JSON with a lone surrogate', ['["\\ud800"]']],
    ['JSON with a number beyond numeric', ['[1e200000]']],
    ['JSON deeper than a stack', [`${'['.repeat(10_000)}${']'.repeat(10_000)}`]],
  ])('%s', (_name, values) => {
    expect(typeOf(...values)).toBe('text');
  });

  it('JSON with colons, quotes and brackets in strings and escapes is counted correctly', () => {
    expect(typeOf('{"a:\\"b": "{:[\\\\", "c": [-1.5e3, {"d": "\\u00e9"}], "__proto__": 1}')).toBe('jsonb');
  });
});

describe('odd values', () => {
  it('a single one is named with its line, and with what the others are', () => {
    const values = Array.from({ length: 12_346 }, (_, at) => (at === 4_710 ? 'n/a' : `${at}.5`));
    expect(sentence(...values)).toBe('c: text, as line 4712 has "n/a" (12,345 other values are numeric)');
    expect(verdict(...values).reason).toEqual({
      why: 'odd',
      odd: { line: 4712, value: 'n/a', values: 1, others: 12_345, type: 'numeric' },
      isOneWord: true,
    });
  });

  it('of several the number and the first are given, whichever kind came first', () => {
    expect(sentence('1', '2', '?', '3', '007', '-', '4', '5')).toBe(
      'c: text, as line 4 has "?", the first of 3 values that are not integers (5 others are)',
    );
    expect(sentence('1', '007', '2', '?', '3')).toContain('line 3 has "007"');
  });

  it('that are all one word may mean no value', () => {
    expect(sentence('1', 'NULL', '2', 'NULL', '3', ' NULL', '4')).toBe(
      'c: text, as line 3 has "NULL", as 2 more records do (4 other values are integers); if it means no value, a spec can declare that (missingValues)',
    );
    for (const other of ['null', '007', '3/4/2024'])
      expect(sentence('1', 'NULL', '2', 'NULL', '3', other, '4'), other).not.toContain('missingValues');
    expect(sentence('1', 'NULL', '2')).not.toContain('missingValues');
  });

  it('deviate from the type of most values, under its narrowest name', () => {
    expect(sentence('1', '2.5', '2.5', 'x')).toContain('(3 other values are numeric)');
    expect(sentence('2024-01-01', '2024-01-02', '2024-01-02 10:00')).toContain('(2 other values are dates)');
    expect(sentence('true', 'false', '1')).toContain('(2 other values are booleans)');
  });

  it('are not reported if a column is plainly text', () => {
    expect(verdict('a', 'b', '1').reason).toBeUndefined();
    expect(verdict('a', '1').reason).toBeUndefined();
  });

  it('explain why digits, local dates and words are text', () => {
    expect(sentence('00001', '00002')).toBe(
      'c: text, as a number would drop the leading zero of "00001" (line 2)',
    );
    expect(sentence('5', '+49', '+50')).toBe(
      'c: text, as a number would drop the plus sign of "+49" (line 3)',
    );
    expect(sentence('123456789012345')).toContain('is taken for an id: it has 15 digits or more');
    expect(sentence('3/4/2024', '31/12/2024 10:00')).toBe(
      'c: text, as "3/4/2024" (line 2) may be read in several ways; a spec can declare the format of a date',
    );
    expect(sentence('1.234,56', '5', '0,5', '-1')).toContain(
      '"1.234,56" (line 2) is a number only with its marks',
    );
    expect(sentence('1,234', '1,234,567.8')).toContain(
      '--decimal , for a decimal comma, --group , for thousands',
    );
    expect(sentence('12 Main St', '1,2,3')).toBeUndefined();
    expect(sentence('NO')).toContain('"NO" (line 2) alone does not show that it is a boolean');
  });

  it.each([
    [['WAHR', 'FALSCH', '', 'WAHR'], 'trueValues ["WAHR"] and falseValues ["FALSCH"]'],
    [['faux', ' vrai'], 'trueValues ["vrai"] and falseValues ["faux"]'],
    [['VERDADERO', 'FALSO'], 'trueValues ["VERDADERO"] and falseValues ["FALSO"]'],
    [['No', 'No', 'No', 'Sí'], 'trueValues ["Sí"] and falseValues ["No"]'],
    [['ja', 'nee'], 'trueValues ["ja"] and falseValues ["nee"]'],
  ])('explain how a spec reads words for true and false: %j', (values, words) => {
    expect(verdict(...values).type).toBe('text');
    expect(sentence(...values)).toContain(
      `is a boolean only with its words declared: for a boolean column, declare ${words} of the field in a spec`,
    );
    expect(sentence(...values, 'maybe') ?? '').not.toContain('declared');
  });

  it.each([[['ja', 'falsch']], [['oui']], [['vrai', '1']]])(
    'do not take %j for booleans of another language',
    (values) => {
      expect(sentence(...values) ?? '').not.toContain('declared');
    },
  );

  it('explain groups of digits with points', () => {
    for (const values of [['1.234.567'], ['1.000', '1.234.567', '5'], ['1.000', '1.234,5']])
      expect(sentence(...values)).toContain(
        'is a number only with its marks declared: --decimal and --group',
      );
  });

  it('are shown on one line and cut, whatever they contain', () => {
    const hostile = `\n); drop table x; --\r\u2028\u202e"\\ ${'é'.repeat(2_000)}`;
    const shown = sentence('1', '2', hostile)!;
    expect(shown).toMatch(/^[^\p{C}\p{Zl}\p{Zp}]+$/u);
    expect(shown.length).toBeLessThan(200);
    expect(shown).toContain('\\n); drop table x; --\\r\\u2028\\u202e\\"\\\\ éé');
  });
});

describe('points that may separate thousands', () => {
  it.each([[['1.000', '3.500']], [['12', ' -123.456 ', '', '7']]])(
    'are said to be read as decimal points: %j',
    (values) => {
      const { type, grouped } = verdict(...values);
      const value = values.find((each) => each.includes('.'))!;
      expect({ type, grouped }).toEqual({
        type: 'numeric',
        grouped: { line: 2 + values.indexOf(value), value },
      });
    },
  );

  it.each([
    [['1.000', '3.5']],
    [['0.500', '0.250']],
    [['.500', '.250']],
    [['1.0000']],
    [['1234.500']],
    [['1.000', '0.125']],
    [['1', '2']],
  ])('are decimal points beside others: %j', (values) => {
    expect(verdict(...values).grouped).toBeUndefined();
  });

  it('are what a spec says', () => {
    const reading = (csvjobs: object, ...values: string[]) => verdictOn(surveyOf(values, { csvjobs }));
    expect(reading({ decimalChar: ',', groupChar: '.' }, '1.000', '3.500')).toEqual({ type: 'integer' });
    expect(reading({ decimalChar: '.' }, '1.000', '3.500')).toEqual({ type: 'numeric' });
    expect(reading({ decimalChar: ',' }, '1,000', '3,500')).toEqual({ type: 'numeric' });
    const local = { why: 'local_number', first: { line: 2, value: '1.000' } };
    expect(reading({ decimalChar: ',' }, '1.000', '3.500')).toEqual({ type: 'text', reason: local });
  });

  it('are mentioned in one sentence, with the way to read them as thousands', () => {
    expect(groupedSentence('price', { line: 2, value: '1.000' })).toBe(
      'price: numeric, as the point of "1.000" (line 2) is read as a decimal point; if it separates thousands (1000), add --decimal , --group . to this command and to the upload',
    );
  });
});

describe('a column whose name marks its digits as a code', () => {
  const of = (header: string, ...values: string[]) => verdictOn(surveyOf(values), header);
  it.each([
    ...[
      'Phone',
      'phone_number',
      'Home Phone 2',
      'mobilePhone',
      'Téléphone',
      'Telefonnummer',
      'Fax',
      'ZIP',
      'Zip Code',
    ],
    ...[
      'postal-code',
      'PLZ',
      'Account No.',
      'account_number',
      'Kontonummer',
      'ID Number',
      'tax id',
      'ISBN',
      'EAN',
    ],
  ])('%s is text, with the reason', (header) => {
    const { type, reason } = of(header, '5550100', '', '90210');
    expect(type).toBe('text');
    expect(whyTextSentence('c', reason as never)).toBe(
      'c: text, as its name says that digits such as "5550100" (line 2) are a code: the next one may begin with a zero or a plus sign',
    );
    expect(of(header, '5550100123').type).toBe('text');
  });

  it.each([
    ...[
      'id',
      'order_id',
      'Customer Number',
      'account',
      'phone_calls',
      'number of phones',
      'zip_count',
      'mobile_users',
    ],
    ...['telemetry', 'zipper', 'cellar', 'code', 'capital', 'phone_id', 'national'],
  ])('%s stays an integer', (header) => expect(of(header, '5550100').type).toBe('integer'));

  it('values unlike any code keep their type', () => {
    expect(of('phone', '1.5').type).toBe('numeric');
    expect(of('tel', 'true').type).toBe('boolean');
  });
});

describe('with a spec for the format of values', () => {
  const comma = { csvjobs: { decimalChar: ',' } };
  const words = { csvjobs: { missingValues: ['n/a', '0'] } };
  it.each([
    ['numeric', comma, ['1,5', '-2']],
    ['integer', comma, ['1', '-2']],
    ['double precision', comma, ['1,5e-05', '2']],
    ['date', comma, ['2024-02-29']],
    ['timestamp', comma, ['2024-02-29 10:20:30.5']],
    ['uuid', comma, ['10eebc99-9c0b-4ef8-bb6d-6bb9bd380a11']],
    // What a load would reject is not verified.
    ['text', comma, ['1.5', '2,5']],
    ['text', comma, ['1.234,50']],
    ['text', comma, ['01,5']],
    ['integer', words, ['1', 'n/a', ' n/a ', '']],
    ['date', words, ['2024-02-29', '0']],
    ['text', words, ['1', 'N/A']],
  ])('%s: %j of %j', (type, spec, values) => {
    expect(verdictOn(surveyOf(values, spec)).type).toBe(type);
  });

  it('counts a word for a missing value as an empty field', () => {
    const survey = surveyOf(['1', 'n/a', '2'], words);
    expect([survey.empty, survey.firstEmpty, survey.values]).toEqual([1, 3, 2]);
  });
});
