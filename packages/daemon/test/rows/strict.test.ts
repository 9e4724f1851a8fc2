/**
 * --strict on values of any table: blanks that a type would ignore are a fault, unless the spec allows them.
 */
import { readSpec, type SpecInput, sentenceOf } from '@csvjobs/shared';
import { expect, it } from 'vitest';
import { rowPlan } from '../../src/rows/rowPlan.js';
import { createRowReader } from '../../src/rows/rowReader.js';
import { fieldsOf } from './fields.js';
import { columnOf, targetOf } from './targets.js';

type Block = NonNullable<SpecInput['csvjobs']>;
type Field = Omit<NonNullable<SpecInput['schema']>['fields'][number], 'name'>;

/** The stored text, or the message of the fault; the fast path agrees. */
function read(type: string, text: string, csvjobs: Block, field: Field = {}) {
  const spec = readSpec({ schema: { fields: [{ name: 'c', ...field }] }, csvjobs });
  const reader = createRowReader(rowPlan(targetOf(columnOf('c', type)), spec, ['c']));
  const { values, faults } = reader.judge(fieldsOf(text));
  const straight = reader.write(fieldsOf(text));
  if (faults) expect({ text, straight }).toEqual({ text, straight: false });
  return faults ? faults.map(sentenceOf).join(' ') : values[0];
}

it.each([
  ['integer', '7', '7'],
  ['integer', ' 7', 'c: " 7" has blanks around it'],
  ['numeric(10,2)', '7.5 ', 'c: "7.5 " has blanks around it'],
  ['date', '\t2024-02-29', 'c: "\\t2024-02-29" has blanks around it'],
  ['timestamp', ' 2024-02-29 10:20', 'c: " 2024-02-29 10:20" has blanks around it'],
  ['boolean', 'true ', 'c: "true " has blanks around it'],
  ['uuid', ' x', 'c: " x" has blanks around it'],
  ['integer[]', ' {1}', 'c: " {1}" has blanks around it'],
  ['integer', ' ', 'c: " " has blanks around it'],
  ['integer', '', null],
  // Here blanks are part of the value, or of its syntax.
  ['text', ' a ', ' a '],
  ['varchar(3)', ' a', ' a'],
])('%s %j', (type, text, expected) => {
  expect(read(type, text, { strict: true })).toBe(expected);
  const lenient = read(type, text, {});
  if (expected?.includes('blanks around')) expect(lenient).not.toBe(expected);
  else expect(lenient).toBe(expected);
});

it('blanks declared by the spec are not an assumption', () => {
  expect(read('integer', ' 7', { strict: true, trim: true })).toBe('7');
  expect(read('integer', ' 7', { strict: true, trim: ['c'] })).toBe('7');
});

it('with a format, limits and words for missing values, which are exact', () => {
  const field = { type: 'number' as const, decimalChar: ',', constraints: { minimum: '1,0' } };
  expect(read('numeric(10,2)', '1,5', { strict: true }, field)).toBe('1.5');
  expect(read('numeric(10,2)', ' 1,5', { strict: true }, field)).toBe('c: " 1,5" has blanks around it');
  expect(read('integer', ' - ', { strict: true }, { missingValues: [' - '] })).toBe(null);
  expect(read('integer', '-', { strict: true }, { missingValues: [' - '] })).toBe('c: "-" is not an integer');
});
