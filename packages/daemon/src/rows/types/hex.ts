/** The value of a byte that is not a hexadecimal digit; so low that one of these makes a pair negative. */
const NO_DIGIT = -1_000;

const VALUES = new Int16Array(256).fill(NO_DIGIT);
for (const [value, digit] of [...'0123456789abcdef'].entries()) {
  VALUES[digit.charCodeAt(0)] = value;
  VALUES[digit.toUpperCase().charCodeAt(0)] = value;
}

/** Returns the value of a hexadecimal digit, given its byte; far below zero for any other byte. */
export function hexDigit(byte: number): number {
  return VALUES[byte]!;
}
