/** `now` as a default or a constant: the time of the upload, in the form of the column. */
import { readSpec, withTimeOfNow } from '@csvjobs/shared';
import { expect, it } from 'vitest';
import { rowPlan } from '../../src/rows/rowPlan.js';
import { columnOf, targetOf } from './targets.js';

const AT = new Date('2026-11-29T03:01:32.503Z');
const spec = (csvjobs: object) => withTimeOfNow(readSpec({ csvjobs }), AT);

function constantFor(type: string, csvjobs: object = { constant: { c: 'now' } }): unknown {
  const plan = rowPlan(targetOf(columnOf('id', 'integer'), columnOf('c', type)), spec(csvjobs), ['id']);
  return plan.columns.find(({ column }) => column === 'c')?.from;
}

it.each([
  ['date', '2026-11-29'],
  ['timestamp', '2026-11-29 03:01:32.503'],
  ['timestamp(0)', '2026-11-29 03:01:32'],
  ['timestamp(2)', '2026-11-29 03:01:32.50'],
  ['timestamptz', '2026-11-29 03:01:32.503Z'],
  ['timestamptz(1)', '2026-11-29 03:01:32.5Z'],
  ['text', 'now'],
])('%s: %s', (type, text) => {
  expect(constantFor(type)).toEqual({ kind: 'constant', text });
  expect(constantFor(type, { default: { c: 'now' } })).toEqual({ kind: 'constant', text });
});

it('does not depend on how the file writes dates', () => {
  const csvjobs = { constant: { c: 'now' }, dateFormat: '%d.%m.%Y', timestampFormat: '%d.%m.%Y %H:%M' };
  expect(constantFor('date', csvjobs)).toMatchObject({ text: '2026-11-29' });
  expect(constantFor('timestamp', csvjobs)).toMatchObject({ text: '2026-11-29 03:01:32.503' });
});

it('is no value of other types', () => {
  expect(() => constantFor('time')).toThrow('csvjobs.constant: c: "now" is not a time');
  expect(() => constantFor('integer')).toThrow('"now" is not an integer');
});

it('is fixed once, and only if the spec says it', () => {
  const said = spec({ default: { c: 'now' } });
  expect(said.csvjobs?.now).toBe(AT.toISOString());
  expect(withTimeOfNow(said, new Date())).toBe(said);
  const other = readSpec({ csvjobs: { default: { c: 'later' } } });
  expect(withTimeOfNow(other, AT)).toBe(other);
});
