/**
 * Finds where a value starts and ends without white space, on bytes. Same result as `String.prototype.trim` (ECMA-262:
 * WhiteSpace and LineTerminator), without making the string.
 */

/** Returns the position of the value's first byte. */
export function valueStart(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end) {
    const byte = bytes[at]!;
    if (byte > 0x20 && byte < 0x80) break;
    const width = whiteWidth(bytes, at, end);
    if (width === 0) break;
    at += width;
  }
  return at;
}

/** Returns the position after the value; `start` is the result of `valueStart`. */
export function valueEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = end;
  while (at > start) {
    const byte = bytes[at - 1]!;
    if (byte > 0x20 && byte < 0x80) break;
    if (byte < 0x80) {
      if (whiteWidth(bytes, at - 1, at) === 0) break;
      at--;
    } else if (at - 2 >= start && whiteWidth(bytes, at - 2, at) === 2) at -= 2;
    else if (at - 3 >= start && whiteWidth(bytes, at - 3, at) === 3) at -= 3;
    else break;
  }
  return at;
}

/** Returns the length in bytes of the white space character at a position; 0 if there is none. */
function whiteWidth(bytes: Uint8Array, at: number, end: number): number {
  const first = bytes[at]!;
  if (first === 0x20 || (first >= 0x09 && first <= 0x0d)) return 1;
  if (first === 0xc2) return at + 1 < end && bytes[at + 1] === 0xa0 ? 2 : 0;
  if (at + 2 >= end) return 0;
  const rest = (bytes[at + 1]! << 8) | bytes[at + 2]!;
  switch (first) {
    case 0xe1: // U+1680
      return rest === 0x9a80 ? 3 : 0;
    case 0xe2: // U+2000 to U+200A, U+2028, U+2029, U+202F, U+205F
      return (rest >= 0x8080 && rest <= 0x808a) ||
        rest === 0x80a8 ||
        rest === 0x80a9 ||
        rest === 0x80af ||
        rest === 0x819f
        ? 3
        : 0;
    case 0xe3: // U+3000
      return rest === 0x8080 ? 3 : 0;
    case 0xef: // U+FEFF
      return rest === 0xbbbf ? 3 : 0;
    default:
      return 0;
  }
}
