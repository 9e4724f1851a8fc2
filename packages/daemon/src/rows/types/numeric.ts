/**
 * The rule of numeric, with or without precision and scale: groups of four decimal digits (numeric_recv in
 * src/backend/utils/adt/numeric.c). Rejects NaN, Infinity, and numbers that PostgreSQL would round.
 */
import { decimalOf } from './decimal.js';
import { AS_WRITTEN, NUMERIC } from './kernelKinds.js';
import { DOUBT, type Fault, isDigit, type TypeRule } from './typeRule.js';

const PLUS = 0x2b;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const NEGATIVE = 0x4000;
/** Digits per group, and maximum length of a short number in bytes: it has at most three groups before the point. */
const GROUP = 4;
const SHORT = 12;
const TENS = [1, 10, 100, 1_000, 10_000];
const GROUPS_OF_ONE = 10_000;
const GROUPS_OF_TWO = 100_000_000;
/** Maximum number of digits for `write`. More are rare; PostgreSQL's own limits are much higher. */
const MOST_DIGITS = 200;

/** Maximum number of digits before and after the point of any numeric (PostgreSQL manual, section 8.1.2). */
const LIMITS = { whole: 131_072, decimals: 16_383 };

/** @param typmod as in pg_attribute: precision and scale; -1 if there are none */
export function numericRule(typmod: number): TypeRule {
  const limited = typmod >= 4;
  const precision = limited ? ((typmod - 4) >> 16) & 0xffff : MOST_DIGITS;
  // 11 bits with a sign (numeric.c, numeric_typmod_scale); a negative scale rounds digits before the point.
  const scale = limited ? (((typmod - 4) & 0x7ff) ^ 1024) - 1024 : MOST_DIGITS;
  const wholeDigits = limited ? precision - scale : MOST_DIGITS;
  // The column gives each number this many decimals; written with them, equal numbers are equal bytes (decision 0065).
  const shown = limited ? scale : AS_WRITTEN;
  return {
    trims: true,
    ...(scale >= 0 &&
      wholeDigits >= 0 && {
        kernel: { kind: NUMERIC, limit: wholeDigits, scale: Math.min(scale, GROUP), shown },
      }),
    judge: (text) => (limited ? judge(text, wholeDigits, scale) : judge(text, LIMITS.whole, LIMITS.decimals)),
    write(bytes, start, end, out, at) {
      if (scale < 0 || end - start > MOST_DIGITS) return DOUBT;
      if (wholeDigits >= 0) {
        const short = writeShort(bytes, start, end, Math.min(scale, GROUP), shown, wholeDigits, out, at);
        if (short !== DOUBT) return short;
      }
      let from = start;
      const sign = bytes[from]! === MINUS ? NEGATIVE : 0;
      if (sign !== 0 || bytes[from]! === PLUS) from++;
      // `.5` and `5.` are numbers, but `.` is not.
      let point = from;
      while (point < end && isDigit(bytes[point])) point++;
      let last = point;
      if (point < end) {
        if (bytes[point] !== DOT) return DOUBT;
        last++;
        while (last < end && isDigit(bytes[last])) last++;
        if (last !== end) return DOUBT;
      }
      const decimals = Math.max(0, end - point - 1);
      if (point - from + decimals === 0) return DOUBT;
      while (from < point && bytes[from] === ZERO) from++;
      if (point - from > wholeDigits) return DOUBT;
      if (decimals > scale && !onlyZeros(bytes, point + 1 + scale, end)) return DOUBT;
      const kept = Math.min(decimals, scale);
      return writeGroups(bytes, from, point, kept, shown, sign, out, at);
    },
  };
}

/**
 * Writes a typical number, with at most four digits after the point, in one pass. Takes half the time of the general
 * code, which handles the numbers for which this returns DOUBT.
 * @param scale number of decimals that the column stores, at most four
 * @param shown number of decimals that the number is written with, or AS_WRITTEN
 */
