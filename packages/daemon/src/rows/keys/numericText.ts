/**
 * Writes numeric as PostgreSQL does: with the decimals of the text, or those of its type (numeric_out in numeric.c).
 */
import { decimalOf } from '../types/decimal.js';

/**
 * @param text a number that numericRule accepts
 * @param typmod precision and scale; -1 if there are none
 */
export function numericText(text: string, typmod: number): string {
  const { digits, exponent } = decimalOf(text)!;
  const decimals = typmod >= 4 ? Math.max(0, scaleOf(typmod)) : writtenDecimals(text);
  const all = digits === '' ? '' : digits + '0'.repeat(exponent + decimals);
  const padded = all.padStart(decimals + 1, '0');
  const whole = padded.slice(0, padded.length - decimals);
  const shown = decimals === 0 ? whole : `${whole}.${padded.slice(-decimals)}`;
  return text.startsWith('-') && digits !== '' ? `-${shown}` : shown;
}

/** Removes trailing zeros, because 1.50 and 1.5 are the same number. */
export function withoutEndZeros(shown: string): string {
  return shown.includes('.') ? shown.replace(/\.?0+$/, '') : shown;
}

/** Returns the scale, which is 11 bits with a sign (numeric.c, numeric_typmod_scale). */
function scaleOf(typmod: number): number {
  return (((typmod - 4) & 0x7ff) ^ 1024) - 1024;
}

function writtenDecimals(text: string): number {
  const [, decimals = '', power = '0'] = /^[^.e]*(?:\.(\d*))?(?:e(.*))?$/i.exec(text)!;
  return Math.max(0, decimals.length - Number(power));
}
