/**
 * Finds a value between blanks: the characters that PostgreSQL skips around numbers and dates (isspace in its scanner).
 */

/** Blanks are the bytes 9 to 13 and the space. */
export function isBlank(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
}

/** Returns the position of the first byte from `start` that is not a blank, or `end`. */
export function valueStart(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && isBlank(bytes[at]!)) at++;
  return at;
}

/** Returns the position after the last byte before `end` that is not a blank, or `start`. */
export function valueEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = end;
  while (at > start && isBlank(bytes[at - 1]!)) at--;
  return at;
}

/** Returns a text without the blanks around it. */
export function trimmed(text: string): string {
  return text.replace(/^[\t-\r ]+|[\t-\r ]+$/g, '');
}
