/**
 * Types without their own rule: what PostgreSQL would silently cut, round or guess is rejected, the rest is
 * left to PostgreSQL.
 */
import type { TargetType } from '@csvjobs/shared';
import { expect, test } from 'vitest';
import { carefulRule } from '../../src/rows/types/careful.js';

const typeOf = (name: string): TargetType => ({
  sql: name,
  base: name,
  kind: 'base',
  name,
  system: true,
  typmod: -1,
  element: null,
  labels: null,
  domain: null,
});

test.each([
  ['money', ['12.34', '-5', '0.5'], ['12,34', '1.005', '$', '(1,2,3)', '1,5']],
  ['char', ['a', ''], ['abc', 'é']],
  ['name', ['x'.repeat(63)], ['x'.repeat(64), 'é'.repeat(32)]],
  ['xid', ['0', '4294967295'], ['1e400', '-1']],
  [
    'timetz',
    ['12:00Z', '12:00:00.123456+02', '23:59:59-03:30'],
    ['now', '2026-307', '12:00:00', '12:00:00.1234567Z'],
  ],
  ['interval', ['1 day', '1.123456 sec'], ['1.1234567 sec']],
])('%s', (name, good, bad) => {
  const { judge, write } = carefulRule(typeOf(name))!;
  expect(good.filter((value) => judge(value))).toEqual([]);
  expect(bad.filter((value) => !judge(value))).toEqual([]);
  expect(write(Buffer.from('1'), 0, 1, new DataView(new ArrayBuffer(9)), 0)).toBeLessThan(0);
});

test('types of extensions and users are left to PostgreSQL', () => {
  expect(carefulRule({ ...typeOf('money'), system: false })).toBeUndefined();
  expect(carefulRule(typeOf('tsvector'))).toBeUndefined();
});
