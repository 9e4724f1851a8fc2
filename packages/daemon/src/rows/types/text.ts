/**
 * The rules of text, varchar(n) and character(n): unchanged bytes. Lengths are in characters, as in PostgreSQL with
 * UTF-8.
 */
import { CHAR } from './kernelKinds.js';
import { DOUBT, type Fault, type TypeRule } from './typeRule.js';

const SPACE = 0x20;

export const textRule: TypeRule = {
  trims: false,
  verbatim: Number.POSITIVE_INFINITY,
  judge: () => undefined,
  write: (bytes, start, end, out, at) => copyBytes(bytes, start, end, out, at),
};

/**
 * The rule of varchar(n). Rejects longer values, even if only trailing blanks are too many, which PostgreSQL would
 * silently drop.
 * @param typmod n + 4, or -1 for any length
 */
export function varcharRule(typmod: number): TypeRule {
  if (typmod < 0) return textRule;
  const longest = typmod - 4;
  return {
    trims: false,
    // A character has at least one byte.
    verbatim: longest,
    judge: (text) => judge(text, longest),
    write(bytes, start, end, out, at) {
      if (end - start > longest && characters(bytes, start, end) > longest) return DOUBT;
      return copyBytes(bytes, start, end, out, at);
    },
  };
}

/**
 * The rule of character(n): PostgreSQL pads it with blanks and ignores trailing ones, so a value with some is in doubt.
 */
export function charRule(typmod: number): TypeRule {
  const { trims, judge, write, verbatim = 0 } = varcharRule(typmod);
  return {
    trims,
    kernel: { kind: CHAR, limit: verbatim },
    judge,
    write: (bytes, start, end, out, at) =>
      bytes[end - 1] === SPACE ? DOUBT : write(bytes, start, end, out, at),
  };
}

/** Counts the characters of valid UTF-8: all bytes that are not continuation bytes. */
function characters(bytes: Uint8Array, start: number, end: number): number {
  let count = 0;
  for (let at = start; at < end; at++) if ((bytes[at]! & 0xc0) !== 0x80) count++;
  return count;
}

function judge(text: string, max: number): Fault | undefined {
  const { length } = [...text];
  return length <= max ? undefined : { code: 'too_long', params: { length, max } };
}

/** Copies a short value byte by byte: `set` creates an object for each call, which costs more. */
export function copyBytes(bytes: Uint8Array, start: number, end: number, out: DataView, at: number): number {
  let to = at;
  for (let from = start; from < end; from++) out.setUint8(to++, bytes[from]!);
  return to;
}
