/** Reasons as they are counted and shown: a heading never contains a row's own data. */
import { headingOf, sentenceOf, shownReason, TARGET_REASON_CODES, type TargetReason } from '@csvjobs/shared';
import { expect, it } from 'vitest';

/** Two rows that differ in everything a row can differ in. */
const ROWS = [
  { value: 'SECRET-1', length: 71, row: 3, key: 'a=SECRET-1', says: 'SECRET-1 is wrong' },
  { value: 'SECRET-2', length: 99, row: 4, key: 'a=SECRET-2', says: 'SECRET-2 is wrong' },
];
/** Facts of the table and its columns, the same for all rows. */
const RULE = {
  min: '-5',
  max: 60,
  scale: 2,
  digits: 1,
  unit: '100',
  limit: '80',
  pattern: '^a+$',
  format: '%d',
  decimal: ',',
  group: '.',
  allowed: ['red', 'green'],
  type: 'inet',
  sqlstate: '22P02',
  constraint: 'orders_check',
  expression: 'quantity > 0',
  references: 'customers.id',
  table: 'orders',
  timeZone: 'Europe/Berlin',
};

it.each(TARGET_REASON_CODES)('rows with %s share one heading, without row data', (code) => {
  const [first, second] = ROWS.map((row) => ({ code, column: 'quantity', params: { ...RULE, ...row } }));
  const heading = headingOf(first as TargetReason);
  expect(heading).toBe(headingOf(second as TargetReason));
  expect(heading).toMatch(/^quantity: \S/);
  expect(heading).not.toMatch(/SECRET|undefined|71/);
});

it('a heading is the sentence without its value', () => {
  const decimals: TargetReason = {
    code: 'too_many_decimals',
    column: 'price',
    params: { value: '1.239', scale: 2 },
  };
  expect(sentenceOf(decimals)).toBe('price: 1.239 has more than 2 decimals');
  expect(headingOf(decimals)).toBe('price: more than 2 decimals');
  expect(headingOf({ code: 'dropped_by_trigger', params: {} })).toBe(
    'a trigger or a rule of the table dropped the row',
  );
  expect(headingOf({ code: 'refused', params: { says: 'no', sqlstate: 'P0001', constraint: null } })).toBe(
    'refused by a trigger (P0001)',
  );
});

it('a reason is shown with its value, constraint and SQLSTATE, if any', () => {
  const params = { value: '99', references: 'customers.id', constraint: 'orders_customer_fkey' };
  expect(shownReason({ code: 'foreign_key_missing', column: 'customer_id', params })).toEqual({
    column: 'customer_id',
    code: 'foreign_key_missing',
    message: 'customer_id: 99 is not in customers.id (orders_customer_fkey)',
    heading: 'customer_id: not in customers.id (orders_customer_fkey)',
    advice: 'Load the row that is missing in customers.id first.',
    value: '99',
    constraint: 'orders_customer_fkey',
  });
  expect(
    shownReason({
      code: 'refused',
      params: { says: 'too late at 12', sqlstate: 'P0001', constraint: null, likewise: 'too late at …' },
    }),
  ).toEqual({
    column: null,
    code: 'refused',
    message: 'refused by a trigger (P0001): too late at 12',
    heading: 'refused by a trigger (P0001): too late at …',
    advice: 'Correct the row as the message says; the table’s owner knows what its triggers demand.',
    sqlstate: 'P0001',
  });
});
