/**
 * Whether a float comes back as it was written: PostgreSQL prints the shortest text that is nearer to the stored value than to
 * any other one (manual, section 8.1.3), and of these the nearest. Exact, with integers: a text halfway between two values does
 * not come back, although it is read (1e23 becomes 9.999999999999999e+22).
 */
import { type Decimal, decimalOf } from './decimal.js';

export const FLOAT_NAMES = { 4: 'real', 8: 'double precision' } as const;

/** The bits of a number, the exponent of the smallest, and the most digits that PostgreSQL prints. */
const TYPES = {
  4: { bits: 24, smallest: -149, mostPrinted: 9 },
  8: { bits: 53, smallest: -1074, mostPrinted: 17 },
} as const;

/** No value has more digits (2^-1074 times an odd number of 53 bits). */
const MOST_DIGITS = 767;

export type FloatSize = keyof typeof FLOAT_NAMES;
export type FloatName = (typeof FLOAT_NAMES)[FloatSize];

/**
 * Returns the type that rounds a number; undefined if its value is stored exactly, or comes back as it was written.
 * @param value what the type stores for it: a finite number
 */
export function roundingType(decimal: Decimal, value: number, size: FloatSize): FloatName | undefined {
  const { digits, exponent } = decimal;
  if (digits === '') return undefined;
  // It cannot come back, and is not stored exactly: a sum of halves, quarters and so on ends with 5. The exact way takes 15 µs.
  if (digits.length > TYPES[size].mostPrinted && exponent < 0 && !digits.endsWith('5'))
    return FLOAT_NAMES[size];
  if (size === 8 && isShortest(decimal, value)) return undefined;
  const fits =
    digits.length <= MOST_DIGITS && comesBack(BigInt(digits), exponent, Math.abs(value), TYPES[size]);
  return fits ? undefined : FLOAT_NAMES[size];
}

/** Whether JavaScript, and so PostgreSQL, writes a double with this text: 16 or 17 digits, as other programs do. */
export function isWrittenAs(text: string, value: number): boolean {
  return Math.abs(value) <= Number.MAX_SAFE_INTEGER && String(value) === text;
}

/**
 * Whether JavaScript, and so PostgreSQL, writes a number with these digits: quick, for the usual case. Above 2^53, JavaScript may
 * write a number halfway between two values.
 */
function isShortest({ digits, exponent }: Decimal, value: number): boolean {
  if (Math.abs(value) > Number.MAX_SAFE_INTEGER) return false;
  const shortest = decimalOf(String(value));
  return shortest?.digits === digits && shortest.exponent === exponent;
}

function comesBack(
  digits: bigint,
  exponent: number,
  value: number,
  { bits, smallest }: { bits: number; smallest: number },
): boolean {
  const power = Math.max(smallest, exponentOf(value) - bits + 1);
  const mantissa = BigInt(value / 2 ** power);
  // All in one unit, of which each number has a whole count: a quarter of the step between values, or a digit's place.
  const quarter = power - 2;
  const scale = 2n ** BigInt(Math.max(0, quarter)) * 10n ** BigInt(Math.max(0, -exponent));
  const unit = 2n ** BigInt(Math.max(0, -quarter)) * 10n ** BigInt(Math.max(0, exponent));
  const stored = 4n * mantissa * scale;
  const written = digits * unit;
  if (written === stored) return true;
  // Below a power of two, values are twice as close.
  const isPower = mantissa === 2n ** BigInt(bits - 1) && power > smallest;
  const lowest = stored - (isPower ? 1n : 2n) * scale;
  const highest = stored + 2n * scale;
  const isNear = (number: bigint) => lowest < number && number < highest;
  if (!isNear(written)) return false;
  const around = (place: bigint) => {
    const below = stored - (stored % place);
    return [below, below + place].filter(isNear);
  };
  if (around(10n * unit).length > 0) return false;
  const distance = (number: bigint) => (number > stored ? number - stored : stored - number);
  const shortest = around(unit);
  return shortest.every(
    (other) =>
      distance(other) > distance(written) ||
      other === written ||
      (distance(other) === distance(written) && digits % 2n === 0n),
  );
}

/** Returns the exponent of the highest bit of a positive number. */
export function exponentOf(value: number): number {
  const exponent = Math.floor(Math.log2(value));
  if (2 ** exponent > value) return exponent - 1;
  return 2 ** (exponent + 1) <= value ? exponent + 1 : exponent;
}
