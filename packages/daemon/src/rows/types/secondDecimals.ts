/** The decimals of seconds that PostgreSQL stores. */
import type { Fault } from './typeRule.js';

/** Their largest number (manual, table 8.9). */
export const SECOND_DIGITS = 6;

/** Returns the fault of a value with more decimals than are stored, unless the others are zeros. @param decimals finds them */
export function tooManyDecimals(value: string, decimals: RegExp, scale: number): Fault | undefined {
  const cut = [...value.matchAll(decimals)].some(([, digits = '']) => /[1-9]/.test(digits.slice(scale)));
  return cut ? { code: 'too_many_decimals', params: { value, scale } } : undefined;
}
