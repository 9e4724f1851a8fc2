// The words that PostgreSQL accepts for true and false: the rules of src/rows/types/boolean.ts.

const MOST: u32 = 5;
const A: u32 = 0x41;
const Z: u32 = 0x5a;
const TO_LOWER: u32 = 0x20;

/** Returns 1 or 0, or -1 for anything else. */
export function booleanOf(start: u32, end: u32): i32 {
  if (end - start > MOST) return -1;
  let letters: u64 = 0;
  for (let at = start; at < end; at++) {
    const byte = <u32>load<u8>(at);
    letters = (letters << 8) | <u64>(byte >= A && byte <= Z ? byte + TO_LOWER : byte);
  }
  // In the order of how often files have them; each word as the number that its letters make.
  if (letters === 0x74 || letters === 0x31 || letters === 0x7472_7565) return 1; // t, 1, true
  if (letters === 0x66 || letters === 0x30 || letters === 0x66_616c_7365) return 0; // f, 0, false
  if (letters === 0x79 || letters === 0x79_6573 || letters === 0x6f6e) return 1; // y, yes, on
  if (letters === 0x6e || letters === 0x6e6f || letters === 0x6f_6666) return 0; // n, no, off
  return -1;
}
