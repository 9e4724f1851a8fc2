/** Converts an encoding to UTF-8. */

/**
 * Marks input that cannot be decoded: a byte that the encoding does not define, half a surrogate pair, half a code unit
 * at the end. 0xFF never occurs in UTF-8 (RFC 3629), so its record is rejected as invalid and nothing is changed
 * silently; U+FFFD would be loaded like text.
 */
export const UNREADABLE = 0xff;

/** The output does not depend on where chunks end. It may be the chunk itself, but never memory that is reused. */
export interface Transcoder {
  write(chunk: Uint8Array): Uint8Array;
  end(): Uint8Array;
}
