/**
 * Writes literals of arrays in the format of array_recv (src/backend/utils/adt/arrayfuncs.c): those with one dimension, few items, no
 * blanks outside of quotes and no backslashes, as PostgreSQL writes most of them. The others are in doubt.
 */
import { DOUBT, MOST_GROWTH, type TypeRule } from './typeRule.js';

/** The oids of types (pg_type.dat): array_recv compares that of the items. */
const OIDS: Record<string, number> = {
  ...{ bool: 16, int8: 20, int2: 21, int4: 23, text: 25, varchar: 1043, numeric: 1700, uuid: 2950 },
  ...{ float4: 700, float8: 701, date: 1082, timestamp: 1114, timestamptz: 1184 },
};

/** A row has room for as many, so with more the memory of all rows would grow. */
const MOST_ITEMS = 32;
const LENGTH_BYTES = 4;
/** Number of dimensions, whether there are NULLs, the oid; and of a dimension, its size and lower bound. */
const EMPTY_BYTES = 12;
const HEADER_BYTES = 20;
const NULL = -1;

const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPEN = 0x7b;
const CLOSE = 0x7d;
/** With the bit that makes letters small. */
const NULL_WORD = [0x6e, 0x75, 0x6c, 0x6c];
const SMALL = 0x20;

/**
 * Returns how to write arrays of a type; undefined for a type that PostgreSQL alone reads.
 * @param name of the items' type in pg_type
 */
export function arrayWriter(
  name: string,
  item: TypeRule,
): Required<Pick<TypeRule, 'write' | 'growth'>> | undefined {
  const oid = OIDS[name];
  if (oid === undefined) return undefined;
  const growth = HEADER_BYTES + MOST_ITEMS * (LENGTH_BYTES + (item.growth ?? MOST_GROWTH));
  return {
    growth,
    write(bytes, start, end, out, at) {
      const last = end - 1;
      if (bytes[start] !== OPEN || bytes[last] !== CLOSE || last === start) return DOUBT;
      const isEmpty = last === start + 1;
      out.setInt32(at, isEmpty ? 0 : 1);
      out.setInt32(at + 4, 0);
      out.setInt32(at + 8, oid);
      if (isEmpty) return at + EMPTY_BYTES;
      let to = at + HEADER_BYTES;
      let count = 0;
      for (let from = start + 1; ; from++) {
        if (++count > MOST_ITEMS) return DOUBT;
        const isQuoted = bytes[from] === QUOTE;
        if (isQuoted) from++;
        const itemEnd = isQuoted ? quotedEnd(bytes, from, last) : plainEnd(bytes, from, last);
        if (itemEnd === DOUBT) return DOUBT;
        if (!isQuoted && isNull(bytes, from, itemEnd)) {
          out.setInt32(at + 4, 1);
          out.setInt32(to, NULL);
          to += LENGTH_BYTES;
        } else {
          const written = writeItem(item, bytes, from, itemEnd, out, to + LENGTH_BYTES);
          if (written < 0) return DOUBT;
          out.setInt32(to, written - to - LENGTH_BYTES);
          to = written;
        }
        from = isQuoted ? itemEnd + 1 : itemEnd;
        if (from === last) break;
        if (bytes[from] !== COMMA) return DOUBT;
      }
      out.setInt32(at + 12, count);
      out.setInt32(at + 16, 1);
      return to;
    },
  };
}

/** Where an item without quotes ends; DOUBT if it is empty or has other characters than a value. */
function plainEnd(bytes: Uint8Array, start: number, last: number): number {
  let at = start;
  for (; at < last && bytes[at] !== COMMA; at++) {
    const byte = bytes[at]!;
    if (byte <= SPACE || byte === QUOTE || byte === BACKSLASH || byte === OPEN || byte === CLOSE)
      return DOUBT;
  }
  return at === start ? DOUBT : at;
}

/** The position of the quote that ends an item. */
function quotedEnd(bytes: Uint8Array, start: number, last: number): number {
  for (let at = start; at < last; at++) {
    if (bytes[at] === QUOTE) return at;
    if (bytes[at] === BACKSLASH) return DOUBT;
  }
  return DOUBT;
}

function isNull(bytes: Uint8Array, start: number, end: number): boolean {
  return (
    end - start === NULL_WORD.length && NULL_WORD.every((byte, at) => (bytes[start + at]! | SMALL) === byte)
  );
}

function writeItem(
  { verbatim, trims, write }: TypeRule,
  bytes: Uint8Array,
  start: number,
  end: number,
  out: DataView,
  at: number,
): number {
  // Only texts may be empty, and blanks are a part of them.
  if (start === end && verbatim === undefined) return DOUBT;
  if (trims && (bytes[start]! <= SPACE || bytes[end - 1]! <= SPACE)) return DOUBT;
  return write(bytes, start, end, out, at);
}
