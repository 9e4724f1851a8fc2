/**
 * The rules of float4 and float8: plain decimals with few digits, which do not depend on how they are rounded, and doubles as
 * programs write them. One exact multiplication or division makes a double of up to 15 digits and a power of ten up to 22 (Clinger,
 * "How to read floating point numbers accurately", 1990). For a decimal with at most 7 digits, the float4 is the
 * nearest float to that double.
 */
import { decimalOf } from './decimal.js';
import { FLOAT_NAMES, type FloatSize, isWrittenAs, roundingType } from './floatText.js';
import { DOUBT, type Fault, isDigit, type TypeRule } from './typeRule.js';

const PLUS = 0x2b;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const POWERS = Array.from({ length: 23 }, (_, exponent) => 10 ** exponent);

export function floatRule(size: FloatSize): TypeRule {
  const mostDigits = size === 8 ? 15 : 7;
  return {
    trims: true,
    judge: (text) => judge(text, size),
    rounds(text) {
      const number = storedNumber(text, size);
      // As programs write most of them: 1.5 µs less than with the digits apart.
      if (size === 8 && isWrittenAs(text, number)) return undefined;
      const decimal = decimalOf(text);
      return decimal && roundingType(decimal, number, size);
    },
    write(bytes, start, end, out, at) {
      const first = bytes[start];
      let number = 0;
      let count = 0;
      let decimals = -1;
      for (let from = first === MINUS || first === PLUS ? start + 1 : start; from < end; from++) {
        const byte = bytes[from]!;
        if (byte === DOT) {
          if (decimals >= 0) return DOUBT;
          decimals = 0;
          continue;
        }
        if (!isDigit(byte)) return DOUBT;
        number = number * 10 + byte - ZERO;
        count++;
        if (decimals >= 0) decimals++;
      }
      if (count > mostDigits && size === 8) return writeLong(bytes, start, end, out, at);
      if (count === 0 || count > mostDigits) return DOUBT;
      const value = (first === MINUS ? -1 : 1) * (number / POWERS[Math.max(0, decimals)]!);
      if (size === 8) out.setFloat64(at, value);
      else out.setFloat32(at, value);
      return at + size;
    },
  };
}

/** The longest text of a double without an exponent: a minus, `0.00000` and 17 digits. */
const LONGEST = 25;

/** Writes a double with 16 or 17 digits, as most programs write it; others, which may be rounded, are in doubt. */
function writeLong(bytes: Uint8Array, start: number, end: number, out: DataView, at: number): number {
  if (end - start > LONGEST) return DOUBT;
  let text = '';
  for (let each = start; each < end; each++) text += String.fromCharCode(bytes[each]!);
  const value = Number(text);
  if (!isWrittenAs(text, value)) return DOUBT;
  out.setFloat64(at, value);
  return at + 8;
}

/**
 * Judges a number. Like PostgreSQL, refuses numbers too large for the type, or so small that they would become zero.
 */
function judge(value: string, size: FloatSize): Fault | undefined {
  const decimal = decimalOf(value);
  if (!decimal) return { code: 'not_a_number', params: { value } };
  const number = storedNumber(value, size);
  if (number === 0 && decimal.digits !== '')
    return { code: 'out_of_range', params: { value, nearZero: FLOAT_NAMES[size] } };
  const max = size === 8 ? '1.7976931348623157e308' : '3.4028235e38';
  return Number.isFinite(number)
    ? undefined
    : { code: 'out_of_range', params: { value, min: `-${max}`, max } };
}

/** Returns what the type stores for a number. */
function storedNumber(text: string, size: FloatSize): number {
  return size === 8 ? Number(text) : Math.fround(Number(text));
}
