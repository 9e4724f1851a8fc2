// The usual form of a uuid, 8-4-4-4-12: the rules of src/rows/types/uuid.ts.

const HYPHEN: u32 = 0x2d;
const LENGTH: u32 = 36;
const NO_DIGIT: u32 = 0x100;

function hexDigit(at: u32): u32 {
  const byte = <u32>load<u8>(at);
  const digit = byte - 0x30;
  if (digit <= 9) return digit;
  const letter = (byte | 0x20) - 0x61;
  return letter <= 5 ? letter + 10 : NO_DIGIT;
}

/** Writes its 16 bytes; false for any other form. */
export function writeUuid(start: u32, end: u32, to: u32): bool {
  if (end - start !== LENGTH) return false;
  let from = start;
  for (let byte: u32 = 0; byte < 16; byte++) {
    if (byte === 4 || byte === 6 || byte === 8 || byte === 10) {
      if (<u32>load<u8>(from) !== HYPHEN) return false;
      from++;
    }
    const value = (hexDigit(from) << 4) | hexDigit(from + 1);
    if (value > 0xff) return false;
    store<u8>(to + byte, value);
    from += 2;
  }
  return true;
}
