/**
 * The value that `real` stores for a number: the nearest float, by one rounding, as PostgreSQL reads it (strtof).
 * JavaScript reads a double first. Where that lies exactly between two floats, the number itself decides.
 */
import { type Decimal, decimalOf } from './decimal.js';
import { exponentOf } from './floatText.js';

/** The first power of two that `real` cannot hold; half a step below it, numbers become infinite. */
const BEYOND = 2 ** 128;

/** @param text a number that `decimalOf` reads */
export function nearestReal(text: string): number {
  const double = Number(text);
  const rounded = Math.fround(double);
  if (rounded === double) return rounded;
  const size = Math.abs(double);
  const nearest = Math.abs(rounded);
  const other = neighbour(nearest, size > nearest ? 1 : -1);
  const [low, high] = [Math.min(nearest, other), Math.max(nearest, other)];
  const end = Math.min(high, BEYOND);
  if (size >= end || size - low !== end - size) return rounded;
  const side = comparison(decimalOf(text)!, size);
  if (side === 0) return rounded;
  return Math.sign(double) * (side > 0 ? high : low);
}

const float = new Float32Array(1);
const bits = new Int32Array(float.buffer);

/** Returns the next float above (1) or below (-1) a positive one. */
function neighbour(value: number, step: 1 | -1): number {
  float[0] = value;
  bits[0]! += step;
  return float[0];
}

/** Returns whether a number is above (1), below (-1) or equal to (0) a positive double. */
function comparison({ digits, exponent }: Decimal, double: number): -1 | 0 | 1 {
  const power = exponentOf(double) - 52;
  const left = BigInt(digits) * 10n ** over(exponent) * 2n ** over(-power);
  const right = BigInt(double / 2 ** power) * 2n ** over(power) * 10n ** over(-exponent);
  if (left === right) return 0;
  return left > right ? 1 : -1;
}

const over = (exponent: number) => BigInt(Math.max(0, exponent));
