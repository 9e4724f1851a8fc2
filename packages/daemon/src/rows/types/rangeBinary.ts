/**
 * Writes literals of ranges in the format of range_recv (src/backend/utils/adt/rangetypes.c): those without blanks around the
 * bounds and without backslashes, as PostgreSQL prints them. The others are in doubt, and so are bounds of which the lower
 * one may be above the upper one.
 */
import { shortText } from './shortText.js';
import { DOUBT, MOST_GROWTH, type TypeRule } from './typeRule.js';

/** How the bytes of bounds are compared: as integers with a sign, of this size; or as numbers, by their texts. */
export type BoundKind = 'int4' | 'int8' | 'text';

const LENGTH_BYTES = 4;
const LOWER_INCLUSIVE = 0x02;
const UPPER_INCLUSIVE = 0x04;
const LOWER_INFINITE = 0x08;
const UPPER_INFINITE = 0x10;
/** Ranges of integers that include this bound would need the next number. */
const MOST_INT = 0x7fffffff;

const SPACE = 0x20;
const QUOTE = 0x22;
const OPEN = 0x28;
const CLOSE = 0x29;
const COMMA = 0x2c;
const OPEN_INCLUSIVE = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_INCLUSIVE = 0x5d;

/** Where a bound is in a literal; without quotes. */
interface Bound {
  start: number;
  end: number;
  /** The position behind it and its quotes. */
  next: number;
}
const lower: Bound = { start: 0, end: 0, next: 0 };
const upper: Bound = { start: 0, end: 0, next: 0 };

export function rangeWriter(
  bound: TypeRule,
  kind: BoundKind,
): Required<Pick<TypeRule, 'write' | 'growth' | 'writesUsual'>> {
  return {
    writesUsual: true,
    growth: 1 + 2 * (LENGTH_BYTES + (bound.growth ?? MOST_GROWTH)),
    write(bytes, start, end, out, at) {
      const last = end - 1;
      const [first, close] = [bytes[start], bytes[last]];
      if (first !== OPEN && first !== OPEN_INCLUSIVE) return DOUBT;
      if (close !== CLOSE && close !== CLOSE_INCLUSIVE) return DOUBT;
      if (!findBound(bytes, start + 1, last, lower) || bytes[lower.next] !== COMMA) return DOUBT;
      if (!findBound(bytes, lower.next + 1, last, upper) || upper.next !== last) return DOUBT;
      const lowerTo = writeBound(bound, bytes, lower, out, at + 1);
      if (lowerTo < 0) return DOUBT;
      const upperTo = writeBound(bound, bytes, upper, out, lowerTo);
      if (upperTo < 0) return DOUBT;
      const [noLower, noUpper] = [lowerTo === at + 1, upperTo === lowerTo];
      if (kind === 'int4' || kind === 'int8') {
        if (!noLower && out.getInt32(at + 1 + LENGTH_BYTES) === MOST_INT) return DOUBT;
        if (!noUpper && out.getInt32(lowerTo + LENGTH_BYTES) === MOST_INT) return DOUBT;
      }
      if (!noLower && !noUpper && !isInOrder(kind, bytes, out, at + 1 + LENGTH_BYTES, lowerTo + LENGTH_BYTES))
        return DOUBT;
      out.setUint8(
        at,
        (noLower ? LOWER_INFINITE : first === OPEN_INCLUSIVE ? LOWER_INCLUSIVE : 0) |
          (noUpper ? UPPER_INFINITE : close === CLOSE_INCLUSIVE ? UPPER_INCLUSIVE : 0),
      );
      return upperTo;
    },
  };
}

/** Finds a bound that ends before a comma or at `last`; false if it is not written in the usual way. */
function findBound(bytes: Uint8Array, start: number, last: number, found: Bound): boolean {
  const isQuoted = bytes[start] === QUOTE;
  found.start = isQuoted ? start + 1 : start;
  let at = found.start;
  for (; at < last; at++) {
    const byte = bytes[at]!;
    if (isQuoted ? byte === QUOTE : byte === COMMA) break;
    if (byte === BACKSLASH || byte === QUOTE || byte < SPACE) return false;
  }
  if (isQuoted && (at === last || at === found.start)) return false;
  found.end = at;
  found.next = isQuoted ? at + 1 : at;
  return bytes[found.start] !== SPACE && bytes[at - 1] !== SPACE;
}

/** Returns where the bound ends in `out`: at its beginning if there is none. */
function writeBound(
  rule: TypeRule,
  bytes: Uint8Array,
  { start, end }: Bound,
  out: DataView,
  at: number,
): number {
  if (start === end) return at;
  const to = rule.write(bytes, start, end, out, at + LENGTH_BYTES);
  if (to >= 0) out.setInt32(at, to - at - LENGTH_BYTES);
  return to;
}

function isInOrder(kind: BoundKind, bytes: Uint8Array, out: DataView, low: number, high: number): boolean {
  if (kind === 'text') return numberAt(bytes, lower) < numberAt(bytes, upper);
  const [first, second] = [out.getInt32(low), out.getInt32(high)];
  if (kind === 'int4' || first !== second) return first <= second;
  return out.getUint32(low + 4) <= out.getUint32(high + 4);
}

const numberAt = (bytes: Uint8Array, { start, end }: Bound) => Number(shortText(bytes, start, end));
