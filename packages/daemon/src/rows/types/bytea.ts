/**
 * The rule of bytea: hex format, `\x` and pairs of digits (PostgreSQL manual, section 8.4). PostgreSQL would store the
 * letters of any other text: `deadbeef` as eight bytes.
 */
import { hexDigit } from './hex.js';
import { DOUBT, type TypeRule } from './typeRule.js';

const BACKSLASH = 0x5c;
const X = 0x78;

export const byteaRule: TypeRule = {
  trims: true,
  judge: (value) =>
    /^\\x(?:[0-9a-fA-F]{2})*$/.test(value) ? undefined : { code: 'not_bytes', params: { value } },
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