function writeShort(
  bytes: Uint8Array,
  start: number,
  end: number,
  scale: number,
  shown: number,
  wholeDigits: number,
  out: DataView,
  at: number,
): number {
  let from = start;
  const sign = bytes[from]! === MINUS ? NEGATIVE : 0;
  if (sign !== 0) from++;
  if (end - from > SHORT) return DOUBT;
  let whole = 0;
  let to = from;
  for (; to < end; to++) {
    const digit = bytes[to]! - ZERO;
    if (digit < 0 || digit > 9) break;
    whole = whole * 10 + digit;
  }
  const length = to - from;
  let fraction = 0;
  let decimals = 0;
  if (to < end) {
    if (bytes[to]! !== DOT) return DOUBT;
    decimals = end - to - 1;
    if (decimals > scale) return DOUBT;
    for (let each = to + 1; each < end; each++) {
      const digit = bytes[each]! - ZERO;
      if (digit < 0 || digit > 9) return DOUBT;
      fraction = fraction * 10 + digit;
    }
    fraction *= TENS[GROUP - decimals]!;
  }
  // Leading zeros do not count as digits; if the number looks too long, leave it to the general code, which skips them.
  if (length === 0 || (length > wholeDigits && whole >= 10 ** wholeDigits)) return DOUBT;
  const most = whole >= GROUPS_OF_TWO ? 3 : whole >= GROUPS_OF_ONE ? 2 : whole > 0 ? 1 : 0;
  const first = at + 8;
  let rest = whole;
  for (let group = most - 1; group >= 0; group--) {
    const next = Math.floor(rest / GROUPS_OF_ONE);
    out.setInt16(first + 2 * group, rest - next * GROUPS_OF_ONE);
    rest = next;
  }
  let count = most;
  if (fraction > 0) out.setInt16(first + 2 * count++, fraction);
  else while (count > 0 && out.getInt16(first + 2 * (count - 1)) === 0) count--;
  out.setInt16(at, count);
  out.setInt16(at + 2, count === 0 ? 0 : most - 1);
  out.setUint16(at + 4, count === 0 ? 0 : sign);
  out.setUint16(at + 6, shown === AS_WRITTEN ? decimals : shown);
  return first + 2 * count;
}

function onlyZeros(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (bytes[at] !== ZERO) return false;
  return true;
}

/** Writes the number whose whole part is from `from` to `point`, with `decimals` digits after the point. */
function writeGroups(
  bytes: Uint8Array,
  from: number,
  point: number,
  decimals: number,
  shown: number,
  sign: number,
  out: DataView,
  at: number,
): number {
  const whole = point - from;
  const wholeGroups = (whole + 3) >> 2;
  const allGroups = wholeGroups + ((decimals + 3) >> 2);
  let weight = wholeGroups - 1;
  let written = 0;
  let significant = 0;
  for (let group = 0; group < allGroups; group++) {
    // Digits are numbered from the point: negative before it, 0 for the first one after it.
    const first = 4 * (group - wholeGroups);
    let value = 0;
    for (let digit = first; digit < first + 4; digit++) {
      value *= 10;
      if (digit < 0 ? digit >= -whole : digit < decimals)
        value += bytes[digit < 0 ? point + digit : point + 1 + digit]! - ZERO;
    }
    if (written === 0 && value === 0) {
      weight--;
      continue;
    }
    out.setInt16(at + 8 + 2 * written, value);
    written++;
    if (value !== 0) significant = written;
  }
  out.setInt16(at, significant);
  out.setInt16(at + 2, significant === 0 ? 0 : weight);
  out.setUint16(at + 4, significant === 0 ? 0 : sign);
  out.setUint16(at + 6, shown === AS_WRITTEN ? decimals : shown);
  return at + 8 + 2 * significant;
}

function judge(value: string, wholeDigits: number, scale: number): Fault | undefined {
  const number = decimalOf(value);
  if (!number) return { code: 'not_a_number', params: { value } };
  if (number.digits === '') return undefined;
  if (-number.exponent > scale) {
    if (scale >= 0) return { code: 'too_many_decimals', params: { value, scale } };
    return { code: 'would_be_rounded', params: { value, unit: `1${'0'.repeat(-scale)}` } };
  }
  if (number.digits.length + number.exponent <= wholeDigits) return undefined;
  if (wholeDigits > 0) return { code: 'too_many_digits', params: { value, digits: wholeDigits } };
  const limit = `0.${'0'.repeat(-wholeDigits)}${'9'.repeat(scale + wholeDigits)}`;
  return { code: 'out_of_range', params: { value, min: `-${limit}`, max: limit } };
}
