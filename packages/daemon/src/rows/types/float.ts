/**
 * The rules of float4 and float8. They write numbers that come back as they were written: plain decimals with few digits, and
 * floats as programs write them. The kernel reads most of them (kernel/float.ts). One exact multiplication or division makes a
 * double of up to 15 digits and a power of ten up to 22 (Clinger, "How to read floating point numbers accurately", 1990). For a
 * decimal with at most 7 digits, the float4 is the nearest float to that double.
 */
import { decimalOf } from './decimal.js';
import { FLOAT_NAMES, type FloatName, type FloatSize, isWrittenAs, roundingType } from './floatText.js';
import { FLOAT4, FLOAT8 } from './kernelKinds.js';
import { nearestReal } from './nearestReal.js';
import { shortText } from './shortText.js';
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
    kernel: { kind: size === 8 ? FLOAT8 : FLOAT4 },
    rounds: (text) => rounding(text, size),
    write(bytes, start, end, out, at) {
      const first = bytes[start];
      let number = 0;
      let count = 0;
      let decimals = -1;
      for (let from = first === MINUS || first === PLUS ? start + 1 : start; from < end; from++) {
        const byte = bytes[from]!;
        if (byte === DOT && decimals < 0) {
          decimals = 0;
          continue;
        }
        if (!isDigit(byte)) return writeLong(bytes, start, end, out, at, size);
        number = number * 10 + byte - ZERO;
        count++;
        if (decimals >= 0) decimals++;
      }
      if (count === 0 || count > mostDigits) return writeLong(bytes, start, end, out, at, size);
      return put((first === MINUS ? -1 : 1) * (number / POWERS[Math.max(0, decimals)]!), out, at, size);
    },
  };
}

/** Longer texts than this, which programs do not write, are in doubt. */
const LONGEST = 32;

/** Writes a number with more digits or with an exponent if it comes back as it was written; others are in doubt. */
function writeLong(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: DataView,
  at: number,
  size: FloatSize,
): number {
  if (end - start > LONGEST) return DOUBT;
  const text = shortText(bytes, start, end);
  if (judge(text, size)) return DOUBT;
  return rounding(text, size) ? DOUBT : put(storedNumber(text, size), out, at, size);
}

function put(value: number, out: DataView, at: number, size: FloatSize): number {
  if (size === 8) out.setFloat64(at, value);
  else out.setFloat32(at, value);
  return at + size;
}

function rounding(text: string, size: FloatSize): FloatName | undefined {
  const number = storedNumber(text, size);
  // As programs write most of them: 1.5 µs less than with the digits apart.
  if (size === 8 && isWrittenAs(text, number)) return undefined;
  const decimal = decimalOf(text);
  return decimal && roundingType(decimal, number, size);
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
  return size === 8 ? Number(text) : nearestReal(text);
}
