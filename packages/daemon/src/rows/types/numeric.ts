/**
 * numeric, with or without precision and scale: groups of four decimal digits (numeric_recv in src/backend/utils/adt/
 * numeric.c). NaN and Infinity are no numbers here, and what PostgreSQL would round is rejected.
 */
import { decimalOf } from './decimal.js';
import { DOUBT, type Fault, isDigit, type TypeRule } from './typeRule.js';

const PLUS = 0x2b;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const NEGATIVE = 0x4000;
/** More digits than this are rare, and PostgreSQL's own limits lie far above. */
const MOST_DIGITS = 200;

/** PostgreSQL manual, section 8.1.2: the most digits before and behind the point of any numeric. */
const LIMITS = { whole: 131_072, decimals: 16_383 };

/** @param typmod as in pg_attribute: precision and scale; -1 where there are none */
export function numericRule(typmod: number): TypeRule {
  const limited = typmod >= 4;
  const precision = limited ? ((typmod - 4) >> 16) & 0xffff : MOST_DIGITS;
  // Eleven bits with a sign (numeric.c, numeric_typmod_scale): a negative scale rounds before the point.
  const scale = limited ? (((typmod - 4) & 0x7ff) ^ 1024) - 1024 : MOST_DIGITS;
  const wholeDigits = limited ? precision - scale : MOST_DIGITS;
  return {
    trims: true,
    judge: (text) => (limited ? judge(text, wholeDigits, scale) : judge(text, LIMITS.whole, LIMITS.decimals)),
    write(bytes, start, end, out, at) {
      if (scale < 0 || end - start > MOST_DIGITS) return DOUBT;
      let from = start;
      const sign = bytes[from]! === MINUS ? NEGATIVE : 0;
      if (sign !== 0 || bytes[from]! === PLUS) from++;
      // `.5` and `5.` are numbers, `.` is none.
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
      return writeGroups(bytes, from, point, kept, sign, out, at);
    },
  };
}

function onlyZeros(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (bytes[at] !== ZERO) return false;
  return true;
}

/** The number whose whole part stands at `from` to `point`, with `decimals` digits behind the point after it. */
function writeGroups(
  bytes: Uint8Array,
  from: number,
  point: number,
  decimals: number,
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
    // Digits are numbered from the point: those before it below 0, the first behind it 0.
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
  out.setUint16(at + 6, decimals);
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
