// Decimal numbers as float4 and float8: those that come back as they were written (src/rows/types/floatText.ts), with at most 19
// digits and 25 decimals. All in whole numbers: a number with d decimals and the float m * 2^e next to it are both multiples of
// 2^e / 5^d / 2^(d + e), so the distance between them is exact, and small enough for 64 bits.

const PLUS: u32 = 0x2b;
const MINUS: u32 = 0x2d;
const DOT: u32 = 0x2e;
const ZERO: u32 = 0x30;
/** With the bit that makes a letter small. */
const E: u32 = 0x65;
const SMALL: u32 = 0x20;

const MOST_DIGITS: u32 = 19;
const MOST_DECIMALS: i32 = 25;
const MOST_EXPONENT_DIGITS: u32 = 3;
/** Powers of ten up to here are exact as doubles. */
const MOST_EXACT: i32 = 22;
/** Below, decimal numbers are farther apart than doubles, so each comes back. */
const FEW: u64 = 1 << 52;
/** Ten times 2 to this power, twice, is still below 2^63. */
const MOST_SHIFT: i32 = 58;
const TENS = memory.data<f64>([
  1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
  1e20, 1e21, 1e22, 1e23, 1e24, 1e25,
]);
/** Half as many: the others are products of two. */
const FIVES = memory.data<i64>([
  1, 5, 25, 125, 625, 3_125, 15_625, 78_125, 390_625, 1_953_125, 9_765_625, 48_828_125, 244_140_625,
  1_220_703_125,
]);

/** The last number read. */
export let float: f64 = 0;

/** The digits of the last text as a whole number, and how many of them are decimals. */
let whole: u64 = 0;
let decimals: i32 = 0;

/**
 * Reads a number into `float`. Returns false for one that only its rule can judge.
 * @param bits of the type's values: 24 or 53
 */
export function readFloat(start: u32, end: u32, bits: u32): bool {
  const first = <u32>load<u8>(start);
  if (!readDecimal(first === MINUS || first === PLUS ? start + 1 : start, end)) return false;
  if (whole === 0) float = 0;
  else if (bits === 53 && whole < FEW && decimals >= 0 && decimals <= MOST_EXACT)
    float = <f64>whole / load<f64>(TENS + (decimals << 3));
  else if (!readExactly(bits)) return false;
  if (first === MINUS) float = -float;
  return true;
}

/** Reads `12.5` or `1.25e+01` into `whole` and `decimals`. */
function readDecimal(start: u32, end: u32): bool {
  let digits: u32 = 0;
  let point: u32 = 0;
  let at = start;
  whole = 0;
  for (; at < end; at++) {
    const byte = <u32>load<u8>(at);
    const digit = byte - ZERO;
    if (digit <= 9) {
      if ((whole !== 0 || digit !== 0) && ++digits > MOST_DIGITS) return false;
      whole = whole * 10 + digit;
    } else if (byte === DOT && point === 0) point = at + 1;
    else break;
  }
  // There are digits, not only a point.
  if (at - start === (point === 0 ? 0 : 1)) return false;
  decimals = point === 0 ? 0 : <i32>(at - point);
  return at === end || readExponent(at, end);
}

function readExponent(start: u32, end: u32): bool {
  if ((<u32>load<u8>(start) | SMALL) !== E) return false;
  let at = start + 1;
  const sign = at < end ? <u32>load<u8>(at) : 0;
  if (sign === MINUS || sign === PLUS) at++;
  if (at >= end || end - at > MOST_EXPONENT_DIGITS) return false;
  let exponent: i32 = 0;
  for (; at < end; at++) {
    const digit = <u32>load<u8>(at) - ZERO;
    if (digit > 9) return false;
    exponent = exponent * 10 + <i32>digit;
  }
  decimals += sign === MINUS ? exponent : -exponent;
  for (; decimals < 0; decimals++) {
    if (whole >= FEW) return false;
    whole *= 10;
  }
  return true;
}

/** Finds the value next to the number, and whether PostgreSQL prints it with the same digits. */
function readExactly(bits: u32): bool {
  for (; decimals > 0 && whole % 10 === 0; whole /= 10) decimals--;
  if (decimals > MOST_DECIMALS) return false;
  // At most a few steps away from the value.
  const near = reinterpret<u64>(<f64>whole / load<f64>(TENS + (decimals << 3)));
  const power = <i32>(near >> 52) - 1022 - <i32>bits;
  let mantissa = <i64>((near & (FEW - 1)) | FEW) >> (53 - bits);
  const shift = -(power + decimals);
  if (shift < 0 || shift > MOST_SHIFT) return false;
  const half = decimals >> 1;
  const step = load<i64>(FIVES + (half << 3)) * load<i64>(FIVES + ((decimals - half) << 3));
  const unit = (<i64>1) << shift;
  // Both products may be too large for 64 bits. Their difference is not, so it is right.
  let above = <i64>whole * unit - mantissa * step;
  for (; 2 * above > step; above -= step) mantissa++;
  for (; 2 * above < -step; above += step) mantissa--;
  if (above !== 0) {
    // Below a power of two, values are closer together.
    const lowest = (<i64>1) << (bits - 1);
    if (mantissa <= lowest || mantissa >= 2 * lowest || !isShortest(above, unit, step)) return false;
  }
  float = <f64>mantissa * reinterpret<f64>((<u64>(power + 1023)) << 52);
  return true;
}

/**
 * Whether no number with fewer digits is nearer to the value than half a step, and none with as many digits is nearer than `whole`.
 * @param above how far `whole` is above the value
 * @param unit the distance between decimal numbers
 * @param step the distance between values
 */
function isShortest(above: i64, unit: i64, step: i64): bool {
  if (2 * abs(above) >= unit) return false;
  const last = <i64>(whole % 10);
  return 2 * abs(above - last * unit) > step && 2 * abs(above + (10 - last) * unit) > step;
}
