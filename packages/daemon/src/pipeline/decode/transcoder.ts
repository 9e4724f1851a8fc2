/** What reads an encoding: bytes in, UTF-8 out. */

/**
 * Stands in the output for what the encoding cannot read: a byte that it does not define, half a surrogate pair,
 * half a code unit at the end. 0xFF never occurs in UTF-8 (RFC 3629), so the record that has it is rejected as
 * invalid and nothing is changed without a word; U+FFFD would have been loaded as if it were text.
 */
export const UNREADABLE = 0xff;

/** Same bytes out however the chunks are cut. What is returned may be the chunk itself, never memory used again. */
export interface Transcoder {
  write(chunk: Uint8Array): Uint8Array;
  end(): Uint8Array;
}
