// Numbers of up to 19 digits: the rules of src/rows/types/integer.ts.

const MINUS: u32 = 0x2d;
const PLUS: u32 = 0x2b;
const ZERO: u32 = 0x30;
/** Any number of 19 digits fits into 64 bits without a sign; with more, it is in doubt. */
const MOST_DIGITS: u32 = 19;

/** The last number read. */
export let number: i64 = 0;

/** Reads digits into `number`; false if there are none, too many, other characters, or if the number is too large. */
export function digits(start: u32, end: u32): bool {
  if (end <= start || end - start > MOST_DIGITS) return false;
  let value: u64 = 0;
  for (let at = start; at < end; at++) {
    const digit = <u32>load<u8>(at) - ZERO;
    if (digit > 9) return false;
    value = value * 10 + digit;
  }
  if (value > <u64>i64.MAX_VALUE) return false;
  number = value;
  return true;
}

/** Reads digits after an optional sign into `number`; false also if they are more than `largest`. */
export function integer(start: u32, end: u32, largest: i64): bool {
  const first = <u32>load<u8>(start);
  const signed = first === MINUS || first === PLUS ? 1 : 0;
  if (!digits(start + signed, end) || number > largest) return false;
  if (first === MINUS) number = -number;
  return true;
}
