/**
 * Constraints of Table Schema v2 on one value (minLength, minimum, pattern, enum, …). A missing value meets them all.
 */
import type { Limits } from '../reading.js';
import { encodeField } from '../rowWriter.js';
import { decimalOf } from '../types/decimal.js';
import type { Fault, TypeRule } from '../types/typeRule.js';
import type { ColumnKind } from './fits.js';

/**
 * Returns all constraints that a value violates. `raw` is the file's text, `text` the same value in PostgreSQL's form.
 */
export type LimitsReader = (raw: string, text: string) => Fault[];

/** Compares two texts in PostgreSQL's form; undefined if one of them has no place in the order. */
export type Compare = (a: string, b: string) => number | undefined;

/**
 * @param compare the order of the column's values, if they have one
 * @param itemDelimiter for a list, whose length is its number of items
 */
export function limitsReader(
  limits: Limits,
  compare: Compare,
  itemDelimiter: string | undefined,
): LimitsReader {
  const { minLength = 0, maxLength = Number.POSITIVE_INFINITY, pattern, enum: allowed } = limits;
  const measured = limits.minLength !== undefined || limits.maxLength !== undefined;
  const regex = pattern === undefined ? undefined : new RegExp(`^(?:${pattern})$`, 'u');
  const known = allowed && new Set(allowed);
  const bounds = BOUNDS.flatMap(({ name, code, holds }) => {
    const limit = limits[name];
    return limit === undefined ? [] : [{ limit, code, holds }];
  });
  return (raw, text) => {
    const faults: Fault[] = [];
    if (measured && itemDelimiter === undefined) {
      const { length } = [...text];
      if (length < minLength) faults.push({ code: 'too_short', params: { length, min: minLength } });
      if (length > maxLength) faults.push({ code: 'too_long', params: { length, max: maxLength } });
    } else if (measured) {
      const count = raw.split(itemDelimiter!).length;
      if (count < minLength) faults.push({ code: 'too_few_items', params: { count, min: minLength } });
      if (count > maxLength) faults.push({ code: 'too_many_items', params: { count, max: maxLength } });
    }
    for (const { limit, code, holds } of bounds) {
      const order = compare(text, limit);
      if (order === undefined) faults.push({ code: 'not_comparable', params: { value: raw, limit } });
      else if (!holds(order)) faults.push({ code, params: { value: raw, limit } });
    }
    if (regex && !regex.test(raw))
      faults.push({ code: 'pattern_mismatch', params: { value: raw, pattern: pattern! } });
    if (known && !known.has(text) && !allowed!.some((each) => compare(text, each) === 0))
      faults.push({ code: 'not_in_list', params: { value: raw, allowed: allowed! } });
    return faults;
  };
}

const BOUNDS = [
  { name: 'minimum', code: 'too_small', holds: (order: number) => order >= 0 },
  { name: 'exclusiveMinimum', code: 'not_above', holds: (order: number) => order > 0 },
  { name: 'maximum', code: 'too_large', holds: (order: number) => order <= 0 },
  { name: 'exclusiveMaximum', code: 'not_below', holds: (order: number) => order < 0 },
] as const;

/** Returns the order of a column's values; undefined for kinds without one here. */
export function orderOf(kind: ColumnKind, rule: TypeRule | undefined): Compare | undefined {
  if (kind === 'integer' || kind === 'number') return compareDecimals;
  // The binary format of dates and times is a number of 32 or 64 bits, counted from a fixed point in time.
  if (rule && ['date', 'time', 'timestamp', 'timestamptz'].includes(kind)) {
    const count = (text: string) => {
      const field = encodeField(rule, text);
      if (!field) return undefined;
      const view = new DataView(field.buffer, field.byteOffset + 4);
      return field.length === 8 ? BigInt(view.getInt32(0)) : view.getBigInt64(0);
    };
    return (a, b) => {
      const [left, right] = [count(a), count(b)];
      return left === undefined || right === undefined ? undefined : left < right ? -1 : left > right ? 1 : 0;
    };
  }
  return undefined;
}

/** Compares decimals of any length exactly. */
export function compareDecimals(a: string, b: string): number | undefined {
  const [left, right] = [decimalOf(a), decimalOf(b)];
  if (!left || !right) return undefined;
  const [signLeft, signRight] = [signOf(a, left.digits), signOf(b, right.digits)];
  if (signLeft !== signRight) return signLeft < signRight ? -1 : 1;
  if (signLeft === 0) return 0;
  const magnitude = left.digits.length + left.exponent - (right.digits.length + right.exponent);
  const width = Math.max(left.digits.length, right.digits.length);
  const [x, y] = [left.digits.padEnd(width, '0'), right.digits.padEnd(width, '0')];
  const order = magnitude !== 0 ? magnitude : x < y ? -1 : x > y ? 1 : 0;
  return signLeft * Math.sign(order);
}

function signOf(text: string, digits: string): -1 | 0 | 1 {
  if (digits === '') return 0;
  return text.trim().startsWith('-') ? -1 : 1;
}
