/**
 * The rules of int2, int4 and int8: an optional sign and digits. Refuses `1_000` and `0x1F`, which PostgreSQL 16
 * accepts.
 */
import { INT2, INT4, INT8 } from './kernelKinds.js';
import { DOUBT, digits, type Fault, type TypeRule } from './typeRule.js';

const PLUS = 0x2b;
const MINUS = 0x2d;

/** The largest int8. The smallest one is left to PostgreSQL. */
const LARGEST = 2n ** 63n - 1n;

/** Returns the rule of int2 or int4, given its size in bytes. */
export function integerRule(size: 2 | 4): TypeRule {
  const largest = 2 ** (8 * size - 1) - 1;
  return {
    trims: true,
    kernel: { kind: size === 2 ? INT2 : INT4 },
    judge: (text) => judge(text, size),
    write(bytes, start, end, out, at) {
      const first = bytes[start]!;
      const signed = first === MINUS || first === PLUS ? 1 : 0;
      const number = digits(bytes, start + signed, end);
      if (number === DOUBT || number > largest) return DOUBT;
      const value = first === MINUS ? -number : number;
      if (size === 2) out.setInt16(at, value);
      else out.setInt32(at, value);
      return at + size;
    },
  };
}

/** The rule of int8. Its digits may not fit in a double, so long numbers are read in two parts. */
export const bigintRule: TypeRule = {
  trims: true,
  kernel: { kind: INT8 },
  judge: (text) => judge(text, 8),
  write(bytes, start, end, out, at) {
    const first = bytes[start]!;
    const signed = first === MINUS || first === PLUS ? 1 : 0;
    const from = start + signed;
    if (end - from <= 15) {
      const number = digits(bytes, from, end);
      if (number === DOUBT) return DOUBT;
      const value = first === MINUS ? -number : number;
      const high = Math.floor(value / 2 ** 32);
      out.setInt32(at, high);
      out.setUint32(at + 4, value - high * 2 ** 32);
      return at + 8;
    }
    // IDs that many services make have 18 or 19 digits. Longer numbers can only be right with leading zeros.
    if (end - from > 19) return DOUBT;
    const upper = digits(bytes, from, end - 9);
    const lower = digits(bytes, end - 9, end);
    if (upper === DOUBT || lower === DOUBT) return DOUBT;
    const value = BigInt(upper) * 1_000_000_000n + BigInt(lower);
    if (value > LARGEST) return DOUBT;
    out.setBigInt64(at, first === MINUS ? -value : value);
    return at + 8;
  },
};

function judge(value: string, size: 2 | 4 | 8): Fault | undefined {
  if (!/^[+-]?\d+$/.test(value)) return { code: 'not_an_integer', params: { value } };
  const limit = 2n ** BigInt(8 * size - 1);
  const number = BigInt(value.replace(/^\+/, ''));
  if (number >= -limit && number < limit) return undefined;
  return { code: 'out_of_range', params: { value, min: String(-limit), max: String(limit - 1n) } };
}
