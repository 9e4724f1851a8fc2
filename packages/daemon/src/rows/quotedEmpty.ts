/** Empty fields with quotes, which a file can use for an empty text: PostgreSQL's COPY writes NULL as an empty field without them. */

const QUOTE = 0x22;

/**
 * Whether a field is empty and has quotes in the file: the byte before it is a quote then, whatever the dialect's quote is. The
 * parsers see to that, also where they copy fields (`Fields`).
 */
export function isQuotedEmpty(bytes: Uint8Array, start: number, end: number): boolean {
  return start === end && bytes[start - 1] === QUOTE;
}
