/** text, varchar(n) and character(n): the bytes as they are. Lengths count characters, as PostgreSQL's do in UTF-8. */
import { DOUBT, type Fault, type TypeRule } from './typeRule.js';

const SPACE = 0x20;

export const textRule: TypeRule = {
  trims: false,
  verbatim: Number.POSITIVE_INFINITY,
  judge: () => undefined,
  write: (bytes, start, end, out, at) => copyBytes(bytes, start, end, out, at),
};

/**
 * varchar(n). A longer value is rejected, also where only blanks are too many: PostgreSQL would drop those in silence.
 * @param typmod n + 4, or -1 for any length
 */
export function varcharRule(typmod: number): TypeRule {
  if (typmod < 0) return textRule;
  const longest = typmod - 4;
  return {
    trims: false,
    // A character has a byte at least.
    verbatim: longest,
    judge: (text) => judge(text, longest),
    write(bytes, start, end, out, at) {
      if (end - start > longest && characters(bytes, start, end) > longest) return DOUBT;
      return copyBytes(bytes, start, end, out, at);
    },
  };
}

/** character(n): PostgreSQL pads it with blanks, and blanks at its end do not count, so a value with some is doubted. */
export function charRule(typmod: number): TypeRule {
  const { trims, judge, write } = varcharRule(typmod);
  return {
    trims,
    judge,
    write: (bytes, start, end, out, at) =>
      bytes[end - 1] === SPACE ? DOUBT : write(bytes, start, end, out, at),
  };
}

/** Characters of valid UTF-8: bytes that do not continue one. */
function characters(bytes: Uint8Array, start: number, end: number): number {
  let count = 0;
  for (let at = start; at < end; at++) if ((bytes[at]! & 0xc0) !== 0x80) count++;
  return count;
}

function judge(text: string, max: number): Fault | undefined {
  const { length } = [...text];
  return length <= max ? undefined : { code: 'too_long', params: { length, max } };
}

/** Short values byte by byte: `set` makes an object for each call, which costs more. */
export function copyBytes(bytes: Uint8Array, start: number, end: number, out: DataView, at: number): number {
  let to = at;
  for (let from = start; from < end; from++) out.setUint8(to++, bytes[from]!);
  return to;
}
