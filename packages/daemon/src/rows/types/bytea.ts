/** bytea in hex format, `\x` and pairs of digits (PostgreSQL manual, section 8.4); the escape format is doubted. */
import { hexDigit } from './hex.js';
import { DOUBT, type ValueWriter } from './valueWriter.js';

const BACKSLASH = 0x5c;
const X = 0x78;

export const byteaWriter: ValueWriter = {
  write(bytes, start, end, out, at) {
    if (bytes[start] !== BACKSLASH || bytes[start + 1] !== X || end - start < 2 || (end - start) % 2 !== 0)
      return DOUBT;
    let to = at;
    for (let from = start + 2; from < end; from += 2) {
      const value = hexDigit(bytes[from]!) * 16 + hexDigit(bytes[from + 1]!);
      if (value < 0) return DOUBT;
      out.setUint8(to++, value);
    }
    return to;
  },
};
