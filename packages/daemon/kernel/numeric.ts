// Decimal numbers as groups of four digits (numeric_recv): the rules of `writeShort` in src/rows/types/numeric.ts.
import { AS_WRITTEN } from '../src/rows/types/kernelKinds';
import { put16 } from './binary';

const MINUS: u32 = 0x2d;
const DOT: u32 = 0x2e;
const ZERO: u32 = 0x30;
const NEGATIVE: u32 = 0x4000;
/** Maximum length in bytes: then there are at most three groups before the point. */
const SHORT: u32 = 12;
/** Digits of a group, and the factor between two groups. */
const GROUP: u32 = 4;
const GROUPS_OF_ONE: u64 = 10_000;
const GROUPS_OF_TWO: u64 = 100_000_000;
const TENS = memory.data<u32>([1, 10, 100, 1_000, 10_000]);

/**
 * Writes a number; returns where it ends, or 0 for one that needs the general code.
 * @param scale number of decimals that the column stores, at most GROUP
 * @param shown number of decimals that the number is written with, or AS_WRITTEN
 */
export function writeNumeric(start: u32, end: u32, scale: u32, shown: u32, wholeDigits: u32, to: u32): u32 {
  let from = start;
  const negative = <u32>load<u8>(from) === MINUS;
  if (negative) from++;
  if (end - from > SHORT) return 0;
  let whole: u64 = 0;
  let at = from;
  for (; at < end; at++) {
    const digit = <u32>load<u8>(at) - ZERO;
    if (digit > 9) break;
    whole = whole * 10 + digit;
  }
  const length = at - from;
  // A number with more digits than the column has may have leading zeros, which the general code skips.
  if (length === 0 || length > wholeDigits) return 0;
  let fraction: u32 = 0;
  let decimals: u32 = 0;
  if (at < end) {
    if (<u32>load<u8>(at) !== DOT) return 0;
    decimals = end - at - 1;
    if (decimals > scale) return 0;
    for (at++; at < end; at++) {
      const digit = <u32>load<u8>(at) - ZERO;
      if (digit > 9) return 0;
      fraction = fraction * 10 + digit;
    }
    fraction *= load<u32>(TENS + ((GROUP - decimals) << 2));
  }
  const groups: u32 = whole >= GROUPS_OF_TWO ? 3 : whole >= GROUPS_OF_ONE ? 2 : whole > 0 ? 1 : 0;
  const first = to + 8;
  let rest = whole;
  for (let group = <i32>groups - 1; group >= 0; group--) {
    const next = rest / GROUPS_OF_ONE;
    put16(first + 2 * group, <u32>(rest - next * GROUPS_OF_ONE));
    rest = next;
  }
  let count = groups;
  if (fraction > 0) put16(first + 2 * count++, fraction);
  else while (count > 0 && load<u16>(first + 2 * (count - 1)) === 0) count--;
  put16(to, count);
  put16(to + 2, count === 0 ? 0 : groups - 1);
  put16(to + 4, count !== 0 && negative ? NEGATIVE : 0);
  put16(to + 6, shown === AS_WRITTEN ? decimals : shown);
  return first + 2 * count;
}
