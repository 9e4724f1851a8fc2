/**
 * Recognizes, by their bytes, values that are already in the form in which keys are compared. Most are, and need no
 * string.
 */
import { isDigit } from '../types/typeRule.js';

const MINUS = 0x2d;
const ZERO = 0x30;
const LOWER_A = 0x61;
const LOWER_F = 0x66;

/** Whether a value is digits without leading zeros, optionally after a minus: `7`, `-12`, `0`. */
export function isShortestInteger(bytes: Uint8Array, start: number, end: number): boolean {
  const from = bytes[start] === MINUS ? start + 1 : start;
  if (from === end) return false;
  if (bytes[from] === ZERO) return from === start && end === start + 1;
  for (let at = from; at < end; at++) if (!isDigit(bytes[at])) return false;
  return true;
}

/** Whether a value looks like `2024-02-29`: ten bytes. */
export function isIsoDate(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start !== 10) return false;
  for (let at = start; at < end; at++) {
    const place = at - start;
    const fits = place === 4 || place === 7 ? bytes[at] === MINUS : isDigit(bytes[at]);
    if (!fits) return false;
  }
  return true;
}

/** Whether a value is 32 lowercase hexadecimal digits, in groups of 8-4-4-4-12. */
export function isUsualUuid(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start !== 36) return false;
  for (let at = start; at < end; at++) {
    const place = at - start;
    const hyphen = place === 8 || place === 13 || place === 18 || place === 23;
    const byte = bytes[at]!;
    const fits = hyphen ? byte === MINUS : isDigit(byte) || (byte >= LOWER_A && byte <= LOWER_F);
    if (!fits) return false;
  }
  return true;
}
